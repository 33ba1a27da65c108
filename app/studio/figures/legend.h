#pragma once

#include <QWidget>

#include "app/studio/figures/color_domain.h"
#include "app/studio/figures/value_text.h"

namespace switchyard::studio {

/// The colour scale of a heatmap: measure and scale type, gradient, ends, centre, chance, clamp
/// signs, what no data looks like. A click (or Enter) asks for its domain to be edited.
class Legend : public QWidget {
  Q_OBJECT
public:
  explicit Legend(QWidget* parent = nullptr);

  /// `measure`: "share of fair share". noData: what the hatch means, empty if there is none.
  /// dotMeaning: "interval contains chance"; may be empty.
  void setScale(const QString& measure, const ColorDomain& domain, ValueFormat format,
                const QString& noData, const QString& dotMeaning = {});
  void clear(); ///< nothing to explain: hidden
  const ColorDomain& domain() const { return m_domain; }
  /// What the widget shows, into (0, 0) to `size`; for pages and files.
  void paintInto(QPainter& painter, const QSizeF& size) const;
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
  void domainEdited(const switchyard::studio::ColorDomain& domain);
  void domainReset();

protected:
  void paintEvent(QPaintEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

private:
  QString heading() const;
  void edit();
  QString m_measure, m_dotMeaning;
  ColorDomain m_domain;
  ValueFormat m_format = ValueFormat::Plain;
  QString m_noData;
};

} // namespace switchyard::studio
