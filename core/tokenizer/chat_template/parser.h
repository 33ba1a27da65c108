#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/tokenizer/chat_template/lexer.h"
#include "core/tokenizer/chat_template/syntax.h"

namespace switchyard::tokenizer::chat {

/// Reads expressions from a list of tokens, by Jinja's rules of precedence.
class ExpressionParser {
public:
  /// How deep brackets and blocks may lie in each other, and how long a chain of operators,
  /// attributes or filters may be: bounds the stack.
  static constexpr int kMostNesting = 60;
  static constexpr int kMostHeight = 200;

  explicit ExpressionParser(std::vector<Token> tokens) : m_tokens(std::move(tokens)) {}

protected:
  enum class Conditional : bool { No, Yes };

  const Token& current() const { return m_tokens[m_at]; }
  const Token& next() const { return m_tokens[std::min(m_at + 1, m_tokens.size() - 1)]; }
  Token take() { return m_tokens[m_at + 1 < m_tokens.size() ? m_at++ : m_at]; }
  bool skipName(std::string_view name);
  bool skipOperator(std::string_view op);
  void expectOperator(std::string_view op);
  std::string expectName();
  [[noreturn]] void fail(const std::string& message) const;
  [[noreturn]] void failUnexpected() const;

  ExpressionPtr parseExpression(Conditional conditional = Conditional::Yes);
  /// One expression, or several with commas as a tuple. end: a name that ends it.
  ExpressionPtr parseTuple(Conditional conditional = Conditional::Yes, std::string_view end = {},
                           bool explicitParentheses = false);
  Target parseTarget(std::string_view end = {}, bool withNamespace = false);
  /// A chain of filters. value: what it is applied to, or null for that of a block.
  ExpressionPtr parseFilters(ExpressionPtr value, bool startInline);
  void parseArguments(Expression& call);

  /// Guards one level of nesting.
  class Nested {
  public:
    explicit Nested(ExpressionParser& parser);
    ~Nested() { --m_parser.m_nesting; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;

  private:
    ExpressionParser& m_parser;
  };

  bool m_soft = false; ///< in a branch: unknown filters and tests fail only when they are run
  int m_loops = 0;     ///< around this place
  Statement* m_macro = nullptr; ///< around this place

private:
  ExpressionPtr make(ExpressionKind kind, std::vector<ExpressionPtr> children = {},
                     std::string text = {}) const;
  ExpressionPtr parseOr();
  ExpressionPtr parseAnd();
  ExpressionPtr parseNot();
  ExpressionPtr parseCompare();
  ExpressionPtr parseSum();
  ExpressionPtr parseConcatenation();
  ExpressionPtr parseProduct();
  ExpressionPtr parsePower();
  ExpressionPtr parseUnary(bool withFilters = true);
  ExpressionPtr parsePrimary();
  ExpressionPtr parsePostfix(ExpressionPtr node);
  ExpressionPtr parseFilterExpressions(ExpressionPtr node);
  ExpressionPtr parseSubscript(ExpressionPtr node);
  ExpressionPtr parseTest(ExpressionPtr node);
  ExpressionPtr parseList();
  ExpressionPtr parseDictionary();
  ExpressionPtr parseKey(ExpressionPtr value);
  std::string dottedName();
  bool endsTuple(std::string_view end) const;
  Target parseTargetItem(std::string_view end, bool withNamespace);
  Target targetName(const Token& token) const;

  std::vector<Token> m_tokens;
  std::size_t m_at = 0;
  int m_nesting = 0;
};

/// Parses a template. Faults: Syntax, Limit, Unsupported, with their line.
Syntax parse(std::string_view source);

} // namespace switchyard::tokenizer::chat
