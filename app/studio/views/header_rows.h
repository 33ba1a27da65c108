#pragma once

#include <QWidget>

class QLabel;
class QPushButton;

namespace switchyard::studio {

/// Above a figure: which tokens count ("filtered: 1 376 of 45 025 tokens"), with a button that
/// clears the filter. Hidden without a text.
class FilterRow : public QWidget {
  Q_OBJECT
public:
  explicit FilterRow(QWidget* parent = nullptr);
  void setText(const QString& text);
  QString text() const; ///< empty: hidden

Q_SIGNALS:
  void clearClicked();

private:
  QLabel* m_text;
};

/// Above a figure: what to know of it ("Preview from ...", "Only 3 documents ..."), and a button
/// that goes on after a stop. Hidden without a text.
class NoteRow : public QWidget {
  Q_OBJECT
public:
  explicit NoteRow(QWidget* parent = nullptr);
  void setNote(const QString& text, bool canContinue);
  QString text() const; ///< empty: hidden

Q_SIGNALS:
  void continueClicked();

private:
  QLabel* m_text;
  QPushButton* m_continue;
};

} // namespace switchyard::studio
