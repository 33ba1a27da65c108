#pragma once

#include <optional>
#include <vector>

#include <QWidget>

namespace switchyard::studio {

/// A difference with its interval, as one row of the plot.
struct IntervalRow {
  QString title; ///< "B − A, exact match"
  QString value; ///< "−3.0 points [−5.5, −1.0]"; empty: there is none
  double difference = 0, low = 0, high = 0; ///< in the plot's unit
  bool muted = false;
};

/// Differences on one axis with zero marked. A row without a value keeps its place; a widget can
/// stand in it (setPlaceholder).
class IntervalPlot : public QWidget {
  Q_OBJECT
public:
  explicit IntervalPlot(QWidget* parent = nullptr);

  void setRows(std::vector<IntervalRow> rows, const QString& unit);
  const std::vector<IntervalRow>& rows() const { return m_rows; }
  /// What stands in the axis area of a row without a value. Takes the widget.
  void setPlaceholder(int row, QWidget* widget);
  double xOf(double value) const; ///< px
  int yOf(int row) const;         ///< middle of the row, px

  QSize sizeHint() const override;

protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

private:
  void place();
  double axisLeft() const;
  double axisRight() const;

  std::vector<IntervalRow> m_rows;
  QString m_unit;
  double m_low = -1, m_high = 1, m_step = 0.5;
  int m_placeholderRow = -1;
  QWidget* m_placeholder = nullptr;
};

} // namespace switchyard::studio
