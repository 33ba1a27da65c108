#pragma once

#include <QWidget>

class QHBoxLayout;
class QLabel;

namespace switchyard::studio {

/// A figure of the live view: 26 px header (title, question in muted text, what stands at the
/// right) over its content.
class Panel : public QWidget {
  Q_OBJECT
public:
  Panel(const QString& title, const QString& question, QWidget* content);
  void setQuestion(const QString& question);
  void addHeader(QWidget* widget); ///< at the right

private:
  void applyTheme();
  QWidget* m_row;
  QHBoxLayout* m_header;
  QLabel* m_question;
};

} // namespace switchyard::studio
