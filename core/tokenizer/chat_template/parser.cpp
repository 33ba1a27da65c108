// Statements.

#include "core/tokenizer/chat_template/parser.h"

#include <algorithm>
#include <initializer_list>

#include <fmt/format.h>

namespace switchyard::tokenizer::chat {

namespace {

class Parser : public ExpressionParser {
public:
  using ExpressionParser::ExpressionParser;

  Syntax run() {
    Syntax syntax;
    m_syntax = &syntax;
    syntax.body = parseBody({});
    return syntax;
  }

private:
  using Ends = std::initializer_list<std::string_view>;

  std::unique_ptr<Statement> start(StatementKind kind) const {
    auto statement = std::make_unique<Statement>();
    statement->kind = kind;
    statement->line = current().line;
    return statement;
  }

  void endBlock() {
    if (current().type != TokenType::BlockEnd)
      fail(fmt::format("expected end of statement block, got {}", describe(current())));
    take();
  }

  static std::string endsText(Ends ends) {
    std::string text;
    for (const std::string_view end : ends)
      text += fmt::format("{}'{}'", text.empty() ? "" : " or ", end);
    return text;
  }

  /// Statements up to one of the tags `ends` (none: the end of the template), whose name is next.
  Body parseBody(Ends ends) {
    const Nested nested(*this);
    Body body;
    for (;;) {
      const Token& token = current();
      switch (token.type) {
      case TokenType::End:
        if (ends.size() > 0)
          fail(fmt::format("Unexpected end of template. Jinja was looking for the following tags: "
                           "{}",
                           endsText(ends)));
        return body;
      case TokenType::Data: {
        auto text = start(StatementKind::Text);
        text->text = take().text;
        body.push_back(std::move(text));
        break;
      }
      case TokenType::VariableBegin: {
        take();
        auto print = start(StatementKind::Print);
        print->expressions.push_back(parseTuple());
        if (current().type != TokenType::VariableEnd)
          fail(fmt::format("expected end of print statement, got {}", describe(current())));
        take();
        body.push_back(std::move(print));
        break;
      }
      default:
        take();
        if (current().type != TokenType::Name)
          fail("tag name expected");
        if (std::ranges::any_of(ends, [&](std::string_view end) { return current().isName(end); }))
          return body;
        body.push_back(parseStatement());
      }
    }
  }

  std::unique_ptr<Statement> parseStatement() {
    const std::string tag = current().text;
    if (tag == "if")
      return parseIf();
    if (tag == "for")
      return parseFor();
    if (tag == "set")
      return parseSet();
    if (tag == "macro")
      return parseMacro();
    if (tag == "call")
      return parseCall();
    if (tag == "filter")
      return parseFilterBlock();
    if (tag == "with")
      return parseWith();
    if (tag == "block")
      return parseBlock();
    if (tag == "autoescape" || tag == "generation")
      return parsePlainBlock(tag);
    if (tag == "print")
      return parsePrint();
    if (tag == "break" || tag == "continue")
      return parseJump(tag);
    if (tag == "include" || tag == "import" || tag == "from" || tag == "extends")
      return parseLoad();
    fail(fmt::format("Encountered unknown tag '{}'.", tag));
  }

  /// A body in a scope of its own, where filters and tests must exist even if it is in a branch.
  Body parseScope(Ends ends) {
    const bool soft = std::exchange(m_soft, false);
    Body body = parseBody(ends);
    m_soft = soft;
    return body;
  }
  /// The same with its end tag.
  Body parseClosed(std::string_view end) {
    Body body = parseScope({end});
    take();
    endBlock();
    return body;
  }

  std::unique_ptr<Statement> parseIf() {
    auto statement = start(StatementKind::If);
    const bool soft = std::exchange(m_soft, true);
    for (;;) {
      const bool otherwise = take().isName("else");
      if (!otherwise)
        statement->expressions.push_back(parseTuple(Conditional::No));
      endBlock();
      if (otherwise) {
        statement->bodies.push_back(parseBody({"endif"}));
        break;
      }
      statement->bodies.push_back(parseBody({"elif", "else", "endif"}));
      if (current().isName("endif"))
        break;
    }
    m_soft = soft;
    take();
    endBlock();
    return statement;
  }

  std::unique_ptr<Statement> parseFor() {
    auto statement = start(StatementKind::For);
    take();
    ++m_loops;
    statement->targets.push_back(parseTarget("in"));
    if (!skipName("in"))
      fail(fmt::format("expected 'in', got {}", describe(current())));
    statement->expressions.push_back(parseTuple(Conditional::No, "recursive"));
    if (skipName("if"))
      statement->expressions.push_back(parseExpression());
    statement->recursive = skipName("recursive");
    endBlock();
    ++m_jumps;
    statement->bodies.push_back(parseScope({"endfor", "else"}));
    --m_jumps;
    if (take().isName("else")) {
      endBlock();
      statement->bodies.push_back(parseScope({"endfor"}));
      take();
    }
    --m_loops;
    endBlock();
    return statement;
  }

  std::unique_ptr<Statement> parseSet() {
    auto statement = start(StatementKind::Set);
    take();
    statement->targets.push_back(parseTarget({}, true));
    if (skipOperator("=")) {
      statement->expressions.push_back(parseTuple());
      endBlock();
      return statement;
    }
    statement->kind = StatementKind::SetBlock;
    if (current().isOperator("|"))
      statement->expressions.push_back(parseFilters(nullptr, false));
    endBlock();
    statement->bodies.push_back(parseCaptured("endset"));
    return statement;
  }

  /// A body whose text goes elsewhere, so that no loop around it can be left from inside.
  Body parseCaptured(std::string_view end) {
    const int jumps = std::exchange(m_jumps, 0);
    Body body = parseClosed(end);
    m_jumps = jumps;
    return body;
  }

  void parseSignature(Statement& macro) {
    expectOperator("(");
    while (!current().isOperator(")")) {
      if (!macro.parameters.empty())
        expectOperator(",");
      Parameter parameter;
      parameter.name = expectName();
      if (skipOperator("="))
        parameter.standard = parseExpression();
      else if (!macro.parameters.empty() && macro.parameters.back().standard)
        fail("non-default argument follows default argument");
      macro.parameters.push_back(std::move(parameter));
    }
    expectOperator(")");
  }

  /// The body of a macro or call block.
  void parseMacroBody(Statement& macro, std::string_view end) {
    Statement* around = std::exchange(m_macro, &macro);
    macro.bodies.push_back(parseCaptured(end));
    m_macro = around;
    if (around != nullptr) { // a macro inside may use what the one around it is given
      around->usesVarargs |= macro.usesVarargs;
      around->usesKwargs |= macro.usesKwargs;
    }
  }

  std::unique_ptr<Statement> parseMacro() {
    auto statement = start(StatementKind::Macro);
    take();
    statement->text = expectName();
    parseSignature(*statement);
    endBlock();
    parseMacroBody(*statement, "endmacro");
    return statement;
  }

  std::unique_ptr<Statement> parseCall() {
    auto statement = start(StatementKind::Call);
    take();
    if (current().isOperator("("))
      parseSignature(*statement);
    statement->expressions.push_back(parseExpression());
    if (statement->expressions.front()->kind != ExpressionKind::Call)
      fail("expected call");
    endBlock();
    parseMacroBody(*statement, "endcall");
    return statement;
  }

  std::unique_ptr<Statement> parseFilterBlock() {
    auto statement = start(StatementKind::Filter);
    take();
    statement->expressions.push_back(parseFilters(nullptr, true));
    endBlock();
    statement->bodies.push_back(parseCaptured("endfilter"));
    return statement;
  }

  std::unique_ptr<Statement> parseWith() {
    auto statement = start(StatementKind::With);
    take();
    while (current().type != TokenType::BlockEnd) {
      if (!statement->targets.empty())
        expectOperator(",");
      statement->targets.push_back(parseTarget());
      expectOperator("=");
      statement->expressions.push_back(parseExpression());
    }
    endBlock();
    statement->bodies.push_back(parseClosed("endwith"));
    return statement;
  }

  std::unique_ptr<Statement> parseBlock() {
    auto statement = start(StatementKind::Block);
    take();
    statement->text = expectName();
    if (current().isName("scoped") || current().isName("required"))
      raise(FaultKind::Unsupported, "blocks that are scoped or required", current().line);
    endBlock();
    const auto taken = [&](const Statement* other) { return other->text == statement->text; };
    if (std::ranges::any_of(m_syntax->blocks, taken))
      fail(fmt::format("block '{}' defined twice", statement->text));
    m_syntax->blocks.push_back(statement.get());
    const int jumps = std::exchange(m_jumps, 0);
    statement->bodies.push_back(parseScope({"endblock"}));
    m_jumps = jumps;
    take();
    if (current().isName(statement->text))
      take();
    endBlock();
    return statement;
  }

  std::unique_ptr<Statement> parsePlainBlock(const std::string& tag) {
    auto statement = start(tag == "generation" ? StatementKind::Scope : StatementKind::Autoescape);
    take();
    if (statement->kind == StatementKind::Autoescape)
      statement->expressions.push_back(parseExpression());
    endBlock();
    statement->bodies.push_back(parseCaptured("end" + tag));
    return statement;
  }

  std::unique_ptr<Statement> parsePrint() {
    auto statement = start(StatementKind::Print);
    take();
    while (current().type != TokenType::BlockEnd) {
      if (!statement->expressions.empty())
        expectOperator(",");
      statement->expressions.push_back(parseExpression());
    }
    endBlock();
    return statement;
  }

  std::unique_ptr<Statement> parseJump(const std::string& tag) {
    auto statement = start(tag == "break" ? StatementKind::Break : StatementKind::Continue);
    if (m_jumps == 0)
      fail(fmt::format("'{}' outside loop", tag));
    take();
    endBlock();
    return statement;
  }

  std::unique_ptr<Statement> parseLoad() {
    auto statement = start(StatementKind::Load);
    while (current().type != TokenType::BlockEnd && current().type != TokenType::End)
      take();
    endBlock();
    return statement;
  }

  Syntax* m_syntax = nullptr;
  int m_jumps = 0; ///< loops that break and continue can leave here
};

} // namespace

Syntax parse(std::string_view source) {
  return Parser(tokensOf(source)).run();
}

} // namespace switchyard::tokenizer::chat
