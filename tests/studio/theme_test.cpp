// The look: every token, contrast as the design promises it, maps, icons.

#include <gtest/gtest.h>

#include <QImage>
#include <QPainter>
#include <QSet>
#include <QStyleOptionButton>

#include "app/studio/theme/icons.h"
#include "app/studio/theme/style.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {
namespace {

const ThemeColors& colors(Shade shade) {
  return shade == Shade::Dark ? themeTokens().dark : themeTokens().light;
}
QColor ink(Shade shade, Ink which) {
  return colors(shade).inks[static_cast<std::size_t>(which)];
}

class EachShade : public testing::TestWithParam<Shade> {};
INSTANTIATE_TEST_SUITE_P(Shades, EachShade, testing::Values(Shade::Dark, Shade::Light));

TEST(StudioStyle, EmptyCheckBoxesHaveTheOutlineOfControls) {
  const StudioStyle style;
  QStyleOptionButton box;
  box.rect = QRect(2, 2, 14, 14);
  box.state = QStyle::State_Enabled | QStyle::State_Off;
  QImage image(18, 18, QImage::Format_RGB32);
  image.fill(Theme::instance().color(Ink::Window));
  QPainter painter(&image);
  style.drawPrimitive(QStyle::PE_IndicatorCheckBox, &box, &painter, nullptr);
  painter.end();
  const QColor line = Theme::instance().color(Ink::ControlLine);
  for (const QPoint at : {QPoint(2, 8), QPoint(15, 8), QPoint(8, 2), QPoint(8, 15)})
    EXPECT_EQ(image.pixelColor(at).name(), line.name()) << at.x() << ' ' << at.y();
  EXPECT_NE(image.pixelColor(8, 8).name(), line.name());
}

TEST(ThemeTokens, AreThoseOfTheDesign) {
  EXPECT_EQ(ink(Shade::Dark, Ink::Canvas).name(), "#0f1013");
  EXPECT_EQ(ink(Shade::Light, Ink::AccentFill).name(), "#006c98");
  EXPECT_EQ(ink(Shade::Light, Ink::FilteredLine).name(), "#dddee0");
  EXPECT_EQ(name(Ink::TextMuted), QString("textMuted"));
  EXPECT_EQ(colors(Shade::Dark).sequential.at(0.0), QColor("#13151a").rgb());
  EXPECT_EQ(colors(Shade::Dark).sequential.at(1.0), QColor("#fcf79e").rgb());
  EXPECT_EQ(colors(Shade::Light).diverging.at(-3.0), QColor("#083c75").rgb());
  EXPECT_EQ(colors(Shade::Light).categorical.size(), 8u);
}

TEST_P(EachShade, TextIsReadableOnEverySurface) {
  for (const Ink ground : {Ink::Canvas, Ink::Window, Ink::Panel, Ink::Control}) {
    for (const Ink text : {Ink::Text, Ink::TextStrong, Ink::TextMuted, Ink::Accent, Ink::Error,
                           Ink::Warning, Ink::Good})
      EXPECT_GE(contrast(ink(GetParam(), text), ink(GetParam(), ground)), 4.5)
          << qPrintable(name(text).toString()) << " on " << qPrintable(name(ground).toString());
    for (const Ink line : {Ink::ControlLine, Ink::Focus})
      EXPECT_GE(contrast(ink(GetParam(), line), ink(GetParam(), ground)), 3.0)
          << qPrintable(name(line).toString());
  }
  EXPECT_GE(contrast(ink(GetParam(), Ink::AccentText), ink(GetParam(), Ink::AccentFill)), 4.5);
  EXPECT_GE(contrast(ink(GetParam(), Ink::TextMuted), ink(GetParam(), Ink::Raised)), 4.5);
  EXPECT_GE(contrast(ink(GetParam(), Ink::Text), ink(GetParam(), Ink::AccentSoft)), 4.5);
  EXPECT_GE(contrast(ink(GetParam(), Ink::Text), ink(GetParam(), Ink::DiffFill)), 4.5);
  EXPECT_GE(contrast(ink(GetParam(), Ink::Pin), ink(GetParam(), Ink::Canvas)), 3.0);
  EXPECT_GE(contrast(themeTokens().dark.inks[static_cast<std::size_t>(Ink::TextStrong)],
                     ink(GetParam(), Ink::Tooltip)),
            4.5);
}

TEST_P(EachShade, CategoriesStandOutAndCellTextIsReadable) {
  for (const QColor& category : colors(GetParam()).categorical)
    EXPECT_GE(contrast(category, ink(GetParam(), Ink::Canvas)), 3.0);
  for (const ColorMap* map : {&colors(GetParam()).sequential, &colors(GetParam()).diverging})
    for (const QRgb entry : map->entries())
      EXPECT_GE(contrast(inkOn(QColor(entry)), QColor(entry)), 4.5);
}

TEST_P(EachShade, SequentialMapIsMonotoneInLightness) {
  const auto& entries = colors(GetParam()).sequential.entries();
  const bool rising = GetParam() == Shade::Dark;
  for (std::size_t i = 1; i < entries.size(); ++i) {
    const double before = contrast(QColor(entries[i - 1]), Qt::black);
    const double after = contrast(QColor(entries[i]), Qt::black);
    EXPECT_TRUE(rising ? after >= before - 1e-3 : after <= before + 1e-3) << i;
  }
}

TEST(ColorMap, InvertedTurnsEndsAround) {
  const ColorMap& map = themeTokens().dark.sequential;
  EXPECT_EQ(map.inverted().at(0), map.at(1));
  EXPECT_EQ(map.inverted().inverted().entries(), map.entries());
}

TEST(Contrast, MatchesWcagExamples) {
  EXPECT_NEAR(contrast(Qt::black, Qt::white), 21.0, 1e-9);
  EXPECT_NEAR(contrast(QColor("#777777"), Qt::white), 4.48, 0.005); // WebAIM's example
}

TEST(Theme, SwitchesPaletteFontsAndScale) {
  Theme& theme = Theme::instance();
  theme.setChoice(ThemeChoice::Dark);
  EXPECT_EQ(theme.palette().color(QPalette::Window), QColor("#18191c"));
  theme.setChoice(ThemeChoice::Light);
  EXPECT_EQ(theme.palette().color(QPalette::Window), QColor("#ebedef"));
  theme.setScalePercent(150);
  EXPECT_EQ(theme.px(26), 39);
  EXPECT_EQ(theme.font(TextSize::Control).pixelSize(), 18);
  theme.setScalePercent(500);
  EXPECT_EQ(theme.scalePercent(), 200);
  theme.setScalePercent(100);
  EXPECT_EQ(theme.font().family(), "Inter");
  EXPECT_EQ(theme.mono().family(), "JetBrains Mono");
}

TEST(Theme, NoDataIsHatchedAndFilteredOutIsFlat) {
  Theme& theme = Theme::instance();
  const auto inks = [](const QBrush& brush) {
    QImage image(12, 12, QImage::Format_RGB32);
    QPainter painter(&image);
    painter.fillRect(image.rect(), brush);
    painter.end();
    QSet<QRgb> found;
    for (int y = 0; y < image.height(); ++y)
      for (int x = 0; x < image.width(); ++x)
        found.insert(image.pixel(x, y));
    return found.size();
  };
  EXPECT_GT(inks(theme.noDataBrush()), 1);
  EXPECT_EQ(inks(theme.filteredOutBrush()), 1);
}

TEST(Icons, EveryFileRendersInTheInkAskedFor) {
  Theme& theme = Theme::instance();
  theme.setChoice(ThemeChoice::Dark);
  const QStringList names = iconNames();
  ASSERT_GT(names.size(), 40);
  for (const QString& name : names) {
    const QImage image = icon(name, Ink::Accent).pixmap(32, 32).toImage();
    bool painted = false;
    for (int y = 0; y < 32 && !painted; ++y)
      for (int x = 0; x < 32 && !painted; ++x) {
        const QColor color = image.pixelColor(x, y);
        painted = color.alpha() == 255 && color.rgb() == theme.color(Ink::Accent).rgb();
      }
    EXPECT_TRUE(painted) << qPrintable(name);
  }
}

} // namespace
} // namespace switchyard::studio
