#pragma once

#include <string>

#include "core/tokenizer/chat_template/value.h"

namespace switchyard::tokenizer::chat {

/// How Python prints the value: str() and repr(). Fault Unsupported for what has no portable text
/// (macros, generators).
std::string toText(const Value& value);
std::string toRepr(const Value& value);
std::string toText(Integer value);
/// Shortest text that reads back as the same number: "1.0", "1e-05", "inf".
std::string toText(double value);

/// Python's json.dumps as transformers calls it: order kept, no escapes for HTML.
struct JsonStyle {
  bool asciiOnly = false;
  bool sortKeys = false;
  std::optional<std::string> indent{}; ///< of one level; unset: one line
  std::string itemSeparator = ", ";
  std::string keySeparator = ": ";
};
/// Fault Type for what JSON has not.
std::string toJson(const Value& value, const JsonStyle& style);

} // namespace switchyard::tokenizer::chat
