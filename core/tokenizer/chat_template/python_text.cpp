#include "core/tokenizer/chat_template/python_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <utf8proc.h>

#include "core/tokenizer/chat_template/budget.h"
#include "core/tokenizer/utf8.h"

namespace switchyard::tokenizer::chat {

namespace {

/// Python's str.isprintable for one character.
bool isPrintable(char32_t c) {
  if (c == U' ')
    return true;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
  case UTF8PROC_CATEGORY_CC:
  case UTF8PROC_CATEGORY_CF:
  case UTF8PROC_CATEGORY_CS:
  case UTF8PROC_CATEGORY_CO:
  case UTF8PROC_CATEGORY_CN:
  case UTF8PROC_CATEGORY_ZL:
  case UTF8PROC_CATEGORY_ZP:
  case UTF8PROC_CATEGORY_ZS:
    return false;
  default:
    return true;
  }
}

void appendCodeEscape(char32_t c, std::string& out) {
  const auto code = static_cast<std::uint32_t>(c);
  out += code < 0x100     ? fmt::format("\\x{:02x}", code)
         : code < 0x10000 ? fmt::format("\\u{:04x}", code)
                          : fmt::format("\\U{:08x}", code);
}

std::string quoted(const std::string& text) {
  const bool doubleQuotes =
      text.find('\'') != std::string::npos && text.find('"') == std::string::npos;
  const char quote = doubleQuotes ? '"' : '\'';
  std::string out(1, quote);
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = codePointAt(text, at);
    switch (point.value) {
    case U'\n':
      out += "\\n";
      break;
    case U'\r':
      out += "\\r";
      break;
    case U'\t':
      out += "\\t";
      break;
    case U'\\':
      out += "\\\\";
      break;
    default:
      if (point.value == static_cast<char32_t>(quote))
        out += '\\';
      if (isPrintable(point.value))
        out.append(text, at, point.bytes);
      else
        appendCodeEscape(point.value, out);
    }
    at += point.bytes;
  }
  return out + quote;
}

class Writer {
public:
  std::string out;

  void write(const Value& value) {
    charge(1);
    switch (value.kind()) {
    case Kind::Missing:
      return add("Undefined");
    case Kind::None:
      return add("None");
    case Kind::Bool:
      return add(value.boolean() ? "True" : "False");
    case Kind::Integer:
      return add(toText(value.integer()));
    case Kind::Float:
      return add(toText(value.number()));
    case Kind::Text:
      return add(value.textValue().escaped ? "Markup(" + quoted(value.text()) + ")"
                                           : quoted(value.text()));
    case Kind::Sequence:
      return writeSequence(value);
    case Kind::Dictionary:
      return writeDictionary(value.entries());
    case Kind::Range:
      return writeRange(value.range());
    case Kind::Object:
      raise(FaultKind::Unsupported, fmt::format("printing a {}", value.typeName()));
    }
  }

private:
  void add(std::string_view text) {
    chargeText(out.size() / 1024 + text.size());
    out += text;
    if (out.size() > Budget::kTextBytes)
      chargeText(out.size());
  }

  void writeAll(const std::vector<Value>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0)
        add(", ");
      write(values[i]);
    }
  }

  void writeSequence(const Value& value) {
    const Sequence& sequence = value.items();
    switch (sequence.shape) {
    case Shape::Generator:
      raise(FaultKind::Unsupported,
            "printing the result of a lazy filter; add \"| list\" or \"| join\"");
    case Shape::List:
      add("[");
      writeAll(sequence.values);
      return add("]");
    case Shape::Tuple:
    case Shape::Group:
      add("(");
      writeAll(sequence.values);
      return add(sequence.values.size() == 1 ? ",)" : ")");
    default:
      add(value.typeName());
      add("([");
      writeAll(sequence.values);
      return add("])");
    }
  }

  void writeDictionary(const Dictionary& dictionary) {
    add("{");
    bool first = true;
    for (const auto& [key, value] : dictionary.entries) {
      if (!first)
        add(", ");
      first = false;
      write(key);
      add(": ");
      write(value);
    }
    add("}");
  }

  void writeRange(const Range& range) {
    add(range.step == 1 ? fmt::format("range({}, {})", range.start, range.stop)
                        : fmt::format("range({}, {}, {})", range.start, range.stop, range.step));
  }
};

} // namespace

std::string toText(Integer value) {
  if (value == 0)
    return "0";
  const bool negative = value < 0;
  std::string digits;
  for (; value != 0; value /= 10)
    digits += static_cast<char>('0' + static_cast<int>(negative ? -(value % 10) : value % 10));
  if (negative)
    digits += '-';
  std::ranges::reverse(digits);
  return digits;
}

std::string toText(double value) {
  if (std::isnan(value))
    return "nan";
  if (std::isinf(value))
    return value > 0 ? "inf" : "-inf";
  char buffer[40];
  const auto end =
      std::to_chars(std::begin(buffer), std::end(buffer), value, std::chars_format::scientific).ptr;
  const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  const std::size_t e = text.find('e');
  int exponent = 0;
  const std::size_t skip = text[e + 1] == '+' ? 2 : 1;
  std::from_chars(text.data() + e + skip, end, exponent);
  std::string digits;
  for (const char c : text.substr(0, e))
    if (c >= '0' && c <= '9')
      digits += c;
  std::string out = text.front() == '-' ? "-" : "";
  const auto count = static_cast<int>(digits.size());
  if (exponent < -4 || exponent >= 16) {
    out += digits.substr(0, 1);
    if (count > 1)
      out += "." + digits.substr(1);
    return out + fmt::format("e{}{:02d}", exponent < 0 ? '-' : '+', std::abs(exponent));
  }
  if (exponent < 0)
    return out + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  const auto whole = static_cast<std::size_t>(exponent + 1);
  if (digits.size() <= whole)
    return out + digits + std::string(whole - digits.size(), '0') + ".0";
  return out + digits.substr(0, whole) + "." + digits.substr(whole);
}

std::string toRepr(const Value& value) {
  Writer writer;
  writer.write(value);
  return std::move(writer.out);
}

std::string toText(const Value& value) {
  if (value.is(Kind::Text)) {
    chargeText(value.text().size());
    return value.text();
  }
  if (value.is(Kind::Missing))
    return "";
  return toRepr(value);
}

} // namespace switchyard::tokenizer::chat
