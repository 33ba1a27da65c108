#include "core/tokenizer/chat_template/lexer.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/tokenizer/chat_template/case_mapping.h"
#include "core/tokenizer/chat_template/literal.h"
#include "core/tokenizer/unicode_class.h"
#include "core/tokenizer/utf8.h"

namespace switchyard::tokenizer::chat {

namespace {

/// Newlines as \n, and one at the end dropped.
std::string normalised(std::string_view source) {
  std::string out;
  out.reserve(source.size());
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source[i] != '\r') {
      out += source[i];
      continue;
    }
    out += '\n';
    if (i + 1 < source.size() && source[i + 1] == '\n')
      ++i;
  }
  if (out.ends_with('\n'))
    out.pop_back();
  return out;
}

bool isWhite(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = codePointAt(text, at);
    if (!isSpace(point.value))
      return false;
    at += point.bytes;
  }
  return true;
}

constexpr auto kOperators = std::to_array<std::string_view>(
    {"//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[",
     "]",  "(",  ")",  "{",  "}",  ">",  "<", "=", ".", ":", "|", ",", ";"});

class Lexer {
public:
  explicit Lexer(std::string_view source) : m_text(normalised(source)) {}

  std::vector<Token> run() {
    while (m_at < m_text.size())
      root();
    add(TokenType::End);
    return std::move(m_tokens);
  }

private:
  void add(TokenType type, std::string text = {}, Value value = {}) {
    m_tokens.push_back({type, std::move(text), std::move(value), m_line});
  }

  /// Moves on, counting lines.
  void advance(std::size_t bytes) {
    const auto begin = m_text.begin() + static_cast<std::ptrdiff_t>(m_at);
    m_line += static_cast<int>(std::count(begin, begin + static_cast<std::ptrdiff_t>(bytes), '\n'));
    m_at += bytes;
    if (bytes > 0)
      m_lineStarts = m_text[m_at - 1] == '\n';
  }

  bool sees(std::string_view what, std::size_t ahead = 0) const {
    return std::string_view(m_text).substr(std::min(m_at + ahead, m_text.size())).starts_with(what);
  }

  std::size_t whiteFrom(std::size_t at) const {
    std::size_t end = at;
    while (end < m_text.size()) {
      const CodePoint point = codePointAt(m_text, end);
      if (!isSpace(point.value))
        break;
      end += point.bytes;
    }
    return end - at;
  }

  /// The text before a tag, cut as its sign ('-', '+' or none) says.
  void addData(std::string_view text, char sign, bool strips) {
    if (sign == '-') {
      add(TokenType::Data, stripped(text, nullptr, false, true));
      return;
    }
    if (sign != '+' && strips) {
      const std::size_t newline = text.rfind('\n');
      const std::size_t line = newline == std::string_view::npos ? 0 : newline + 1;
      if ((line > 0 || m_lineStarts) && isWhite(text.substr(line)))
        text = text.substr(0, line);
    }
    add(TokenType::Data, std::string(text));
  }

  /// Text up to the next tag, and the tag's beginning.
  void root() {
    std::size_t at = m_at;
    for (;; ++at) {
      at = m_text.find('{', at);
      if (at == std::string::npos || at + 1 >= m_text.size()) {
        add(TokenType::Data, m_text.substr(m_at));
        return advance(m_text.size() - m_at);
      }
      const char next = m_text[at + 1];
      if (next == '{' || next == '%' || next == '#')
        break;
    }
    const char kind = m_text[at + 1];
    const char mark = at + 2 < m_text.size() ? m_text[at + 2] : '\0';
    const char sign = mark == '-' || mark == '+' ? mark : '\0';
    const std::size_t opening = sign != '\0' ? 3 : 2;
    addData(std::string_view(m_text).substr(m_at, at - m_at), sign, kind != '{');
    advance(at - m_at);
    if (kind == '%')
      if (const std::size_t raw = rawBegin(opening); raw > 0)
        return rawBlock(raw);
    advance(opening);
    if (kind == '#')
      return comment();
    add(kind == '{' ? TokenType::VariableBegin : TokenType::BlockBegin);
    expression(kind == '{' ? "}}" : "%}");
  }

  /// Bytes of a block tag that holds only `word`, or 0. trims: a newline behind goes as well.
  std::size_t tagOf(std::size_t ahead, std::string_view word, bool trims) const {
    std::size_t at = m_at + ahead;
    at += whiteFrom(at);
    if (m_text.compare(at, word.size(), word) != 0)
      return 0;
    at += word.size();
    at += whiteFrom(at);
    const std::string_view rest = std::string_view(m_text).substr(at);
    if (rest.starts_with("-%}"))
      return at + 3 + whiteFrom(at + 3) - m_at;
    if (trims && rest.starts_with("+%}"))
      return at + 3 - m_at;
    if (!rest.starts_with("%}"))
      return 0;
    return at + 2 + (trims && rest.starts_with("%}\n") ? 1 : 0) - m_at;
  }
  std::size_t rawBegin(std::size_t ahead) const { return tagOf(ahead, "raw", false); }

  void rawBlock(std::size_t begin) {
    advance(begin);
    for (std::size_t at = m_text.find("{%", m_at); at != std::string::npos;
         at = m_text.find("{%", at + 1)) {
      const char mark = at + 2 < m_text.size() ? m_text[at + 2] : '\0';
      const bool sign = mark == '-' || mark == '+';
      if (const std::size_t end = tagOf(at - m_at + (sign ? 3 : 2), "endraw", true); end > 0) {
        addData(std::string_view(m_text).substr(m_at, at - m_at), sign ? mark : '\0', true);
        return advance(end);
      }
    }
    raise(FaultKind::Syntax, "Missing end of raw directive", m_line);
  }

  void comment() {
    const std::size_t end = m_text.find("#}", m_at);
    if (end == std::string::npos)
      raise(FaultKind::Syntax, "Missing end of comment tag", m_line);
    const char sign = end > m_at ? m_text[end - 1] : '\0';
    std::size_t behind = end + 2;
    if (sign == '-')
      behind += whiteFrom(behind);
    else if (sign != '+' && behind < m_text.size() && m_text[behind] == '\n')
      ++behind;
    advance(behind - m_at);
  }

  /// Whether the tag ends here; then its end is read.
  bool endOf(std::string_view end) {
    const bool block = end == "%}";
    const char sign = sees("-") ? '-' : block && sees("+") ? '+' : '\0';
    const std::size_t ahead = sign != '\0' ? 1 : 0;
    if (!sees(end, ahead))
      return false;
    add(block ? TokenType::BlockEnd : TokenType::VariableEnd);
    std::size_t bytes = ahead + end.size();
    if (sign == '-')
      bytes += whiteFrom(m_at + bytes);
    else if (block && sign != '+' && sees("\n", bytes))
      ++bytes;
    advance(bytes);
    return true;
  }

  void expression(std::string_view end) {
    std::string open; // brackets
    while (m_at < m_text.size()) {
      if (open.empty() && endOf(end))
        return;
      const CodePoint point = codePointAt(m_text, m_at);
      if (isSpace(point.value)) {
        advance(point.bytes);
      } else if (point.value < 0x80 && point.value >= U'0' && point.value <= U'9') {
        number();
      } else if (point.value == U'\'' || point.value == U'"') {
        const std::size_t bytes = stringLength(m_text, m_at);
        if (bytes == 0)
          raise(FaultKind::Syntax, "a string is not closed", m_line);
        add(TokenType::String,
            stringValue(std::string_view(m_text).substr(m_at + 1, bytes - 2), m_line));
        advance(bytes);
      } else if (isWordCharacter(point.value)) {
        word();
      } else {
        operatorAt(open);
      }
    }
  }

  void number() {
    const NumberLiteral literal = readNumber(std::string_view(m_text).substr(m_at),
                                             m_at > 0 && m_text[m_at - 1] == '.', m_line);
    add(literal.value.is(Kind::Float) ? TokenType::Float : TokenType::Integer, {}, literal.value);
    advance(literal.bytes);
  }

  void word() {
    std::size_t end = m_at;
    while (end < m_text.size()) {
      const CodePoint point = codePointAt(m_text, end);
      if (!isWordCharacter(point.value))
        break;
      end += point.bytes;
    }
    add(TokenType::Name, m_text.substr(m_at, end - m_at));
    advance(end - m_at);
  }

  void operatorAt(std::string& open) {
    const auto found =
        std::ranges::find_if(kOperators, [&](std::string_view op) { return sees(op); });
    if (found == kOperators.end()) {
      const std::size_t bytes = codePointAt(m_text, m_at).bytes;
      raise(FaultKind::Syntax, fmt::format("unexpected char '{}'", m_text.substr(m_at, bytes)),
            m_line);
    }
    const char c = found->front();
    if (c == '(' || c == '[' || c == '{') {
      open += c == '(' ? ')' : c == '[' ? ']' : '}';
    } else if (c == ')' || c == ']' || c == '}') {
      if (open.empty() || open.back() != c)
        raise(FaultKind::Syntax, fmt::format("unexpected '{}'", c), m_line);
      open.pop_back();
    }
    add(TokenType::Operator, std::string(*found));
    advance(found->size());
  }

  std::string m_text;
  std::size_t m_at = 0;
  int m_line = 1;
  bool m_lineStarts = true; ///< what was read last ended with a newline
  std::vector<Token> m_tokens;
};

} // namespace

std::vector<Token> tokensOf(std::string_view source) {
  std::vector<Token> tokens = Lexer(source).run();
  std::erase_if(tokens, [](const Token& token) {
    return token.type == TokenType::Data && token.text.empty();
  });
  return tokens;
}

std::string describe(const Token& token) {
  switch (token.type) {
  case TokenType::Data:
    return "template data";
  case TokenType::VariableBegin:
    return "'begin of print statement'";
  case TokenType::VariableEnd:
    return "'end of print statement'";
  case TokenType::BlockBegin:
    return "'begin of statement block'";
  case TokenType::BlockEnd:
    return "'end of statement block'";
  case TokenType::Name:
  case TokenType::Operator:
    return fmt::format("'{}'", token.text);
  case TokenType::String:
    return "a string";
  case TokenType::Integer:
  case TokenType::Float:
    return "a number";
  case TokenType::End:
    return "end of template";
  }
  return "";
}

} // namespace switchyard::tokenizer::chat
