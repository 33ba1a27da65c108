#pragma once

#include <QWidget>

class QLabel;
class QToolButton;

namespace switchyard::studio {

class Player;

/// Where a trace that plays again stands, in the place of the prompt: play, step, position, what
/// the trace has.
class ReplayRow : public QWidget {
  Q_OBJECT
public:
  explicit ReplayRow(Player& player);
  void refresh(); ///< from the player; cheap where nothing changed

private:
  void showButtons();

  Player& m_player;
  QToolButton* m_play;
  QToolButton* m_step;
  QLabel* m_position;
  QLabel* m_facts;
  bool m_playing = false; ///< what the button shows
};

} // namespace switchyard::studio
