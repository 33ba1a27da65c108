#include "app/studio/figures/value_text.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <QCoreApplication>

#include "analyzers/report/encoding.h"
#include "analyzers/report/svg_parts.h"

namespace switchyard::studio {

namespace {

const QChar kMinus(0x2212);
const QChar kThin(0x2009);

QString noData() {
  return QCoreApplication::translate("ValueText", "no data");
}

/// Thin spaces between thousands of the integer part from 10 000 on, a true minus sign.
QString polished(QString text) {
  const bool negative = text.startsWith('-');
  if (negative)
    text.remove(0, 1);
  const qsizetype dot = text.indexOf('.');
  const qsizetype digits = dot < 0 ? text.size() : dot;
  if (digits >= 4 && !text.contains('e') && text.at(0).isDigit())
    for (qsizetype at = digits - 3; at > 0; at -= 3)
      text.insert(at, kThin);
  if (negative && text != "0")
    text.prepend(kMinus);
  return text;
}

QString shortText(double value, int digits) {
  return polished(QString::fromStdString(analyzers::report::shortNumber(value, digits)));
}

/// Three significant digits, zeros at the end kept.
QString padded(double value) {
  QString text = valueText(value);
  qsizetype digits = 0;
  bool started = false;
  for (const QChar c : text) {
    started = started || (c.isDigit() && c != '0');
    digits += started && c.isDigit() ? 1 : 0;
  }
  if (!std::isfinite(value) || value == 0 || text.contains('e') || digits >= 3)
    return text;
  if (!text.contains('.'))
    text += '.';
  return text + QString(3 - digits, '0');
}

QString timesText(double value) {
  constexpr std::array<std::pair<double, int>, 3> kGlyphs = {
      {{0.5, 0xBD}, {0.25, 0xBC}, {0.125, 0x215B}}};
  for (const auto& [fraction, glyph] : kGlyphs)
    if (value == fraction)
      return QString(QChar(glyph)) + QChar(0x00D7);
  return shortText(value, value < 0.995 ? 2 : 3) + QChar(0x00D7);
}

QString percentText(double value) {
  const double percent = 100 * value;
  if (percent > 0 && percent < 0.1)
    return "< 0.1 %";
  return shortText(percent, std::fabs(percent) < 10 ? 2 : 3) + " %";
}

/// Decimals that show the first digit of `width`, two digits if that is a 1; at most 6.
int decimalsFor(double width) {
  if (!(width > 0) || !std::isfinite(width))
    return 3;
  const int exponent = static_cast<int>(std::floor(std::log10(width)));
  const bool one = width / std::pow(10.0, exponent) < 1.95;
  return std::clamp((one ? 1 : 0) - exponent, 0, 6);
}

} // namespace

ValueFormat formatFor(const std::string& unit) {
  const auto says = [&](const char* word) { return unit.find(word) != std::string::npos; };
  if (unit.starts_with("times") || says("lift"))
    return ValueFormat::Times;
  if (unit.starts_with("P(") || unit.starts_with("share"))
    return ValueFormat::Percent;
  if (unit == "p" || unit == "q" || unit.starts_with("p_"))
    return ValueFormat::P;
  if (unit == "tokens" || unit == "experts" || unit == "uses" || unit == "ids" || unit == "bytes" ||
      unit == "events" || unit == "steps")
    return ValueFormat::Count;
  return ValueFormat::Plain;
}

QString valueText(double value, ValueFormat format) {
  if (!std::isfinite(value))
    return std::isnan(value) ? noData()
           : value > 0       ? QString(QChar(0x221E))
                             : kMinus + QString(QChar(0x221E));
  switch (format) {
  case ValueFormat::Times:
    return timesText(value);
  case ValueFormat::Percent:
    return percentText(value);
  case ValueFormat::Signed:
    return (value > 0 ? "+" : "") + shortText(value, 2);
  case ValueFormat::Count:
    return std::fabs(value) < 1e15 && value == std::floor(value)
               ? polished(QString::number(value, 'f', 0))
               : shortText(value, 4);
  case ValueFormat::Rate:
    return polished(QString::number(value, 'f', 2));
  case ValueFormat::P:
    return pText(value);
  case ValueFormat::Plain:
    break;
  }
  return shortText(value, 3);
}

QString valueText(double value, const std::pair<double, double>& interval, ValueFormat format) {
  const auto [low, high] = interval;
  if (!std::isfinite(value) || !std::isfinite(low) || !std::isfinite(high))
    return valueText(value, format);
  const double scale = format == ValueFormat::Percent ? 100 : 1;
  const double half = scale * (high - low) / 2;
  const int decimals = decimalsFor(half);
  const auto text = [&](double v) { return polished(QString::number(scale * v, 'f', decimals)); };
  const QString unit = format == ValueFormat::Percent ? " %"
                       : format == ValueFormat::Times ? QString(QChar(0x00D7))
                                                      : QString();
  const QString sign = format == ValueFormat::Signed && value > 0 ? "+" : "";
  const bool symmetric = QString::number(scale * (value - low), 'f', decimals) ==
                         QString::number(scale * (high - value), 'f', decimals);
  if (symmetric)
    return sign + text(value) + " " + QChar(0x00B1) + " " +
           polished(QString::number(half, 'f', decimals)) + unit;
  return sign + text(value) + unit + " [" + text(low) + ", " + text(high) + "]";
}

QString pText(double p) {
  if (!std::isfinite(p))
    return noData();
  if (p < 0.001)
    return "< 0.001";
  return QString::fromStdString(analyzers::report::shortNumber(p, 2));
}

QString cellText(const trace::Cell& cell, ValueFormat format) {
  if (const auto* number = std::get_if<double>(&cell)) {
    const bool plain = format == ValueFormat::Plain || format == ValueFormat::Count;
    return plain ? padded(*number) : valueText(*number, format);
  }
  if (const auto* count = std::get_if<std::int64_t>(&cell))
    return format == ValueFormat::Count ? polished(QString::number(*count))
                                        : QString::number(*count);
  if (const auto* text = std::get_if<std::string>(&cell))
    return QString::fromStdString(*text);
  return noData();
}

QString ordinal(int rank) {
  const int last = rank % 10, teens = rank % 100;
  const char* suffix = teens >= 11 && teens <= 13 ? "th"
                       : last == 1                ? "st"
                       : last == 2                ? "nd"
                       : last == 3                ? "rd"
                                                  : "th";
  return QString::number(rank) + suffix;
}

QString withUnit(const std::string& title, const std::string& unit) {
  return QString::fromStdString(analyzers::report::withUnit(title, unit));
}

} // namespace switchyard::studio
