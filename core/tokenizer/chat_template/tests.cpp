// Jinja's tests ("is defined"), and which filters there are.

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/tokenizer/chat_template/filters.h"
#include "core/tokenizer/chat_template/machine.h"
#include "core/tokenizer/chat_template/operators.h"
#include "core/tokenizer/chat_template/python_text.h"
#include "core/tokenizer/chat_template/text_parts.h"

namespace switchyard::tokenizer::chat {

namespace {

/// Filters of Jinja that are refused when they are used.
constexpr auto kOtherFilters =
    std::to_array<std::string_view>({"filesizeformat", "forceescape", "pprint", "random",
                                     "striptags", "urlize", "wordwrap", "xmlattr"});

using TestFunction = bool (*)(const Value& value, const Arguments& arguments);

struct TestEntry {
  std::string_view name;
  TestFunction function;
};

template <Kind kKind> bool isKind(const Value& value, const Arguments&) {
  return value.is(kKind);
}

bool isDefined(const Value& value, const Arguments&) {
  return !value.is(Kind::Missing);
}

bool isNumber(const Value& value, const Arguments&) {
  return value.isNumber();
}

bool isIterable(const Value& value, const Arguments&) {
  return !value.isNumber() && !value.is(Kind::None) && !value.is(Kind::Object);
}

bool isSequence(const Value& value, const Arguments&) {
  return value.is(Kind::Missing) || value.is(Kind::Text) || value.is(Kind::Dictionary) ||
         value.is(Kind::Range) || (value.is(Kind::Sequence) && value.items().shape <= Shape::Group);
}

bool isCallable(const Value& value, const Arguments&) {
  // Jinja's undefined values have a __call__, which fails.
  return value.is(Kind::Missing) || (value.is(Kind::Object) && value.object()->callable());
}

bool isEscaped(const Value& value, const Arguments&) {
  return value.is(Kind::Text) && value.textValue().escaped;
}

template <bool kValue> bool isBoolean(const Value& value, const Arguments&) {
  return value.is(Kind::Bool) && value.boolean() == kValue;
}

template <int kRest> bool hasRest(const Value& value, const Arguments&) {
  return equal(binary("%", value, Value(2)), Value(kRest));
}

bool isDivisible(const Value& value, const Arguments& arguments) {
  const Bound bound("divisibleby", arguments, {"num"}, 1);
  return equal(binary("%", value, bound[0]), Value(0));
}

template <bool kUpper> bool isCase(const Value& value, const Arguments&) {
  return hasCase(toText(value), kUpper);
}

bool isIn(const Value& value, const Arguments& arguments) {
  return contains(Bound("in", arguments, {"seq"}, 1)[0], value);
}

bool isSame(const Value& value, const Arguments& arguments) {
  return value.sameAs(Bound("sameas", arguments, {"other"}, 1)[0]);
}

enum class Order : std::uint8_t { Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual };

template <Order kOrder> bool compares(const Value& value, const Arguments& arguments) {
  const Bound bound("the test", arguments, {""}, 1);
  switch (kOrder) {
  case Order::Equal:
    return equal(value, bound[0]);
  case Order::NotEqual:
    return !equal(value, bound[0]);
  case Order::Less:
    return less(value, bound[0]);
  case Order::LessOrEqual:
    return lessOrEqual(value, bound[0]);
  case Order::Greater:
    return less(bound[0], value);
  case Order::GreaterOrEqual:
    return lessOrEqual(bound[0], value);
  }
  return false;
}

bool isFilterName(const Value& value, const Arguments&) {
  return value.is(Kind::Text) && isFilter(value.text());
}

bool isTestName(const Value& value, const Arguments&) {
  return value.is(Kind::Text) && isTest(value.text());
}

bool isUndefined(const Value& value, const Arguments&) {
  return value.is(Kind::Missing);
}

constexpr TestEntry kTests[] = {
    {"defined", isDefined},
    {"undefined", isUndefined},
    {"none", isKind<Kind::None>},
    {"boolean", isKind<Kind::Bool>},
    {"true", isBoolean<true>},
    {"false", isBoolean<false>},
    {"integer", isKind<Kind::Integer>},
    {"float", isKind<Kind::Float>},
    {"number", isNumber},
    {"string", isKind<Kind::Text>},
    {"mapping", isKind<Kind::Dictionary>},
    {"iterable", isIterable},
    {"sequence", isSequence},
    {"callable", isCallable},
    {"escaped", isEscaped},
    {"odd", hasRest<1>},
    {"even", hasRest<0>},
    {"divisibleby", isDivisible},
    {"lower", isCase<false>},
    {"upper", isCase<true>},
    {"in", isIn},
    {"sameas", isSame},
    {"filter", isFilterName},
    {"test", isTestName},
    {"eq", compares<Order::Equal>},
    {"equalto", compares<Order::Equal>},
    {"==", compares<Order::Equal>},
    {"ne", compares<Order::NotEqual>},
    {"!=", compares<Order::NotEqual>},
    {"lt", compares<Order::Less>},
    {"lessthan", compares<Order::Less>},
    {"<", compares<Order::Less>},
    {"le", compares<Order::LessOrEqual>},
    {"<=", compares<Order::LessOrEqual>},
    {"gt", compares<Order::Greater>},
    {"greaterthan", compares<Order::Greater>},
    {">", compares<Order::Greater>},
    {"ge", compares<Order::GreaterOrEqual>},
    {">=", compares<Order::GreaterOrEqual>},
};

} // namespace

bool isFilter(std::string_view name) {
  return findTextFilter(name) != nullptr || findListFilter(name) != nullptr ||
         std::ranges::find(kOtherFilters, name) != kOtherFilters.end();
}

bool isTest(std::string_view name) {
  return std::ranges::find(kTests, name, &TestEntry::name) != std::end(kTests);
}

Value Machine::applyFilter(const std::string& name, const Value& value,
                           const Arguments& arguments) {
  charge(1);
  FilterFunction function = findTextFilter(name);
  if (function == nullptr)
    function = findListFilter(name);
  if (function != nullptr)
    return function(*this, value, arguments);
  if (isFilter(name))
    raise(FaultKind::Unsupported, fmt::format("the filter \"{}\"", name));
  raise(FaultKind::Syntax, fmt::format("No filter named '{}'.", name));
}

bool Machine::applyTest(const std::string& name, const Value& value, const Arguments& arguments) {
  charge(1);
  const auto found = std::ranges::find(kTests, name, &TestEntry::name);
  if (found == std::end(kTests))
    raise(FaultKind::Syntax, fmt::format("No test named '{}'.", name));
  return found->function(value, arguments);
}

} // namespace switchyard::tokenizer::chat
