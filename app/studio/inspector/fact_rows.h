#pragma once

#include <vector>

#include <QWidget>

namespace switchyard::studio {

/// Rows "label  value", with a second value in the pin's colour where something is pinned.
class FactRows : public QWidget {
  Q_OBJECT
public:
  struct Row {
    QString label, value, pinned{}, help{};
  };
  void setRows(std::vector<Row> rows);
  QString text() const;
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;

private:
  double rowHeight() const;
  std::vector<Row> m_rows;
};

} // namespace switchyard::studio
