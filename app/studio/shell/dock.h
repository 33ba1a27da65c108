#pragma once

#include <QDockWidget>

class QHBoxLayout;
class QLabel;

namespace switchyard::studio {

/// A dock with the title bar of the design: name, muted detail, buttons of its own, float, close.
class Dock : public QDockWidget {
  Q_OBJECT
public:
  Dock(const QString& id, const QString& title, QWidget* content, QWidget* parent);
  void setDetail(const QString& detail); ///< "1 error, not read"
  void addTitleButton(QWidget* button);  ///< before float and close
  QWidget* content() const { return widget(); }

private:
  void applyTheme();
  QWidget* m_bar;
  QHBoxLayout* m_row;
  QLabel* m_title;
  QLabel* m_detail;
};

} // namespace switchyard::studio
