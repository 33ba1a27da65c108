#include "core/tokenizer/chat_template/access.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/tokenizer/chat_template/budget.h"
#include "core/tokenizer/chat_template/operators.h"
#include "core/tokenizer/chat_template/python_text.h"

namespace switchyard::tokenizer::chat {

namespace {

constexpr auto kListChanges = std::to_array<std::string_view>(
    {"append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"});
constexpr auto kDictionaryChanges =
    std::to_array<std::string_view>({"clear", "pop", "popitem", "setdefault", "update"});
/// Attributes that Python's values have and these have not.
constexpr auto kTextOthers = std::to_array<std::string_view>(
    {"casefold", "encode", "expandtabs", "format_map", "isascii", "isdecimal", "isidentifier",
     "isnumeric", "isprintable", "istitle", "maketrans", "rindex", "translate"});
constexpr auto kNumberOthers = std::to_array<std::string_view>(
    {"as_integer_ratio", "bit_count", "bit_length", "conjugate", "denominator", "from_bytes",
     "fromhex", "hex", "is_integer", "numerator", "to_bytes"});

template <std::size_t n>
bool isOneOf(std::string_view name, const std::array<std::string_view, n>& names) {
  return std::ranges::find(names, name) != names.end();
}

Value forbidden(const Value& value, const std::string& name) {
  return Value::missing(
      fmt::format("access to attribute '{}' of '{}' object is unsafe.", name, value.typeName()),
      true);
}

[[noreturn]] void unsupported(const Value& value, std::string_view name) {
  raise(FaultKind::Unsupported, fmt::format("the attribute '{}' of {}", name, value.typeName()));
}

std::optional<Value> ofSequence(const Value& value, std::string_view name) {
  const Sequence& sequence = value.items();
  if (sequence.shape == Shape::List && isOneOf(name, kListChanges))
    return forbidden(value, std::string(name));
  if (sequence.shape == Shape::Group && name == "grouper")
    return sequence.values[0];
  if (sequence.shape == Shape::Group && name == "list")
    return sequence.values[1];
  return containerMethod(value, name);
}

std::optional<Value> ofNumber(const Value& value, std::string_view name) {
  if (name == "real")
    return value.is(Kind::Bool) ? Value(value.integer()) : value;
  if (name == "imag")
    return value.is(Kind::Float) ? Value(0.0) : Value(0);
  if (isOneOf(name, kNumberOthers))
    unsupported(value, name);
  return std::nullopt;
}

/// Python's attribute of that name, if there is one.
std::optional<Value> plainAttribute(const Value& value, const std::string& name) {
  requirePresent(value);
  if (name.starts_with("__"))
    return forbidden(value, name);
  switch (value.kind()) {
  case Kind::Text:
    if (isOneOf(name, kTextOthers))
      unsupported(value, name);
    return textMethod(value, name);
  case Kind::Dictionary:
    if (isOneOf(name, kDictionaryChanges))
      return forbidden(value, name);
    return containerMethod(value, name);
  case Kind::Sequence:
    return ofSequence(value, name);
  case Kind::Bool:
  case Kind::Integer:
  case Kind::Float:
    return ofNumber(value, name);
  case Kind::Range:
    if (name == "start" || name == "stop" || name == "step")
      return Value(name == "start"  ? value.range().start
                   : name == "stop" ? value.range().stop
                                    : value.range().step);
    if (name == "count" || name == "index")
      unsupported(value, name);
    return std::nullopt;
  case Kind::Object:
    if (name.starts_with('_'))
      return forbidden(value, name);
    return value.object()->attribute(name);
  default:
    return std::nullopt;
  }
}

/// Python's value[key]; nothing where it fails.
std::optional<Value> plainItem(const Value& value, const Value& key) {
  requirePresent(value);
  if (value.is(Kind::Dictionary)) {
    if (key.is(Kind::Missing))
      return std::nullopt;
    charge(value.entries().entries.size() / 8);
    const Value* found = value.entries().find(key);
    return found != nullptr ? std::optional(*found) : std::nullopt;
  }
  if (!key.isWhole())
    return std::nullopt;
  const bool indexed = value.is(Kind::Text) || value.is(Kind::Range) ||
                       (value.is(Kind::Sequence) && value.items().shape <= Shape::Group);
  if (!indexed)
    return std::nullopt;
  const std::int64_t count = length(value);
  const Integer index = key.integer() < 0 ? key.integer() + count : key.integer();
  if (index < 0 || index >= count)
    return std::nullopt;
  const auto at = static_cast<std::int64_t>(index);
  if (value.is(Kind::Range))
    return Value(value.range().start + at * value.range().step);
  if (value.is(Kind::Sequence))
    return value.items().values[static_cast<std::size_t>(at)];
  charge(value.text().size() / 4);
  return Value(characters(value.text())[static_cast<std::size_t>(at)]);
}

Value absent(const Value& value, const Value& key) {
  const std::string what = key.is(Kind::Text) ? fmt::format("has no attribute '{}'", key.text())
                                              : fmt::format("has no element {}", toText(key));
  return Value::missing(fmt::format("'{} object' {}", value.typeName(), what));
}

} // namespace

Value attributeOf(const Value& value, const std::string& name) {
  if (auto attribute = plainAttribute(value, name))
    return *attribute;
  if (auto item = plainItem(value, Value(name)))
    return *item;
  return absent(value, Value(name));
}

Value itemOf(const Value& value, const Value& key) {
  if (auto item = plainItem(value, key))
    return *item;
  if (key.is(Kind::Text))
    if (auto attribute = plainAttribute(value, key.text()))
      return *attribute;
  return absent(value, key);
}

Value onlyAttribute(const Value& value, const std::string& name) {
  if (auto attribute = plainAttribute(value, name))
    return *attribute;
  return absent(value, Value(name));
}

Bound::Bound(std::string_view function, const Arguments& arguments,
             std::initializer_list<std::string_view> parameters, std::size_t required)
    : m_function(function), m_values(parameters.size(), nullptr) {
  if (arguments.positional.size() > parameters.size())
    raise(FaultKind::Type, fmt::format("{} takes at most {} arguments, {} are given", function,
                                       parameters.size(), arguments.positional.size()));
  for (std::size_t i = 0; i < arguments.positional.size(); ++i)
    m_values[i] = &arguments.positional[i];
  for (const auto& [name, value] : arguments.named) {
    const auto found = std::find(parameters.begin(), parameters.end(), name);
    if (found == parameters.end() || found->empty())
      raise(FaultKind::Type, fmt::format("{} takes no keyword argument '{}'", function, name));
    const auto index = static_cast<std::size_t>(found - parameters.begin());
    if (m_values[index] != nullptr)
      raise(FaultKind::Type, fmt::format("{} got two values for '{}'", function, name));
    m_values[index] = &value;
  }
  for (std::size_t i = 0; i < required; ++i)
    if (m_values[i] == nullptr)
      raise(FaultKind::Type, fmt::format("{} needs {} arguments", function, required));
}

bool Bound::flag(std::size_t parameter, bool other) const {
  return has(parameter) ? truth(*m_values[parameter]) : other;
}

Integer Bound::whole(std::size_t parameter, Integer other) const {
  if (!has(parameter))
    return other;
  requirePresent(*m_values[parameter]);
  if (!m_values[parameter]->isWhole())
    raise(FaultKind::Type, fmt::format("{} needs a whole number, not a {}", m_function,
                                       m_values[parameter]->typeName()));
  return m_values[parameter]->integer();
}

std::string Bound::text(std::size_t parameter, std::string other) const {
  if (!has(parameter))
    return other;
  requirePresent(*m_values[parameter]);
  if (!m_values[parameter]->is(Kind::Text))
    raise(FaultKind::Type,
          fmt::format("{} needs a text, not a {}", m_function, m_values[parameter]->typeName()));
  return m_values[parameter]->text();
}

} // namespace switchyard::tokenizer::chat
