#pragma once

#include <string>
#include <string_view>

namespace switchyard::analyzers::report {

enum class Anchor { Start, Middle, End };

/// Collects SVG elements. Coordinates are pixels with at most two decimals; text is escaped and
/// freed of what XML forbids.
class SvgCanvas {
public:
  void rect(double x, double y, double width, double height, std::string_view fill,
            std::string_view tooltip = {});
  void line(double x1, double y1, double x2, double y2, std::string_view colour, double width = 1,
            std::string_view dash = {});
  /// `data`: path commands. fill or stroke may be "none".
  void path(std::string_view data, std::string_view fill, std::string_view stroke, double width,
            std::string_view dash = {}, double opacity = 1, std::string_view tooltip = {});
  void circle(double x, double y, double radius, std::string_view fill,
              std::string_view tooltip = {});
  /// rotate: degrees about (x, y). Size in pixels.
  void text(double x, double y, std::string_view text, double size, Anchor anchor = Anchor::Start,
            double rotate = 0, bool bold = false);
  /// The document: white ground, hatch pattern "url(#no-data)", title and description for readers.
  std::string document(double width, double height, std::string_view title,
                       std::string_view description) const;

private:
  std::string m_body;
};

/// `value` with at most two decimals, "-0" as "0".
std::string pixels(double value);
/// Text for XML content and attributes.
std::string xmlText(std::string_view text);
/// Estimated width in pixels of `text` at `size`.
double textWidth(std::string_view text, double size);
/// `text` cut with an ellipsis to at most `width` pixels.
std::string fitted(std::string_view text, double size, double width);

inline constexpr const char* kInk = "#1a1a1a";
inline constexpr const char* kFaint = "#d9d9d9";
inline constexpr double kLabelSize = 11;
inline constexpr double kTitleSize = 15;

} // namespace switchyard::analyzers::report
