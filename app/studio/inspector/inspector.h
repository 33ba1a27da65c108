#pragma once

#include <optional>

#include <QWidget>

#include "app/studio/inspector/expert_facts.h"
#include "app/studio/live/player.h"

class QHBoxLayout;
class QLabel;
class QPushButton;
class QToolButton;
class QVBoxLayout;

namespace switchyard::studio {

class CellCard;
class FactRows;
class LiftBars;
class RankTable;

/// Everything about the chosen cell or result, the selected token and the selected expert, with
/// where each number comes from; a pinned expert stands beside it. A lock keeps it while the
/// selection goes on.
class Inspector : public QWidget {
  Q_OBJECT
public:
  Inspector(Player& player, Workbench& workbench);

  bool isLocked() const { return m_locked; }
  void setLocked(bool locked);
  std::optional<std::int64_t> token() const { return m_token; } ///< position on the player's track
  std::optional<ExpertKey> expert() const { return m_expert; }
  /// All that is shown, as text: for tests and screen readers.
  QString text() const;

private:
  void placeLock();
  void makeToken(QVBoxLayout& column);
  void makeExpert(QVBoxLayout& column);
  void schedule();
  void refresh();
  void showToken();
  void showExpert();
  void runAnalyses();
  QString facts(const ExpertFacts& facts) const;

  Player& m_player;
  Workbench& m_workbench;
  bool m_locked = false;
  bool m_scheduled = false;
  bool m_analysing = false;
  std::optional<std::int64_t> m_token;
  std::optional<ExpertKey> m_expert, m_pin;
  ExpertFacts m_facts, m_pinFacts;

  QLabel* m_empty = nullptr;
  QLabel* m_lost = nullptr; ///< the selected token has no counterpart in this trace
  CellCard* m_cell = nullptr;
  QToolButton* m_lock = nullptr;
  QWidget* m_tokenCard = nullptr;
  QHBoxLayout* m_tokenHead = nullptr;
  QHBoxLayout* m_expertHead = nullptr;
  QLabel* m_chip = nullptr;
  QLabel* m_tokenTitle = nullptr;
  QLabel* m_tokenPhase = nullptr;
  FactRows* m_tokenFacts = nullptr;
  RankTable* m_ranks = nullptr;
  QWidget* m_expertCard = nullptr;
  QLabel* m_expertTitle = nullptr;
  QLabel* m_expertSource = nullptr;
  FactRows* m_expertFacts = nullptr;
  QLabel* m_liftTitle = nullptr;
  LiftBars* m_lifts = nullptr;
  QLabel* m_words = nullptr;
  QPushButton* m_analyse = nullptr;
  QLabel* m_provenanceTitle = nullptr;
  QLabel* m_provenance = nullptr;
  QPushButton* m_copy = nullptr;
};

} // namespace switchyard::studio
