#pragma once

#include <array>
#include <vector>

#include <QColor>
#include <QString>
#include <QStringList>
#include <QStringView>

#include "app/studio/theme/color_map.h"

namespace switchyard::studio {

/// The colours of resources/themes/tokens.json, in the order of kInkNames.
enum class Ink : int {
  Canvas, ///< ground of figures
  Window, ///< ground of bars and tabs
  Panel,  ///< ground of docks
  Raised,
  Hover,
  Control,
  Line,
  LineStrong,
  ControlLine,
  GridLine,
  TextDisabled,
  TextMuted,
  Text,
  TextStrong,
  Accent,
  AccentFill,
  AccentText,
  AccentSoft,
  Focus,
  Selection,
  Pin,
  Good,
  Warning,
  Error,
  ErrorFill,
  WarningFill,
  DiffFill,
  NoData,
  NoDataHatch,
  FilteredOut,
  FilteredLine,
  Tooltip,
};
constexpr int kInks = static_cast<int>(Ink::Tooltip) + 1;

/// "canvas", "window", ... as tokens.json spells them.
QStringView name(Ink ink);

enum class Shade { Dark, Light };

/// One of the two looks of tokens.json.
struct ThemeColors {
  std::array<QColor, kInks> inks;
  std::vector<QColor> categorical; ///< fixed order; use the first n
  ColorMap sequential;
  ColorMap diverging;
};

struct ThemeTokens {
  ThemeColors dark, light;
  QStringList uiFamilies, monoFamilies; ///< by preference
};

/// The embedded tokens.json, parsed once. A damaged resource is a bug of ours: asserts.
const ThemeTokens& themeTokens();

} // namespace switchyard::studio
