#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/tokenizer/chat_template/value.h"

namespace switchyard::tokenizer::chat {

enum class TokenType : std::uint8_t {
  Data, ///< text between tags
  VariableBegin,
  VariableEnd,
  BlockBegin,
  BlockEnd,
  Name,
  String,
  Integer,
  Float,
  Operator,
  End,
};

struct Token {
  TokenType type;
  std::string text{}; ///< of Data, Name, Operator, and String (its value)
  Value value{};      ///< of Integer and Float
  int line = 0;

  bool isName(std::string_view name) const { return type == TokenType::Name && text == name; }
  bool isOperator(std::string_view name) const {
    return type == TokenType::Operator && text == name;
  }
};

/// Cuts a template into tokens as Jinja does with trim_blocks and lstrip_blocks: a newline behind a
/// block tag goes, and so does white space before one on its line. Comments are left out. The last
/// is End. source: well-formed UTF-8. Faults: Syntax, Limit.
std::vector<Token> tokensOf(std::string_view source);

/// What a token is called in messages: "'|'", "end of print statement".
std::string describe(const Token& token);

} // namespace switchyard::tokenizer::chat
