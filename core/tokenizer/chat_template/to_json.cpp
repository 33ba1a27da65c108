#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/tokenizer/chat_template/budget.h"
#include "core/tokenizer/chat_template/operators.h"
#include "core/tokenizer/chat_template/python_text.h"
#include "core/tokenizer/utf8.h"

namespace switchyard::tokenizer::chat {

namespace {

std::string numberText(double value) {
  if (std::isnan(value))
    return "NaN";
  if (std::isinf(value))
    return value > 0 ? "Infinity" : "-Infinity";
  return toText(value);
}

class JsonWriter {
public:
  explicit JsonWriter(const JsonStyle& style) : m_style(style) {}
  std::string out;

  void write(const Value& value, int level) {
    charge(1);
    switch (value.kind()) {
    case Kind::None:
      return add("null");
    case Kind::Bool:
      return add(value.boolean() ? "true" : "false");
    case Kind::Integer:
      return add(toText(value.integer()));
    case Kind::Float:
      return add(numberText(value.number()));
    case Kind::Text:
      return addString(value.text());
    case Kind::Dictionary:
      return writeDictionary(value.entries(), level);
    case Kind::Sequence:
      if (value.items().shape <= Shape::Group)
        return writeList(value.items().values, level);
      [[fallthrough]];
    default:
      raise(FaultKind::Type,
            fmt::format("Object of type {} is not JSON serializable", value.typeName()));
    }
  }

private:
  void add(std::string_view text) {
    charge(text.size() / 16);
    if (out.size() + text.size() > Budget::kTextBytes)
      chargeText(out.size() + text.size());
    out += text;
  }

  void addString(const std::string& text) {
    std::string quoted = "\"";
    for (std::size_t at = 0; at < text.size();) {
      const CodePoint point = codePointAt(text, at);
      switch (point.value) {
      case U'"':
        quoted += "\\\"";
        break;
      case U'\\':
        quoted += "\\\\";
        break;
      case U'\n':
        quoted += "\\n";
        break;
      case U'\r':
        quoted += "\\r";
        break;
      case U'\t':
        quoted += "\\t";
        break;
      case U'\b':
        quoted += "\\b";
        break;
      case U'\f':
        quoted += "\\f";
        break;
      default: {
        const auto code = static_cast<std::uint32_t>(point.value);
        if (code < 0x20 || (m_style.asciiOnly && code > 0x7e && code < 0x10000))
          quoted += fmt::format("\\u{:04x}", code);
        else if (m_style.asciiOnly && code >= 0x10000)
          quoted += fmt::format("\\u{:04x}\\u{:04x}", 0xd800 + ((code - 0x10000) >> 10),
                                0xdc00 + ((code - 0x10000) & 0x3ff));
        else
          quoted.append(text, at, point.bytes);
      }
      }
      at += point.bytes;
    }
    add(quoted + "\"");
  }

  void newLine(int level) {
    if (!m_style.indent)
      return;
    add("\n");
    for (int i = 0; i < level; ++i)
      add(*m_style.indent);
  }

  void separate(bool first, int level) {
    if (!first)
      add(m_style.itemSeparator);
    newLine(level);
  }

  void writeList(const std::vector<Value>& values, int level) {
    if (values.empty())
      return add("[]");
    add("[");
    for (std::size_t i = 0; i < values.size(); ++i) {
      separate(i == 0, level + 1);
      write(values[i], level + 1);
    }
    newLine(level);
    add("]");
  }

  static std::string keyText(const Value& key) {
    switch (key.kind()) {
    case Kind::Text:
      return key.text();
    case Kind::None:
      return "null";
    case Kind::Bool:
      return key.boolean() ? "true" : "false";
    case Kind::Integer:
      return toText(key.integer());
    case Kind::Float:
      return numberText(key.number());
    default:
      raise(FaultKind::Type,
            fmt::format("keys must be str, int, float, bool or None, not {}", key.typeName()));
    }
  }

  void writeDictionary(const Dictionary& dictionary, int level) {
    if (dictionary.entries.empty())
      return add("{}");
    std::vector<const std::pair<Value, Value>*> order;
    for (const auto& entry : dictionary.entries)
      order.push_back(&entry);
    if (m_style.sortKeys)
      std::stable_sort(order.begin(), order.end(),
                       [](const auto* a, const auto* b) { return less(a->first, b->first); });
    add("{");
    bool first = true;
    for (const auto* entry : order) {
      separate(first, level + 1);
      first = false;
      addString(keyText(entry->first));
      add(m_style.keySeparator);
      write(entry->second, level + 1);
    }
    newLine(level);
    add("}");
  }

  const JsonStyle& m_style;
};

} // namespace

std::string toJson(const Value& value, const JsonStyle& style) {
  JsonWriter writer(style);
  writer.write(value, 0);
  return std::move(writer.out);
}

} // namespace switchyard::tokenizer::chat
