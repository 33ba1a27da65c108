#include "core/tokenizer/chat_template/format_text.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "core/tokenizer/chat_template/access.h"
#include "core/tokenizer/chat_template/budget.h"
#include "core/tokenizer/chat_template/operators.h"
#include "core/tokenizer/chat_template/python_text.h"
#include "core/tokenizer/utf8.h"

namespace switchyard::tokenizer::chat {

namespace {

/// What both notations say of one field.
struct Field {
  std::string fill = " ";
  char alignment = 0; ///< '<', '>', '^', '=' (zeros behind the sign); 0: by the type
  char sign = '-';
  std::int64_t width = 0;
  std::optional<std::int64_t> precision;
};

bool isDigitByte(char c) {
  return c >= '0' && c <= '9';
}

/// A number of at most six digits at `at`, which moves behind it.
std::int64_t readSize(std::string_view text, std::size_t& at) {
  std::int64_t size = 0;
  for (; at < text.size() && isDigitByte(text[at]); ++at) {
    size = size * 10 + (text[at] - '0');
    if (size > 999'999)
      raise(FaultKind::Limit, "a width or precision is too large");
  }
  return size;
}

std::string withSign(std::string digits, bool negative, char sign) {
  if (negative)
    return "-" + digits;
  return sign == '-' ? digits : sign + digits;
}

/// A number's text in its field: sign, zeros, alignment.
std::string numberField(const std::string& digits, bool negative, const Field& field) {
  std::string text = withSign(digits, negative, field.sign);
  if (field.alignment == '=') {
    const auto missing = field.width - static_cast<std::int64_t>(text.size());
    if (missing > 0)
      text.insert(text.size() - digits.size(), std::string(static_cast<std::size_t>(missing), '0'));
    return text;
  }
  return padded(std::move(text), field.width, field.alignment == 0 ? '>' : field.alignment,
                field.fill);
}

std::string fixedText(double value, std::int64_t precision) {
  if (!std::isfinite(value))
    return std::isnan(value) ? "nan" : "inf";
  if (precision > 400)
    raise(FaultKind::Limit, "a precision is too large");
  return fmt::format("{:.{}f}", std::fabs(value), precision);
}

std::string wholeField(const Value& value, const Field& field) {
  Integer number;
  if (value.is(Kind::Float)) {
    const double truncated = std::trunc(value.number());
    if (!(std::fabs(truncated) < 1e38))
      raise(FaultKind::Type, "cannot convert float infinity or a huge float to integer");
    number = static_cast<Integer>(truncated);
  } else {
    number = value.integer();
  }
  std::string digits = toText(number);
  if (number < 0)
    digits.erase(0, 1);
  if (field.precision && static_cast<std::int64_t>(digits.size()) < *field.precision)
    digits.insert(0, static_cast<std::size_t>(*field.precision) - digits.size(), '0');
  return numberField(digits, number < 0, field);
}

std::string floatField(const Value& value, const Field& field) {
  const double number = value.number();
  return numberField(fixedText(number, field.precision.value_or(6)), std::signbit(number), field);
}

std::string cut(const std::string& text, std::optional<std::int64_t> most) {
  if (!most)
    return text;
  std::string out;
  std::int64_t count = 0;
  for (std::size_t at = 0; at < text.size() && count < *most; ++count) {
    const std::size_t bytes = codePointAt(text, at).bytes;
    out.append(text, at, bytes);
    at += bytes;
  }
  return out;
}

/// One conversion of the printf notation behind its '%'.
std::string conversion(std::string_view format, std::size_t& at, const auto& next) {
  Field field;
  bool left = false, zero = false;
  for (; at < format.size(); ++at) {
    const char flag = format[at];
    if (flag == '-')
      left = true;
    else if (flag == '0')
      zero = true;
    else if (flag == '+' || flag == ' ')
      field.sign = field.sign == '+' ? '+' : flag;
    else
      break;
  }
  field.width = readSize(format, at);
  if (at < format.size() && format[at] == '.') {
    ++at;
    field.precision = readSize(format, at);
  }
  if (at >= format.size())
    raise(FaultKind::Type, "incomplete format");
  const char type = format[at++];
  if (type == '%')
    return "%";
  if (type == 's' || type == 'r') {
    const Value value = next();
    return padded(cut(type == 's' ? toText(value) : toRepr(value), field.precision), field.width,
                  left ? '<' : '>', " ");
  }
  const bool whole = type == 'd' || type == 'i' || type == 'u';
  if (!whole && type != 'f' && type != 'F')
    raise(FaultKind::Unsupported, fmt::format("the format \"%{}\"", type));
  const Value value = next();
  requirePresent(value);
  if (!value.isNumber())
    raise(FaultKind::Type, whole ? fmt::format("%{} format: a real number is required, not {}",
                                               type, value.typeName())
                                 : fmt::format("must be real number, not {}", value.typeName()));
  field.alignment = left ? '<' : zero ? '=' : '>';
  return whole ? wholeField(value, field) : floatField(value, field);
}

Field readSpecification(std::string_view text, char& type) {
  Field field;
  std::size_t at = 0;
  const auto aligns = [](char c) { return c == '<' || c == '>' || c == '^' || c == '='; };
  if (!text.empty()) {
    const std::size_t first = codePointAt(text, 0).bytes;
    if (first < text.size() && aligns(text[first])) {
      field.fill = text.substr(0, first);
      field.alignment = text[first];
      at = first + 1;
    } else if (aligns(text[0])) {
      field.alignment = text[0];
      at = 1;
    }
  }
  if (at < text.size() && (text[at] == '+' || text[at] == '-' || text[at] == ' '))
    field.sign = text[at++];
  if (at < text.size() && text[at] == '0') {
    ++at;
    if (field.alignment == 0)
      field.alignment = '=';
  }
  field.width = readSize(text, at);
  if (at < text.size() && text[at] == '.') {
    ++at;
    field.precision = readSize(text, at);
  }
  type = at < text.size() ? text[at++] : '\0';
  const bool known = type == '\0' || type == 's' || type == 'd' || type == 'f';
  if (at != text.size() || !known || (field.alignment == '=' && field.fill != " "))
    raise(FaultKind::Unsupported, fmt::format("the format specification \"{}\"", text));
  return field;
}

std::string formatted(const Value& value, std::string_view specification) {
  if (specification.empty())
    return toText(value);
  char type = 0;
  const Field field = readSpecification(specification, type);
  if (value.isNumber() && !value.is(Kind::Bool)) {
    if (type == 'f')
      return floatField(value, field);
    if (value.is(Kind::Integer) && (type == 'd' || type == '\0') && !field.precision)
      return wholeField(value, field);
  } else if (value.is(Kind::Text) && (type == 's' || type == '\0') && field.alignment != '=') {
    return padded(cut(value.text(), field.precision), field.width,
                  field.alignment == 0 ? '<' : field.alignment, field.fill);
  }
  raise(FaultKind::Unsupported,
        fmt::format("the format specification \"{}\" for a {}", specification, value.typeName()));
}

/// The value of "0.name[key]"; `automatic` numbers fields without a name.
Value lookUp(std::string_view field, const Arguments& arguments, std::size_t& automatic) {
  const std::size_t end = std::min(field.find_first_of(".["), field.size());
  const std::string first(field.substr(0, end));
  Value value;
  if (first.empty() || isDigitByte(first[0])) {
    std::size_t at = 0;
    const auto index = first.empty() ? automatic++ : static_cast<std::size_t>(readSize(first, at));
    if (index >= arguments.positional.size())
      raise(FaultKind::Type, "Replacement index out of range for positional args tuple");
    value = arguments.positional[index];
  } else {
    const Value* found = arguments.find(first);
    if (found == nullptr)
      raise(FaultKind::Type, fmt::format("there is no argument '{}' to format", first));
    value = *found;
  }
  for (std::size_t at = end; at < field.size();) {
    const bool item = field[at] == '[';
    const std::size_t stop =
        item ? field.find(']', at) : std::min(field.find_first_of(".[", at + 1), field.size());
    if (stop == std::string_view::npos)
      raise(FaultKind::Type, "a format field has no ']'");
    const std::string key(field.substr(at + 1, stop - at - 1));
    std::size_t digits = 0;
    const bool number = !key.empty() && key.find_first_not_of("0123456789") == std::string::npos;
    value = !item ? attributeOf(value, key)
                  : itemOf(value, number ? Value(readSize(key, digits)) : Value(key));
    at = item ? stop + 1 : stop;
  }
  return value;
}

} // namespace

std::string padded(std::string text, std::int64_t width, char alignment, std::string_view fill) {
  const std::int64_t missing = width - countCharacters(text);
  if (missing <= 0)
    return text;
  chargeText(text.size() + static_cast<std::uint64_t>(missing) * fill.size());
  std::int64_t before = 0;
  if (alignment == '>')
    before = missing;
  else if (alignment == '^')
    before = missing / 2;
  else if (alignment == 'c')
    before = missing / 2 + (missing & width & 1);
  std::string out;
  for (std::int64_t i = 0; i < before; ++i)
    out += fill;
  out += text;
  for (std::int64_t i = before; i < missing; ++i)
    out += fill;
  return out;
}

std::string printfFormat(const std::string& format, const Value& values) {
  const bool tuple = values.is(Kind::Sequence) && values.items().shape == Shape::Tuple;
  std::size_t used = 0;
  const std::size_t count = tuple ? values.items().values.size() : 1;
  const auto next = [&]() -> Value {
    if (used >= count)
      raise(FaultKind::Type, "not enough arguments for format string");
    return tuple ? values.items().values[used++] : (++used, values);
  };
  std::string out;
  for (std::size_t at = 0; at < format.size();) {
    if (format[at] != '%') {
      out += format[at++];
      continue;
    }
    ++at;
    out += conversion(format, at, next);
    chargeText(out.size() / 64);
  }
  if (used < count && !values.is(Kind::Dictionary))
    raise(FaultKind::Type, "not all arguments converted during string formatting");
  chargeText(out.size());
  return out;
}

std::string braceFormat(const std::string& format, const Arguments& arguments) {
  std::string out;
  std::size_t automatic = 0;
  for (std::size_t at = 0; at < format.size();) {
    const char c = format[at++];
    if (c != '{' && c != '}') {
      out += c;
      continue;
    }
    if (at < format.size() && format[at] == c) {
      out += c;
      ++at;
      continue;
    }
    const std::size_t end = format.find('}', at);
    if (c == '}' || end == std::string::npos)
      raise(FaultKind::Type, fmt::format("Single '{}' encountered in format string", c));
    const std::string_view whole = std::string_view(format).substr(at, end - at);
    if (whole.find('{') != std::string_view::npos)
      raise(FaultKind::Unsupported, "format fields inside format fields");
    const std::size_t mark = std::min(whole.find_first_of("!:"), whole.size());
    Value value = lookUp(whole.substr(0, mark), arguments, automatic);
    std::string_view rest = whole.substr(mark);
    if (rest.starts_with('!')) {
      if (!rest.starts_with("!r") && !rest.starts_with("!s"))
        raise(FaultKind::Unsupported, "this conversion of a format field");
      value = Value(rest[1] == 'r' ? toRepr(value) : toText(value));
      rest.remove_prefix(2);
    }
    if (!rest.empty() && rest[0] != ':')
      raise(FaultKind::Type, "expected ':' after conversion specifier");
    out += formatted(value, rest.empty() ? rest : rest.substr(1));
    chargeText(out.size() / 64);
    at = end + 1;
  }
  chargeText(out.size());
  return out;
}

} // namespace switchyard::tokenizer::chat
