#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "app/studio/live/player.h"

namespace switchyard::studio {

/// What selected tokens of one trace are in another: the same positions of the sequences with the
/// same ids.
struct Counterparts {
  std::vector<TokenKey> tokens; ///< those that the other trace has
  std::optional<TokenKey> primary;
  QString lost; ///< "math-07, token 51": the primary token, if the other trace does not have it
};

/// Reads sizes and ids of both traces' sequences, no rows. primary: one of `tokens`, or nothing.
/// Errors: the readers'; Cancelled.
base::Result<Counterparts> findCounterparts(const trace::Trace& from, const trace::Trace& to,
                                            const std::vector<TokenKey>& tokens,
                                            std::optional<TokenKey> primary,
                                            const base::RunControl& control);

/// Keeps the selected tokens selected when another trace becomes the current one. GUI thread.
class CarriedSelection : public QObject {
  Q_OBJECT
public:
  CarriedSelection(Player& player, Workbench& workbench, QObject* parent);

private:
  void follow();

  Player& m_player;
  Workbench& m_workbench;
  ItemKey m_key = 0;
  std::shared_ptr<const trace::Trace> m_trace; ///< that the selected tokens are of
};

} // namespace switchyard::studio
