#include "analyzers/report/svg_canvas.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "analyzers/report/encoding.h"

namespace switchyard::analyzers::report {

namespace {

std::string titled(std::string_view element, std::string_view attributes,
                   std::string_view tooltip) {
  if (tooltip.empty())
    return fmt::format("<{} {}/>\n", element, attributes);
  return fmt::format("<{} {}><title>{}</title></{}>\n", element, attributes, xmlText(tooltip),
                     element);
}

std::string dashAttribute(std::string_view dash) {
  return dash.empty() ? std::string() : fmt::format(R"( stroke-dasharray="{}")", dash);
}

} // namespace

std::string pixels(double value) {
  std::string text = fmt::format("{:.2f}", std::isfinite(value) ? value : 0.0);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.')
    text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string xmlText(std::string_view text) {
  std::string out;
  for (char c : validUtf8(text)) {
    switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    case '\'':
      out += "&#39;";
      break;
    default:
      out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    }
  }
  return out;
}

double textWidth(std::string_view text, double size) {
  const auto characters = std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  return 0.58 * size * static_cast<double>(characters);
}

std::string fitted(std::string_view text, double size, double width) {
  const std::string whole = validUtf8(text);
  if (textWidth(whole, size) <= width)
    return whole;
  auto keep = static_cast<std::ptrdiff_t>(width / (0.58 * size)) - 1;
  std::string out;
  for (char c : whole) {
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80 && keep-- <= 0)
      break;
    out += c;
  }
  return out + "\xE2\x80\xA6";
}

void SvgCanvas::rect(double x, double y, double width, double height, std::string_view fill,
                     std::string_view tooltip) {
  m_body += titled("rect",
                   fmt::format(R"(x="{}" y="{}" width="{}" height="{}" fill="{}")", pixels(x),
                               pixels(y), pixels(width), pixels(height), fill),
                   tooltip);
}

void SvgCanvas::line(double x1, double y1, double x2, double y2, std::string_view colour,
                     double width, std::string_view dash) {
  m_body +=
      fmt::format(R"(<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="{}"{}/>)",
                  pixels(x1), pixels(y1), pixels(x2), pixels(y2), colour, pixels(width),
                  dashAttribute(dash)) +
      "\n";
}

void SvgCanvas::path(std::string_view data, std::string_view fill, std::string_view stroke,
                     double width, std::string_view dash, double opacity,
                     std::string_view tooltip) {
  m_body += titled("path",
                   fmt::format(R"(d="{}" fill="{}" stroke="{}" stroke-width="{}"{}{})", data, fill,
                               stroke, pixels(width), dashAttribute(dash),
                               opacity < 1 ? fmt::format(R"( opacity="{}")", pixels(opacity)) : ""),
                   tooltip);
}

void SvgCanvas::circle(double x, double y, double radius, std::string_view fill,
                       std::string_view tooltip) {
  m_body += titled("circle",
                   fmt::format(R"(cx="{}" cy="{}" r="{}" fill="{}")", pixels(x), pixels(y),
                               pixels(radius), fill),
                   tooltip);
}

void SvgCanvas::text(double x, double y, std::string_view text, double size, Anchor anchor,
                     double rotate, bool bold) {
  if (text.empty())
    return;
  const char* anchorName = anchor == Anchor::Start    ? "start"
                           : anchor == Anchor::Middle ? "middle"
                                                      : "end";
  std::string turn;
  if (rotate != 0)
    turn = fmt::format(R"x( transform="rotate({} {} {})")x", pixels(rotate), pixels(x), pixels(y));
  m_body += fmt::format(R"(<text x="{}" y="{}" font-size="{}" text-anchor="{}"{}{}>{}</text>)",
                        pixels(x), pixels(y), pixels(size), anchorName, turn,
                        bold ? R"( font-weight="bold")" : "", xmlText(text)) +
            "\n";
}

std::string SvgCanvas::document(double width, double height, std::string_view title,
                                std::string_view description) const {
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} "
      "{1}\" "
      "role=\"img\" font-family=\"DejaVu Sans, Helvetica, Arial, sans-serif\" fill=\"{2}\">\n"
      "<title>{3}</title>\n<desc>{4}</desc>\n"
      "<defs><pattern id=\"no-data\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">"
      "<rect width=\"6\" height=\"6\" fill=\"#c8c8c8\"/>"
      "<path d=\"M0,6L6,0\" stroke=\"#8c8c8c\" stroke-width=\"1\"/></pattern></defs>\n"
      "<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n{5}</svg>\n",
      pixels(width), pixels(height), kInk, xmlText(title), xmlText(description), m_body);
}

} // namespace switchyard::analyzers::report
