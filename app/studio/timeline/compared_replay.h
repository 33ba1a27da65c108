#pragma once

#include "app/studio/live/player.h"

namespace switchyard::studio {

/// While one of two compared traces is replayed, reads the same sequence of the other one, so that
/// the yard can draw its strands, too (Player::other()). GUI thread.
class ComparedReplay : public QObject {
  Q_OBJECT
public:
  ComparedReplay(Player& player, Workbench& workbench, QObject* parent);

private:
  void follow();

  Player& m_player;
  Workbench& m_workbench;
  const Reel* m_asked = nullptr; ///< whose counterpart is there, or being read
  ItemKey m_other = 0;
};

} // namespace switchyard::studio
