#include "app/studio/theme/tokens.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

// Q_INIT_RESOURCE has to stand outside every namespace.
static void initStudioResources() {
  Q_INIT_RESOURCE(studio);
}

namespace switchyard::studio {

namespace {

constexpr std::array<const char16_t*, kInks> kInkNames = {
    u"canvas",       u"window",      u"panel",       u"raised",     u"hover",        u"control",
    u"line",         u"lineStrong",  u"controlLine", u"gridLine",   u"textDisabled", u"textMuted",
    u"text",         u"textStrong",  u"accent",      u"accentFill", u"accentText",   u"accentSoft",
    u"focus",        u"selection",   u"pin",         u"good",       u"warning",      u"error",
    u"errorFill",    u"warningFill", u"diffFill",    u"noData",     u"noDataHatch",  u"filteredOut",
    u"filteredLine", u"tooltip"};

QColor colorOf(const QJsonValue& value) {
  const QColor color(value.toString());
  Q_ASSERT_X(color.isValid(), "tokens.json", qPrintable(value.toString()));
  return color;
}

ColorMap mapOf(const QJsonValue& value) {
  const QJsonArray array = value.toArray();
  Q_ASSERT(array.size() == static_cast<int>(ColorMap::kEntries));
  std::array<QRgb, ColorMap::kEntries> entries{};
  for (std::size_t i = 0; i < entries.size(); ++i)
    entries[i] = colorOf(array[static_cast<qsizetype>(i)]).rgb();
  return ColorMap(entries);
}

ThemeColors colorsOf(const QJsonObject& root, const QString& shade, const QString& suffix) {
  ThemeColors colors;
  const QJsonObject inks = root["color"].toObject()[shade].toObject();
  for (int i = 0; i < kInks; ++i)
    colors.inks[static_cast<std::size_t>(i)] =
        colorOf(inks[QStringView(kInkNames[static_cast<std::size_t>(i)])]);
  const QJsonArray categories = root["categorical"].toObject()[shade].toArray();
  for (const QJsonValue& value : categories)
    colors.categorical.push_back(colorOf(value));
  const QJsonObject maps = root["maps"].toObject();
  colors.sequential = mapOf(maps["sequential" + suffix]);
  colors.diverging = mapOf(maps["diverging" + suffix]);
  return colors;
}

QStringList textsOf(const QJsonValue& value) {
  QStringList texts;
  const QJsonArray array = value.toArray();
  for (const QJsonValue& text : array)
    texts << text.toString();
  return texts;
}

ThemeTokens readTokens() {
  initStudioResources();
  QFile file(":/themes/tokens.json");
  const bool opened = file.open(QIODevice::ReadOnly);
  Q_ASSERT(opened);
  Q_UNUSED(opened);
  const QJsonObject root = QJsonDocument::fromJson(file.readAll()).object();
  const QJsonObject font = root["font"].toObject();
  return {colorsOf(root, "dark", "Dark"), colorsOf(root, "light", "Light"), textsOf(font["ui"]),
          textsOf(font["mono"])};
}

} // namespace

QStringView name(Ink ink) {
  return kInkNames[static_cast<std::size_t>(ink)];
}

const ThemeTokens& themeTokens() {
  static const ThemeTokens tokens = readTokens();
  return tokens;
}

} // namespace switchyard::studio
