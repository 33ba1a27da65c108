#pragma once

#include <memory>
#include <optional>

#include <QWidget>

#include "app/studio/steer/ab_run.h"
#include "app/studio/steer/diff_text.h"

class QLabel;
class QPushButton;

namespace switchyard::studio {

/// Whether an answer is right, where that is known.
struct AbVerdict {
  bool a = false, b = false;
  QString answer; ///< that is accepted
};

/// A and B beside each other, and how much of them differs.
class AbPanel : public QWidget {
  Q_OBJECT
public:
  explicit AbPanel(QWidget* parent = nullptr);

  void setOutcome(std::shared_ptr<const AbOutcome> outcome,
                  const std::shared_ptr<const tokenizer::Tokenizer>& tokenizer,
                  const std::optional<AbVerdict>& verdict);
  const AbOutcome* outcome() const { return m_outcome.get(); }
  /// What is under way, or why there is nothing; stands in place of the numbers.
  void setNote(const QString& note);
  QString note() const;
  /// More about B − A than these two texts: "7 of 200 problems changed."
  void setFurther(const QString& text);
  DiffText& a() { return *m_a; }
  DiffText& b() { return *m_b; }
  /// The lines that make both texts; empty: there is nothing to copy.
  void setCommandLines(const QString& lines);
  QString csv() const; ///< position, A, B, differs

Q_SIGNALS:
  void copyRequested(const QString& commandLines);

private:
  void update();
  void applyTheme();

  std::shared_ptr<const AbOutcome> m_outcome;
  std::shared_ptr<const tokenizer::Tokenizer> m_tokenizer;
  std::optional<AbVerdict> m_verdict;
  QString m_note, m_further;
  DiffText* m_a;
  DiffText* m_b;
  QLabel* m_verdictA;
  QLabel* m_verdictB;
  QLabel* m_chip;
  QLabel* m_summary;
  QPushButton* m_copy;
  QString m_lines;
};

} // namespace switchyard::studio
