// The methods of Python's str.

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "core/tokenizer/chat_template/access.h"
#include "core/tokenizer/chat_template/budget.h"
#include "core/tokenizer/chat_template/case_mapping.h"
#include "core/tokenizer/chat_template/format_text.h"
#include "core/tokenizer/chat_template/operators.h"
#include "core/tokenizer/chat_template/text_parts.h"
#include "core/tokenizer/utf8.h"

namespace switchyard::tokenizer::chat {

namespace {

using Method = Value (*)(const std::string& self, const Arguments& arguments);

Value listOf(std::vector<std::string> parts) {
  chargeItems(parts.size());
  std::vector<Value> values;
  values.reserve(parts.size());
  for (std::string& part : parts)
    values.emplace_back(std::move(part));
  return Value::sequence(std::move(values));
}

void refuseArguments(const Arguments& arguments) {
  (void)Bound("the method", arguments, {});
}

template <std::string (*kMap)(std::string_view)>
Value map(const std::string& self, const Arguments& arguments) {
  refuseArguments(arguments);
  return Value(kMap(self));
}

template <bool kRight> Value split(const std::string& self, const Arguments& arguments) {
  const Bound bound(kRight ? "rsplit" : "split", arguments, {"sep", "maxsplit"});
  const std::int64_t most = toSize(std::min<Integer>(bound.whole(1, -1), Integer{1} << 30));
  if (!bound.has(0) || bound[0].is(Kind::None))
    return listOf(splitWords(self, most, kRight));
  const std::string separator = bound.text(0, "");
  if (separator.empty())
    raise(FaultKind::Type, "empty separator");
  return listOf(splitText(self, separator, most, kRight));
}

Value splitlines(const std::string& self, const Arguments& arguments) {
  const Bound bound("splitlines", arguments, {"keepends"});
  return listOf(splitLines(self, bound.flag(0, false)));
}

template <bool kRight> Value partition(const std::string& self, const Arguments& arguments) {
  const Bound bound("partition", arguments, {""}, 1);
  const std::string separator = bound.text(0, "");
  if (separator.empty())
    raise(FaultKind::Type, "empty separator");
  const std::size_t at = kRight ? self.rfind(separator) : self.find(separator);
  if (at == std::string::npos)
    return kRight ? Value::tuple({Value(""), Value(""), Value(self)})
                  : Value::tuple({Value(self), Value(""), Value("")});
  return Value::tuple(
      {Value(self.substr(0, at)), Value(separator), Value(self.substr(at + separator.size()))});
}

template <bool kStart, bool kEnd> Value strip(const std::string& self, const Arguments& arguments) {
  const Bound bound("strip", arguments, {""});
  if (!bound.has(0) || bound[0].is(Kind::None))
    return Value(stripped(self, nullptr, kStart, kEnd));
  const std::string set = bound.text(0, "");
  return Value(stripped(self, &set, kStart, kEnd));
}

/// The bytes of the characters [start, end) that a method's arguments from `first` on name.
std::string_view part(const std::string& self, const Bound& bound, std::size_t first,
                      std::int64_t* start = nullptr) {
  const std::int64_t count = countCharacters(self);
  const auto at = [&](std::size_t parameter, std::int64_t other) {
    return bound.has(parameter) && !bound[parameter].is(Kind::None)
               ? clampIndex(bound.whole(parameter, 0), count)
               : other;
  };
  const std::int64_t from = at(first, 0);
  const std::int64_t to = std::max(from, at(first + 1, count));
  if (start != nullptr)
    *start = from;
  return characterRange(self, from, to);
}

template <bool kEnd> Value startsWith(const std::string& self, const Arguments& arguments) {
  const Bound bound(kEnd ? "endswith" : "startswith", arguments, {"", "", ""}, 1);
  const std::string_view text = part(self, bound, 1);
  const auto fits = [&](const Value& value) {
    requirePresent(value);
    if (!value.is(Kind::Text))
      raise(FaultKind::Type, fmt::format("startswith and endswith need a str or a tuple of str, "
                                         "not {}",
                                         value.typeName()));
    return kEnd ? text.ends_with(value.text()) : text.starts_with(value.text());
  };
  if (bound[0].is(Kind::Sequence) && bound[0].items().shape == Shape::Tuple)
    return Value(std::ranges::any_of(bound[0].items().values, fits));
  return Value(fits(bound[0]));
}

Value replace(const std::string& self, const Arguments& arguments) {
  const Bound bound("replace", arguments, {"", "", "count"}, 2);
  return Value(replaced(self, bound.text(0, ""), bound.text(1, ""),
                        toSize(std::clamp<Integer>(bound.whole(2, -1), -1, Integer{1} << 30))));
}

template <bool kEnd> Value removeAffix(const std::string& self, const Arguments& arguments) {
  const Bound bound("removeprefix", arguments, {""}, 1);
  const std::string affix = bound.text(0, "");
  if (kEnd ? !self.ends_with(affix) : !self.starts_with(affix))
    return Value(self);
  return Value(kEnd ? self.substr(0, self.size() - affix.size()) : self.substr(affix.size()));
}

template <bool kRight, bool kMustBe>
Value find(const std::string& self, const Arguments& arguments) {
  const Bound bound("find", arguments, {"", "", ""}, 1);
  const std::string needle = bound.text(0, "");
  std::int64_t start = 0;
  const std::string_view text = part(self, bound, 1, &start);
  if (needle.empty() && bound.has(1))
    raise(FaultKind::Unsupported, "looking for an empty text in a part of one");
  const std::size_t at = kRight ? text.rfind(needle) : text.find(needle);
  if (at != std::string_view::npos)
    return Value(start + countCharacters(text.substr(0, at)));
  if (kMustBe)
    raise(FaultKind::Type, "substring not found");
  return Value(-1);
}

Value count(const std::string& self, const Arguments& arguments) {
  const Bound bound("count", arguments, {"", "", ""}, 1);
  const std::string needle = bound.text(0, "");
  const std::string_view text = part(self, bound, 1);
  if (needle.empty())
    return Value(countCharacters(text) + 1);
  std::int64_t found = 0;
  for (std::size_t at = text.find(needle); at != std::string_view::npos;
       at = text.find(needle, at + needle.size()))
    ++found;
  return Value(found);
}

Value join(const std::string& self, const Arguments& arguments) {
  const Bound bound("join", arguments, {""}, 1);
  std::string out;
  bool first = true;
  for (const Value& value : iterate(bound[0])) {
    requirePresent(value);
    if (!value.is(Kind::Text))
      raise(FaultKind::Type, fmt::format("join() takes texts, not a {}", value.typeName()));
    if (!first)
      out += self;
    first = false;
    out += value.text();
    chargeText(out.size() / 64);
  }
  chargeText(out.size());
  return Value(std::move(out));
}

template <char kAlignment> Value justify(const std::string& self, const Arguments& arguments) {
  const Bound bound("the method", arguments, {"", ""}, 1);
  const std::string fill = bound.text(1, " ");
  if (countCharacters(fill) != 1)
    raise(FaultKind::Type, "The fill character must be exactly one character long");
  return Value(padded(self, toSize(bound.whole(0, 0)), kAlignment, fill));
}

Value zfill(const std::string& self, const Arguments& arguments) {
  const Bound bound("zfill", arguments, {""}, 1);
  const bool sign = !self.empty() && (self[0] == '-' || self[0] == '+');
  const std::string digits =
      padded(sign ? self.substr(1) : self, toSize(bound.whole(0, 0)) - (sign ? 1 : 0), '>', "0");
  return Value(sign ? self[0] + digits : digits);
}

/// All characters pass, and there is one.
template <bool (*kTest)(char32_t)>
Value every(const std::string& self, const Arguments& arguments) {
  refuseArguments(arguments);
  charge(self.size() / 8);
  for (std::size_t at = 0; at < self.size();) {
    const CodePoint point = codePointAt(self, at);
    if (!kTest(point.value))
      return Value(false);
    at += point.bytes;
  }
  return Value(!self.empty());
}

bool isLetterOrNumber(char32_t c) {
  return isLetter(c) || isNumber(c);
}

template <bool kUpper> Value isCase(const std::string& self, const Arguments& arguments) {
  refuseArguments(arguments);
  return Value(hasCase(self, kUpper));
}

Value format(const std::string& self, const Arguments& arguments) {
  return Value(braceFormat(self, arguments));
}

struct Entry {
  std::string_view name;
  Method method;
};

constexpr Entry kMethods[] = {
    {"capitalize", map<capitalized>},
    {"center", justify<'c'>},
    {"count", count},
    {"endswith", startsWith<true>},
    {"find", find<false, false>},
    {"format", format},
    {"index", find<false, true>},
    {"isalnum", every<isLetterOrNumber>},
    {"isalpha", every<isLetter>},
    {"isdigit", every<isDigit>},
    {"islower", isCase<false>},
    {"isspace", every<isSpace>},
    {"isupper", isCase<true>},
    {"join", join},
    {"ljust", justify<'<'>},
    {"lower", map<toLower>},
    {"lstrip", strip<true, false>},
    {"partition", partition<false>},
    {"removeprefix", removeAffix<false>},
    {"removesuffix", removeAffix<true>},
    {"replace", replace},
    {"rfind", find<true, false>},
    {"rjust", justify<'>'>},
    {"rpartition", partition<true>},
    {"rsplit", split<true>},
    {"rstrip", strip<false, true>},
    {"split", split<false>},
    {"splitlines", splitlines},
    {"startswith", startsWith<false>},
    {"strip", strip<true, true>},
    {"swapcase", map<swapCase>},
    {"title", map<titled>},
    {"upper", map<toUpper>},
    {"zfill", zfill},
};

} // namespace

std::optional<Value> textMethod(const Value& value, std::string_view name) {
  for (const Entry& entry : kMethods) {
    if (entry.name != name)
      continue;
    if (value.textValue().escaped)
      raise(FaultKind::Unsupported, "methods of escaped text");
    const Method method = entry.method;
    return Value(std::make_shared<Function>("builtin_function_or_method",
                                            [value, method](Machine&, const Arguments& arguments) {
                                              charge(value.text().size() / 64);
                                              return method(value.text(), arguments);
                                            }));
  }
  return std::nullopt;
}

} // namespace switchyard::tokenizer::chat
