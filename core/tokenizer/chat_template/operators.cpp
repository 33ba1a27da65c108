#include "core/tokenizer/chat_template/operators.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/tokenizer/chat_template/budget.h"
#include "core/tokenizer/utf8.h"

namespace switchyard::tokenizer::chat {

namespace {

constexpr double kTwo126 = 8.507059173023462e37;

/// -1, 0, 1; 2 if unordered (not a number).
int compareNumbers(const Value& a, const Value& b) {
  if (a.isWhole() && b.isWhole())
    return a.integer() < b.integer() ? -1 : a.integer() > b.integer() ? 1 : 0;
  if (a.is(Kind::Float) && b.is(Kind::Float)) {
    const double x = a.number(), y = b.number();
    return x < y ? -1 : x > y ? 1 : x == y ? 0 : 2;
  }
  if (a.is(Kind::Float)) {
    const int other = compareNumbers(b, a);
    return other == 2 ? 2 : -other;
  }
  const double y = b.number();
  if (std::isnan(y))
    return 2;
  if (std::fabs(y) >= kTwo126)
    return y > 0 ? -1 : 1;
  const auto whole = static_cast<Integer>(y);
  if (a.integer() != whole)
    return a.integer() < whole ? -1 : 1;
  const double rest = y - static_cast<double>(whole);
  return rest > 0 ? -1 : rest < 0 ? 1 : 0;
}

bool isTuple(const Value& value) {
  return value.items().shape == Shape::Tuple || value.items().shape == Shape::Group;
}

bool equalSequences(const Value& a, const Value& b) {
  const Sequence &x = a.items(), &y = b.items();
  if (&x == &y)
    return true;
  const bool comparable =
      (x.shape == Shape::List && y.shape == Shape::List) || (isTuple(a) && isTuple(b));
  if (!comparable || x.values.size() != y.values.size())
    return false;
  return std::equal(x.values.begin(), x.values.end(), y.values.begin(), equal);
}

bool equalDictionaries(const Dictionary& a, const Dictionary& b) {
  if (&a == &b)
    return true;
  if (a.entries.size() != b.entries.size())
    return false;
  return std::all_of(a.entries.begin(), a.entries.end(), [&](const auto& entry) {
    charge(b.entries.size());
    const Value* other = b.find(entry.first);
    return other != nullptr && equal(entry.second, *other);
  });
}

} // namespace

void requirePresent(const Value& value) {
  if (value.is(Kind::Missing))
    raise(value.missing().forbidden ? FaultKind::Security : FaultKind::Undefined,
          value.missing().message);
}

bool truth(const Value& value) {
  switch (value.kind()) {
  case Kind::Missing:
    if (value.missing().forbidden)
      requirePresent(value);
    return false;
  case Kind::None:
    return false;
  case Kind::Bool:
    return value.boolean();
  case Kind::Integer:
    return value.integer() != 0;
  case Kind::Float:
    return value.number() != 0.0;
  case Kind::Text:
    return !value.text().empty();
  case Kind::Sequence:
    return value.items().shape == Shape::Generator || !value.items().values.empty();
  case Kind::Dictionary:
    return !value.entries().entries.empty();
  case Kind::Range:
    return value.range().length() > 0;
  case Kind::Object:
    return true;
  }
  return true;
}

bool equal(const Value& a, const Value& b) {
  charge(1);
  if (a.isNumber() && b.isNumber())
    return compareNumbers(a, b) == 0;
  if (a.kind() != b.kind())
    return false;
  switch (a.kind()) {
  case Kind::Missing:
  case Kind::None:
    return true;
  case Kind::Text:
    charge(a.text().size() / 16);
    return a.text() == b.text();
  case Kind::Sequence:
    return equalSequences(a, b);
  case Kind::Dictionary:
    return equalDictionaries(a.entries(), b.entries());
  case Kind::Range: {
    const Range &x = a.range(), &y = b.range();
    const std::int64_t length = x.length();
    return length == y.length() &&
           (length == 0 || (x.start == y.start && (length == 1 || x.step == y.step)));
  }
  default:
    return a.object() == b.object();
  }
}

bool less(const Value& a, const Value& b) {
  charge(1);
  requirePresent(a);
  requirePresent(b);
  if (a.isNumber() && b.isNumber())
    return compareNumbers(a, b) == -1;
  if (a.is(Kind::Text) && b.is(Kind::Text)) {
    charge(std::min(a.text().size(), b.text().size()) / 16);
    return a.text() < b.text(); // the order of UTF-8 is that of code points
  }
  if (a.is(Kind::Sequence) && b.is(Kind::Sequence) &&
      ((a.items().shape == Shape::List && b.items().shape == Shape::List) ||
       (isTuple(a) && isTuple(b)))) {
    const std::vector<Value>&x = a.items().values, &y = b.items().values;
    for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i)
      if (!equal(x[i], y[i]))
        return less(x[i], y[i]);
    return x.size() < y.size();
  }
  raise(FaultKind::Type, fmt::format("'<' not supported between instances of '{}' and '{}'",
                                     a.typeName(), b.typeName()));
}

bool lessOrEqual(const Value& a, const Value& b) {
  if (a.isNumber() && b.isNumber())
    return compareNumbers(a, b) <= 0;
  return less(a, b) || equal(a, b);
}

bool contains(const Value& container, const Value& needle) {
  charge(1);
  switch (container.kind()) {
  case Kind::Text:
    if (!needle.is(Kind::Text)) {
      requirePresent(needle);
      raise(FaultKind::Type, fmt::format("'in <string>' requires string as left operand, not {}",
                                         needle.typeName()));
    }
    charge(container.text().size() / 16);
    return container.text().find(needle.text()) != std::string::npos;
  case Kind::Dictionary:
    charge(container.entries().entries.size());
    return container.entries().find(needle) != nullptr;
  case Kind::Range:
    if (!needle.isNumber())
      return false;
    [[fallthrough]];
  default: {
    const std::vector<Value> values = iterate(container);
    return std::any_of(values.begin(), values.end(),
                       [&](const Value& value) { return equal(value, needle); });
  }
  }
}

std::vector<std::string> characters(std::string_view text) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bytes = codePointAt(text, at).bytes;
    all.emplace_back(text.substr(at, bytes));
    at += bytes;
  }
  return all;
}

std::int64_t countCharacters(std::string_view text) {
  charge(text.size() / 64);
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u; });
}

std::int64_t length(const Value& value) {
  switch (value.kind()) {
  case Kind::Missing:
    if (value.missing().forbidden)
      requirePresent(value);
    return 0;
  case Kind::Text:
    return countCharacters(value.text());
  case Kind::Dictionary:
    return static_cast<std::int64_t>(value.entries().entries.size());
  case Kind::Range:
    return value.range().length();
  case Kind::Sequence:
    if (value.items().shape != Shape::Generator)
      return static_cast<std::int64_t>(value.items().values.size());
    [[fallthrough]];
  default:
    raise(FaultKind::Type, fmt::format("object of type '{}' has no len()", value.typeName()));
  }
}

std::vector<Value> iterate(const Value& value) {
  std::vector<Value> all;
  switch (value.kind()) {
  case Kind::Missing:
    if (value.missing().forbidden)
      requirePresent(value);
    return all;
  case Kind::Text: {
    chargeItems(value.text().size());
    for (std::string& character : characters(value.text()))
      all.emplace_back(std::move(character));
    return all;
  }
  case Kind::Sequence: {
    const Sequence& sequence = value.items();
    if (sequence.shape == Shape::Generator && std::exchange(sequence.consumed, true))
      raise(FaultKind::Unsupported, "the result of a lazy filter is used twice; add \"| list\"");
    charge(sequence.values.size());
    return sequence.values;
  }
  case Kind::Dictionary:
    charge(value.entries().entries.size());
    for (const auto& [key, ignored] : value.entries().entries)
      all.push_back(key);
    return all;
  case Kind::Range: {
    const Range& range = value.range();
    chargeItems(static_cast<std::uint64_t>(range.length()));
    for (std::int64_t i = 0; i < range.length(); ++i)
      all.emplace_back(range.start + i * range.step);
    return all;
  }
  default:
    raise(FaultKind::Type, fmt::format("'{}' object is not iterable", value.typeName()));
  }
}

std::int64_t toSize(Integer value) {
  constexpr Integer kMost = std::int64_t{1} << 40;
  if (value > kMost || value < -kMost)
    raise(FaultKind::Limit, "a number is too large for a size or a position");
  return static_cast<std::int64_t>(value);
}

std::int64_t clampIndex(Integer index, std::int64_t length) {
  if (index < 0)
    index += length;
  return static_cast<std::int64_t>(std::clamp<Integer>(index, 0, length));
}

Value slice(const Value& value, const Value& start, const Value& stop, const Value& step) {
  const auto whole = [](const Value& part, Integer none) {
    if (part.is(Kind::None))
      return none;
    requirePresent(part);
    if (!part.isWhole())
      raise(FaultKind::Type, "slice indices must be integers or None");
    return part.integer();
  };
  requirePresent(value);
  const Integer by = whole(step, 1);
  if (by == 0)
    raise(FaultKind::Type, "slice step cannot be zero");
  const bool text = value.is(Kind::Text);
  const bool list =
      value.is(Kind::Sequence) && (value.items().shape == Shape::List || isTuple(value));
  if (value.is(Kind::Range))
    raise(FaultKind::Unsupported, "parts of a range; add \"| list\"");
  if (!text && !list)
    return Value::missing(fmt::format("'{}' object cannot be cut", value.typeName()));
  const std::vector<Value> all = iterate(value);
  const auto count = static_cast<std::int64_t>(all.size());
  Integer at, end;
  if (by > 0) {
    at = clampIndex(whole(start, 0), count);
    end = clampIndex(whole(stop, count), count);
  } else {
    const auto backwards = [&](const Value& part, Integer none) {
      Integer index = whole(part, none);
      if (part.is(Kind::None))
        return none;
      if (index < 0)
        index += count;
      return std::clamp<Integer>(index, -1, count - 1);
    };
    at = backwards(start, count - 1);
    end = backwards(stop, -1);
  }
  std::vector<Value> kept;
  for (; by > 0 ? at < end : at > end; at += by) {
    kept.push_back(all[static_cast<std::size_t>(at)]);
    if (by > count || by < -count)
      break;
  }
  charge(kept.size());
  if (!text)
    return Value::sequence(std::move(kept), list && isTuple(value) ? Shape::Tuple : Shape::List);
  std::string joined;
  for (const Value& part : kept)
    joined += part.text();
  return Value(std::move(joined));
}

} // namespace switchyard::tokenizer::chat
