#include "app/studio/theme/theme.h"

#include <algorithm>

#include <QApplication>
#include <QFontDatabase>
#include <QPainter>
#include <QPixmap>
#include <QPointer>
#include <QToolTip>

#include "app/studio/theme/icons.h"
#include "app/studio/theme/style.h"
#include "app/studio/theme/system_scheme.h"

namespace switchyard::studio {

namespace {

QString firstInstalled(const QStringList& families) {
  for (const QString& family : families)
    if (QFontDatabase::hasFamily(family))
      return family;
  return families.last();
}

/// Files whose text is to be searched and copied (reports) need every glyph to stand for one
/// character: no ligatures, no contextual forms. Set before anything is drawn.
bool hasPlainGlyphs() {
  return qApp->property("plainGlyphs").toBool();
}

} // namespace

Theme& Theme::instance() {
  static QPointer<Theme> theme;
  if (!theme)
    theme = new Theme(qApp);
  return *theme;
}

Theme::Theme(QObject* parent)
    : QObject(parent), m_system(new SystemScheme(QApplication::palette(), this)) {
  connect(m_system, &SystemScheme::changed, this, [this] {
    if (m_choice == ThemeChoice::System)
      apply();
  });
  m_system->listenToSession();
  qApp->installEventFilter(this);
  m_uiFamily = firstInstalled(themeTokens().uiFamilies);
  m_monoFamily = firstInstalled(themeTokens().monoFamilies);
  QApplication::setStyle(new StudioStyle);
  apply();
}

bool Theme::eventFilter(QObject* watched, QEvent* event) {
  // Every window hears of a new platform theme. Its palette shows once ours is taken off.
  if (event->type() == QEvent::ThemeChange && !m_asking) {
    m_asking = true;
    QApplication::setPalette(QPalette());
    const QPalette platform = QApplication::palette();
    QApplication::setPalette(palette());
    m_asking = false;
    m_system->takePalette(platform);
  }
  return QObject::eventFilter(watched, event);
}

const ThemeColors& Theme::colors() const {
  return isDark() ? themeTokens().dark : themeTokens().light;
}

QColor Theme::color(Ink ink) const {
  return colors().inks[static_cast<std::size_t>(ink)];
}

QColor Theme::categorical(int index) const {
  const auto& list = colors().categorical;
  return list[static_cast<std::size_t>(index) % list.size()];
}

const ColorMap& Theme::sequential() const {
  return colors().sequential;
}

const ColorMap& Theme::diverging() const {
  return colors().diverging;
}

QBrush Theme::noDataBrush() const {
  constexpr int kTile = 6;
  QPixmap tile(kTile, kTile);
  tile.fill(color(Ink::NoData));
  QPainter painter(&tile);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(color(Ink::NoDataHatch), 1));
  for (const int shift : {-kTile, 0, kTile})
    painter.drawLine(shift - 1, kTile + 1, shift + kTile + 1, -1);
  painter.end();
  return QBrush(tile);
}

QBrush Theme::filteredOutBrush() const {
  return QBrush(color(Ink::FilteredOut));
}

QFont Theme::font(TextSize size, TextWeight weight) const {
  QFont font(m_uiFamily);
  font.setPixelSize(px(static_cast<int>(size)));
  font.setWeight(static_cast<QFont::Weight>(weight));
  if (hasPlainGlyphs())
    font.setStyleStrategy(QFont::PreferNoShaping);
  return font;
}

QFont Theme::mono(TextSize size) const {
  QFont font(m_monoFamily);
  font.setPixelSize(px(static_cast<int>(size)));
  font.setStyleHint(QFont::Monospace);
  if (hasPlainGlyphs())
    font.setStyleStrategy(QFont::PreferNoShaping);
  return font;
}

QFont Theme::pieceFont(const QString& piece, TextSize size) const {
  QFont font = mono(size);
  if (std::ranges::all_of(piece, [](QChar c) { return c.unicode() < 0x80; }))
    font.setStyleStrategy(QFont::PreferNoShaping);
  return font;
}

int Theme::px(double atFullScale) const {
  const int scaled = qRound(atFullScale * m_scale / 100.0);
  return atFullScale > 0 ? std::max(1, scaled) : scaled;
}

QPalette Theme::palette() const {
  QPalette palette;
  const auto set = [&](QPalette::ColorRole role, Ink ink) {
    palette.setColor(QPalette::Active, role, color(ink));
    palette.setColor(QPalette::Inactive, role, color(ink));
    palette.setColor(QPalette::Disabled, role, color(ink));
  };
  set(QPalette::Window, Ink::Window);
  set(QPalette::WindowText, Ink::Text);
  set(QPalette::Base, Ink::Control);
  set(QPalette::AlternateBase, Ink::Panel);
  set(QPalette::Text, Ink::Text);
  set(QPalette::Button, Ink::Control);
  set(QPalette::ButtonText, Ink::Text);
  set(QPalette::BrightText, Ink::TextStrong);
  set(QPalette::PlaceholderText, Ink::TextMuted);
  set(QPalette::Highlight, Ink::AccentFill);
  set(QPalette::HighlightedText, Ink::AccentText);
  set(QPalette::Link, Ink::Accent);
  set(QPalette::LinkVisited, Ink::Accent);
  set(QPalette::ToolTipBase, Ink::Tooltip);
  set(QPalette::ToolTipText, Ink::TextStrong);
  set(QPalette::Light, Ink::Raised);
  set(QPalette::Midlight, Ink::Raised);
  set(QPalette::Mid, Ink::Line);
  set(QPalette::Dark, Ink::LineStrong);
  set(QPalette::Shadow, Ink::LineStrong);
  // The tooltip's ground is dark in both looks, so is its text light in both.
  const QColor tooltipText = themeTokens().dark.inks[static_cast<std::size_t>(Ink::TextStrong)];
  palette.setColor(QPalette::ToolTipText, tooltipText);
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
    palette.setColor(QPalette::Disabled, role, color(Ink::TextDisabled));
  return palette;
}

void Theme::setChoice(ThemeChoice choice) {
  m_choice = choice;
  apply();
}

void Theme::setScalePercent(int percent) {
  m_scale = std::clamp(percent, 80, 200);
  apply();
}

void Theme::setReducedMotion(bool reduced) {
  m_reducedMotion = reduced;
  Q_EMIT changed();
}

int Theme::duration(int milliseconds) const {
  return m_reducedMotion || m_system->reducesMotion() ? 0 : milliseconds;
}

void Theme::setMarksNegativeCells(bool mark) {
  m_markNegative = mark;
  Q_EMIT changed();
}

void Theme::apply() {
  m_shade = m_choice == ThemeChoice::System ? m_system->shade()
            : m_choice == ThemeChoice::Dark ? Shade::Dark
                                            : Shade::Light;
  clearIconCache();
  QApplication::setPalette(palette());
  QApplication::setFont(font());
  QApplication::setFont(font(TextSize::Control), "QLabel");
  QToolTip::setPalette(palette());
  QToolTip::setFont(font(TextSize::Control));
  qApp->setStyleSheet(styleSheet(*this));
  Q_EMIT changed();
}

} // namespace switchyard::studio
