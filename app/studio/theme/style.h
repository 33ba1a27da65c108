#pragma once

#include <QProxyStyle>

namespace switchyard::studio {

class Theme;

/// Fusion with the measures of studio.md: focus ring, thin splitters with a wide grab, menus and
/// item rows of fixed height, delayed tooltips.
class StudioStyle : public QProxyStyle {
  Q_OBJECT
public:
  StudioStyle();
  int pixelMetric(PixelMetric metric, const QStyleOption* option,
                  const QWidget* widget) const override;
  /// The outline of Fusion's check boxes cannot be seen on dark: they get that of other controls.
  void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                     const QWidget* widget) const override;
  int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                QStyleHintReturn* data) const override;
};

/// What a palette cannot say: borders, paddings and radii of the standard widgets.
QString styleSheet(const Theme& theme);

} // namespace switchyard::studio
