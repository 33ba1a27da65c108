// The operators + - * / // % ** and the signs.

#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/tokenizer/chat_template/budget.h"
#include "core/tokenizer/chat_template/format_text.h"
#include "core/tokenizer/chat_template/operators.h"

namespace switchyard::tokenizer::chat {

namespace {

constexpr Integer kExact = Integer{1} << 53; ///< whole numbers that a double holds

[[noreturn]] void tooLarge() {
  raise(FaultKind::Limit, "a whole number grows beyond 127 bits");
}

[[noreturn]] void unfit(std::string_view op, const Value& a, const Value& b) {
  if (op == "+" && a.is(Kind::Text))
    raise(FaultKind::Type,
          fmt::format("can only concatenate str (not \"{}\") to str", b.typeName()));
  raise(FaultKind::Type, fmt::format("unsupported operand type(s) for {}: '{}' and '{}'", op,
                                     a.typeName(), b.typeName()));
}

[[noreturn]] void byZero() {
  raise(FaultKind::Type, "division by zero");
}

Integer floorDivide(Integer a, Integer b) {
  if (b == 0)
    byZero();
  if (b == -1) { // the quotient of the least number does not fit
    Integer negated;
    if (__builtin_sub_overflow(Integer{0}, a, &negated))
      tooLarge();
    return negated;
  }
  const Integer quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

Integer modulo(Integer a, Integer b) {
  if (b == 0)
    byZero();
  if (b == -1)
    return 0;
  const Integer rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

Value power(Integer base, Integer exponent) {
  if (exponent < 0) {
    if (base == 0)
      raise(FaultKind::Type, "0.0 cannot be raised to a negative power");
    return Value(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
  }
  if (base == 0 || base == 1)
    return Value(exponent == 0 ? Integer{1} : base);
  if (base == -1)
    return Value(exponent % 2 == 0 ? Integer{1} : Integer{-1});
  Integer result = 1;
  for (; exponent > 0; --exponent)
    if (__builtin_mul_overflow(result, base, &result))
      tooLarge();
  return Value(result);
}

Value wholeNumbers(std::string_view op, Integer a, Integer b) {
  Integer result = 0;
  bool overflow = false;
  if (op == "+")
    overflow = __builtin_add_overflow(a, b, &result);
  else if (op == "-")
    overflow = __builtin_sub_overflow(a, b, &result);
  else if (op == "*")
    overflow = __builtin_mul_overflow(a, b, &result);
  else if (op == "//")
    result = floorDivide(a, b);
  else if (op == "%")
    result = modulo(a, b);
  else if (op == "**")
    return power(a, b);
  else {
    if (b == 0)
      byZero();
    if (a > kExact || a < -kExact || b > kExact || b < -kExact)
      raise(FaultKind::Unsupported, "division of whole numbers beyond 53 bits");
    return Value(static_cast<double>(a) / static_cast<double>(b));
  }
  if (overflow)
    tooLarge();
  return Value(result);
}

Value floats(std::string_view op, double a, double b) {
  if (op == "+")
    return Value(a + b);
  if (op == "-")
    return Value(a - b);
  if (op == "*")
    return Value(a * b);
  if (op == "**") {
    if (a == 0 && b < 0)
      raise(FaultKind::Type, "0.0 cannot be raised to a negative power");
    if (a < 0 && std::isfinite(b) && b != std::floor(b))
      raise(FaultKind::Unsupported, "complex numbers");
    const double result = std::pow(a, b);
    if (std::isinf(result) && std::isfinite(a) && std::isfinite(b))
      raise(FaultKind::Type, "the power is too large");
    return Value(result);
  }
  if (b == 0)
    byZero();
  if (op == "/")
    return Value(a / b);
  double rest = std::fmod(a, b);
  double quotient = (a - rest) / b;
  if (rest != 0) {
    if ((b < 0) != (rest < 0)) {
      rest += b;
      quotient -= 1.0;
    }
  } else {
    rest = std::copysign(0.0, b);
  }
  if (op == "%")
    return Value(rest);
  if (quotient == 0)
    return Value(std::copysign(0.0, a / b));
  const double floored = std::floor(quotient);
  return Value(quotient - floored > 0.5 ? floored + 1.0 : floored);
}

/// text * n, list * n; null if these are other values.
std::optional<Value> repeated(const Value& what, const Value& times) {
  if (!times.isWhole())
    return std::nullopt;
  const Integer count = times.integer() > 0 ? times.integer() : 0;
  if (what.is(Kind::Text)) {
    if (what.textValue().escaped)
      raise(FaultKind::Unsupported, "arithmetic with escaped text");
    const std::string& text = what.text();
    if (text.empty() || count == 0)
      return Value("");
    if (count > static_cast<Integer>(Budget::kTextBytes))
      chargeText(std::numeric_limits<std::uint64_t>::max());
    chargeText(text.size() * static_cast<std::uint64_t>(count));
    std::string all;
    for (Integer i = 0; i < count; ++i)
      all += text;
    return Value(std::move(all));
  }
  if (!what.is(Kind::Sequence) ||
      (what.items().shape != Shape::List && what.items().shape != Shape::Tuple))
    return std::nullopt;
  const std::vector<Value>& items = what.items().values;
  if (count > static_cast<Integer>(Budget::kUnits) && !items.empty())
    chargeItems(std::numeric_limits<std::uint64_t>::max());
  std::vector<Value> all;
  if (!items.empty()) {
    chargeItems(items.size() * static_cast<std::uint64_t>(count));
    for (Integer i = 0; i < count; ++i)
      all.insert(all.end(), items.begin(), items.end());
  }
  return Value::sequence(std::move(all), what.items().shape);
}

} // namespace

Value binary(std::string_view op, const Value& a, const Value& b) {
  if (op == "%" && a.is(Kind::Text))
    return Value(printfFormat(a.text(), b));
  requirePresent(a);
  requirePresent(b);
  if (a.isWhole() && b.isWhole())
    return wholeNumbers(op, a.integer(), b.integer());
  if (a.isNumber() && b.isNumber())
    return floats(op, a.number(), b.number());
  if (op == "*") {
    if (auto result = repeated(a, b))
      return *result;
    if (auto result = repeated(b, a))
      return *result;
  }
  if (op == "+" && a.is(Kind::Text) && b.is(Kind::Text)) {
    if (a.textValue().escaped || b.textValue().escaped)
      raise(FaultKind::Unsupported, "arithmetic with escaped text");
    chargeText(a.text().size() + b.text().size());
    return Value(a.text() + b.text());
  }
  if (op == "+" && a.is(Kind::Sequence) && b.is(Kind::Sequence) &&
      a.items().shape == b.items().shape &&
      (a.items().shape == Shape::List || a.items().shape == Shape::Tuple)) {
    chargeItems(a.items().values.size() + b.items().values.size());
    std::vector<Value> all = a.items().values;
    all.insert(all.end(), b.items().values.begin(), b.items().values.end());
    return Value::sequence(std::move(all), a.items().shape);
  }
  unfit(op, a, b);
}

Value unary(std::string_view op, const Value& value) {
  requirePresent(value);
  if (value.is(Kind::Float))
    return Value(op == "-" ? -value.number() : value.number());
  if (!value.isWhole())
    raise(FaultKind::Type,
          fmt::format("bad operand type for unary {}: '{}'", op, value.typeName()));
  return op == "-" ? wholeNumbers("-", 0, value.integer()) : Value(value.integer());
}

} // namespace switchyard::tokenizer::chat
