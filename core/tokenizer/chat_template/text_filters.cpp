// Filters of texts and numbers.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/tokenizer/chat_template/access.h"
#include "core/tokenizer/chat_template/budget.h"
#include "core/tokenizer/chat_template/case_mapping.h"
#include "core/tokenizer/chat_template/filters.h"
#include "core/tokenizer/chat_template/format_text.h"
#include "core/tokenizer/chat_template/literal.h"
#include "core/tokenizer/chat_template/operators.h"
#include "core/tokenizer/chat_template/python_text.h"
#include "core/tokenizer/chat_template/text_parts.h"
#include "core/tokenizer/unicode_class.h"
#include "core/tokenizer/utf8.h"

namespace switchyard::tokenizer::chat {

namespace {

/// The value as text; escaped text is not for changing.
std::string textOf(const Value& value) {
  if (value.is(Kind::Text) && value.textValue().escaped)
    raise(FaultKind::Unsupported, "filters of escaped text");
  return toText(value);
}

template <std::string (*kMap)(std::string_view)>
Value mapped(Machine&, const Value& value, const Arguments& arguments) {
  (void)Bound("the filter", arguments, {});
  return Value(kMap(textOf(value)));
}

/// Jinja's own title: words after white space, hyphens and brackets.
std::string titleWords(std::string_view text) {
  std::string out, word;
  bool first = true;
  const auto flush = [&] {
    out += first ? "" : toLower(word);
    word.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = codePointAt(text, at);
    const std::string_view character = text.substr(at, point.bytes);
    at += point.bytes;
    if (isSpace(point.value) || character.find_first_of("-({[<") == 0) {
      flush();
      first = true;
      out += character;
    } else if (first) {
      out += toUpper(character);
      first = false;
    } else {
      word += character;
    }
  }
  flush();
  return out;
}

Value trim(Machine&, const Value& value, const Arguments& arguments) {
  const Bound bound("trim", arguments, {"chars"});
  const std::string text = textOf(value);
  if (!bound.has(0) || bound[0].is(Kind::None))
    return Value(stripped(text, nullptr));
  const std::string set = bound.text(0, "");
  return Value(stripped(text, &set));
}

Value replace(Machine&, const Value& value, const Arguments& arguments) {
  const Bound bound("replace", arguments, {"old", "new", "count"}, 2);
  const bool all = !bound.has(2) || bound[2].is(Kind::None);
  const Integer most = all ? Integer{-1} : bound.whole(2, -1);
  return Value(replaced(textOf(value), toText(bound[0]), toText(bound[1]),
                        toSize(std::clamp<Integer>(most, -1, Integer{1} << 30))));
}

Value indent(Machine&, const Value& value, const Arguments& arguments) {
  const Bound bound("indent", arguments, {"width", "first", "blank"});
  std::string space;
  if (bound.has(0) && bound[0].is(Kind::Text))
    space = bound[0].text();
  else
    space = padded("", toSize(bound.whole(0, 4)), '<', " ");
  const bool first = bound.flag(1, false), blank = bound.flag(2, false);
  const std::vector<std::string> lines = splitLines(textOf(value) + "\n", false);
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0)
      out += '\n';
    if ((i == 0 && first) || (i > 0 && (blank || !lines[i].empty())))
      out += space;
    out += lines[i];
    chargeText(out.size() / 64 + space.size());
  }
  chargeText(out.size());
  return Value(std::move(out));
}

Value format(Machine&, const Value& value, const Arguments& arguments) {
  if (!arguments.named.empty())
    raise(FaultKind::Unsupported, "the filter \"format\" with names");
  return Value(printfFormat(textOf(value), Value::tuple(arguments.positional)));
}

Value wordcount(Machine&, const Value& value, const Arguments& arguments) {
  (void)Bound("wordcount", arguments, {});
  const std::string text = textOf(value);
  std::int64_t words = 0;
  bool inside = false;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = codePointAt(text, at);
    const bool word = isWordCharacter(point.value);
    words += word && !inside ? 1 : 0;
    inside = word;
    at += point.bytes;
  }
  return Value(words);
}

Value truncate(Machine&, const Value& value, const Arguments& arguments) {
  const Bound bound("truncate", arguments, {"length", "killwords", "end", "leeway"});
  const std::string text = textOf(value);
  const std::string end = bound.text(2, "...");
  const std::int64_t length = toSize(bound.whole(0, 255));
  const bool standard = !bound.has(3) || bound[3].is(Kind::None);
  const std::int64_t leeway = standard ? 5 : toSize(bound.whole(3, 5));
  const std::int64_t room = length - countCharacters(end);
  if (room < 0 || leeway < 0)
    raise(FaultKind::Type,
          "truncate needs a length of at least that of its end, and a leeway of at "
          "least 0");
  const std::int64_t count = countCharacters(text);
  if (count <= length + leeway)
    return Value(text);
  std::string kept(characterRange(text, 0, std::min(room, count)));
  if (!bound.flag(1, false))
    kept = kept.substr(0, kept.rfind(' '));
  return Value(kept + end);
}

Value center(Machine&, const Value& value, const Arguments& arguments) {
  const Bound bound("center", arguments, {"width"});
  return Value(padded(textOf(value), toSize(bound.whole(0, 80)), 'c', " "));
}

Value escape(Machine&, const Value& value, const Arguments& arguments) {
  (void)Bound("escape", arguments, {});
  if (value.is(Kind::Text) && value.textValue().escaped)
    return value;
  return Value(escapeHtml(toText(value)), true);
}

Value safe(Machine&, const Value& value, const Arguments& arguments) {
  (void)Bound("safe", arguments, {});
  return Value(toText(value), true);
}

std::string urlQuoted(std::string_view text, bool query) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
        (byte >= 'A' && byte <= 'Z') || byte == '_' || byte == '.' || byte == '-' || byte == '~' ||
        (byte == '/' && !query))
      out += c;
    else if (byte == ' ' && query)
      out += '+';
    else
      out += fmt::format("%{:02X}", byte);
  }
  return out;
}

Value urlencode(Machine&, const Value& value, const Arguments& arguments) {
  (void)Bound("urlencode", arguments, {});
  if (value.is(Kind::Text) || value.isNumber()) {
    const std::string text = textOf(value);
    chargeText(text.size() * 3);
    return Value(urlQuoted(text, false));
  }
  if (!value.is(Kind::Dictionary))
    raise(FaultKind::Unsupported,
          fmt::format("the filter \"urlencode\" of a {}", value.typeName()));
  std::string out;
  for (const auto& [key, item] : value.entries().entries) {
    out += (out.empty() ? "" : "&") + urlQuoted(toText(key), true) + "=" +
           urlQuoted(toText(item), true);
    chargeText(out.size());
  }
  return Value(std::move(out));
}

Value string(Machine&, const Value& value, const Arguments& arguments) {
  (void)Bound("string", arguments, {});
  return value.is(Kind::Text) ? value : Value(toText(value));
}

Value toInteger(Machine&, const Value& value, const Arguments& arguments) {
  const Bound bound("int", arguments, {"default", "base"});
  const Value other = bound.valueOr(0, Value(0));
  if (value.isWhole())
    return Value(value.integer());
  const auto truncated = [&](double number) {
    if (!std::isfinite(number))
      return other;
    if (std::fabs(number) > 1e38)
      raise(FaultKind::Limit, "a whole number is beyond 127 bits");
    return Value(static_cast<Integer>(number));
  };
  if (value.is(Kind::Float))
    return truncated(value.number());
  requirePresent(value);
  if (!value.is(Kind::Text))
    return other;
  const Integer base = bound.whole(1, 10);
  if (base != 0 && (base < 2 || base > 36))
    return other;
  charge(value.text().size() / 4);
  if (const auto number = parseInteger(value.text(), static_cast<int>(base)))
    return Value(*number);
  const auto number = parseFloat(value.text());
  return number ? truncated(*number) : other;
}

Value toFloat(Machine&, const Value& value, const Arguments& arguments) {
  const Bound bound("float", arguments, {"default"});
  if (value.isNumber())
    return Value(value.number());
  const Value other = bound.valueOr(0, Value(0.0));
  requirePresent(value);
  if (!value.is(Kind::Text))
    return other;
  const auto number = parseFloat(value.text());
  return number ? Value(*number) : other;
}

Value absolute(Machine&, const Value& value, const Arguments& arguments) {
  (void)Bound("abs", arguments, {});
  requirePresent(value);
  if (value.is(Kind::Float))
    return Value(std::fabs(value.number()));
  if (!value.isWhole())
    raise(FaultKind::Type, fmt::format("bad operand type for abs(): '{}'", value.typeName()));
  return value.integer() < 0 ? unary("-", value) : Value(value.integer());
}

Value round(Machine&, const Value& value, const Arguments& arguments) {
  const Bound bound("round", arguments, {"precision", "method"});
  requirePresent(value);
  if (!value.isNumber())
    raise(FaultKind::Type,
          fmt::format("type {} doesn't define __round__ method", value.typeName()));
  const std::string method = bound.text(1, "common");
  const Integer precision = bound.whole(0, 0);
  if (precision < 0 || precision > 300)
    raise(FaultKind::Unsupported, "rounding to a negative or huge number of digits");
  const auto digits = static_cast<int>(precision);
  if (method == "common") {
    if (value.isWhole())
      return Value(value.integer());
    if (!std::isfinite(value.number()))
      return value;
    return Value(*parseFloat(fmt::format("{:.{}f}", value.number(), digits)));
  }
  if (method != "ceil" && method != "floor")
    raise(FaultKind::Type, "method must be common, ceil or floor");
  if (digits > 22)
    raise(FaultKind::Unsupported, "rounding to so many digits");
  const double scale = std::pow(10.0, digits);
  const double scaled = value.number() * scale;
  if (!std::isfinite(scaled))
    raise(FaultKind::Type, "cannot round infinity or not a number");
  return Value((method == "ceil" ? std::ceil(scaled) : std::floor(scaled)) / scale);
}

Value json(Machine&, const Value& value, const Arguments& arguments) {
  const Bound bound("tojson", arguments, {"ensure_ascii", "indent", "separators", "sort_keys"});
  JsonStyle style;
  style.asciiOnly = bound.flag(0, false);
  style.sortKeys = bound.flag(3, false);
  if (bound.has(1) && !bound[1].is(Kind::None)) {
    style.indent =
        bound[1].is(Kind::Text)
            ? bound[1].text()
            : padded("", std::min<std::int64_t>(toSize(bound.whole(1, 0)), 1000), '<', " ");
    style.itemSeparator = ",";
  }
  if (bound.has(2) && !bound[2].is(Kind::None)) {
    const std::vector<Value> both = iterate(bound[2]);
    if (both.size() != 2 || !both[0].is(Kind::Text) || !both[1].is(Kind::Text))
      raise(FaultKind::Type, "separators are two texts");
    style.itemSeparator = both[0].text();
    style.keySeparator = both[1].text();
  }
  return Value(toJson(value, style));
}

constexpr FilterEntry kFilters[] = {
    {"abs", absolute},
    {"capitalize", mapped<capitalized>},
    {"center", center},
    {"e", escape},
    {"escape", escape},
    {"float", toFloat},
    {"format", format},
    {"indent", indent},
    {"int", toInteger},
    {"lower", mapped<toLower>},
    {"replace", replace},
    {"round", round},
    {"safe", safe},
    {"string", string},
    {"title", mapped<titleWords>},
    {"tojson", json},
    {"trim", trim},
    {"truncate", truncate},
    {"upper", mapped<toUpper>},
    {"urlencode", urlencode},
    {"wordcount", wordcount},
};

} // namespace

FilterFunction findTextFilter(std::string_view name) {
  const auto found = std::ranges::find(kFilters, name, &FilterEntry::name);
  return found != std::end(kFilters) ? found->function : nullptr;
}

} // namespace switchyard::tokenizer::chat
