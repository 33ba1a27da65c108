#include <algorithm>

#include <fmt/format.h>

#include "core/tokenizer/chat_template/filters.h"
#include "core/tokenizer/chat_template/parser.h"

namespace switchyard::tokenizer::chat {

namespace {

std::vector<ExpressionPtr> listOf(ExpressionPtr a, ExpressionPtr b = nullptr) {
  std::vector<ExpressionPtr> list;
  list.push_back(std::move(a));
  if (b)
    list.push_back(std::move(b));
  return list;
}

} // namespace

ExpressionParser::Nested::Nested(ExpressionParser& parser) : m_parser(parser) {
  if (++parser.m_nesting > kMostNesting) {
    --parser.m_nesting;
    raise(FaultKind::Limit, fmt::format("more than {} levels of nesting", kMostNesting),
          parser.current().line);
  }
}

bool ExpressionParser::skipName(std::string_view name) {
  if (!current().isName(name))
    return false;
  take();
  return true;
}

bool ExpressionParser::skipOperator(std::string_view op) {
  if (!current().isOperator(op))
    return false;
  take();
  return true;
}

void ExpressionParser::expectOperator(std::string_view op) {
  if (!skipOperator(op))
    fail(fmt::format("expected '{}', got {}", op, describe(current())));
}

std::string ExpressionParser::expectName() {
  if (current().type != TokenType::Name)
    fail(fmt::format("expected a name, got {}", describe(current())));
  return take().text;
}

void ExpressionParser::fail(const std::string& message) const {
  raise(FaultKind::Syntax, message, current().line);
}

void ExpressionParser::failUnexpected() const {
  fail(fmt::format("unexpected {}", describe(current())));
}

ExpressionPtr ExpressionParser::make(ExpressionKind kind, std::vector<ExpressionPtr> children,
                                     std::string text) const {
  auto node = std::make_unique<Expression>();
  node->kind = kind;
  node->line = current().line;
  node->text = std::move(text);
  for (const ExpressionPtr& child : children)
    if (child)
      node->height = std::max(node->height, child->height + 1);
  if (node->height > kMostHeight)
    raise(FaultKind::Limit, fmt::format("an expression of more than {} levels", kMostHeight),
          node->line);
  node->children = std::move(children);
  return node;
}

ExpressionPtr ExpressionParser::parseExpression(Conditional conditional) {
  const Nested nested(*this);
  ExpressionPtr node = parseOr();
  while (conditional == Conditional::Yes && skipName("if")) {
    const bool soft = std::exchange(m_soft, true);
    ExpressionPtr condition = parseOr();
    ExpressionPtr other = skipName("else") ? parseExpression() : nullptr;
    m_soft = soft;
    std::vector<ExpressionPtr> children = listOf(std::move(condition), std::move(node));
    children.push_back(std::move(other));
    node = make(ExpressionKind::Conditional, std::move(children));
  }
  return node;
}

ExpressionPtr ExpressionParser::parseOr() {
  ExpressionPtr left = parseAnd();
  while (skipName("or")) {
    ExpressionPtr right = parseAnd();
    left = make(ExpressionKind::Or, listOf(std::move(left), std::move(right)));
  }
  return left;
}

ExpressionPtr ExpressionParser::parseAnd() {
  ExpressionPtr left = parseNot();
  while (skipName("and")) {
    ExpressionPtr right = parseNot();
    left = make(ExpressionKind::And, listOf(std::move(left), std::move(right)));
  }
  return left;
}

ExpressionPtr ExpressionParser::parseNot() {
  if (!skipName("not"))
    return parseCompare();
  const Nested nested(*this);
  return make(ExpressionKind::Not, listOf(parseNot()));
}

ExpressionPtr ExpressionParser::parseCompare() {
  ExpressionPtr first = parseSum();
  std::vector<ExpressionPtr> operands;
  std::vector<std::string> operators;
  for (;;) {
    const Token& token = current();
    const bool compares = token.type == TokenType::Operator &&
                          (token.text == "==" || token.text == "!=" || token.text == "<" ||
                           token.text == "<=" || token.text == ">" || token.text == ">=");
    if (compares) {
      operators.push_back(take().text);
    } else if (skipName("in")) {
      operators.emplace_back("in");
    } else if (token.isName("not") && next().isName("in")) {
      take();
      take();
      operators.emplace_back("not in");
    } else {
      break;
    }
    operands.push_back(parseSum());
  }
  if (operands.empty())
    return first;
  operands.insert(operands.begin(), std::move(first));
  ExpressionPtr node = make(ExpressionKind::Compare, std::move(operands));
  node->operators = std::move(operators);
  return node;
}

ExpressionPtr ExpressionParser::parseSum() {
  ExpressionPtr left = parseConcatenation();
  while (current().isOperator("+") || current().isOperator("-")) {
    std::string op = take().text;
    ExpressionPtr right = parseConcatenation();
    left = make(ExpressionKind::Binary, listOf(std::move(left), std::move(right)), std::move(op));
  }
  return left;
}

ExpressionPtr ExpressionParser::parseConcatenation() {
  std::vector<ExpressionPtr> parts = listOf(parseProduct());
  while (skipOperator("~"))
    parts.push_back(parseProduct());
  if (parts.size() == 1)
    return std::move(parts.front());
  return make(ExpressionKind::Concatenate, std::move(parts));
}

ExpressionPtr ExpressionParser::parseProduct() {
  ExpressionPtr left = parsePower();
  while (current().isOperator("*") || current().isOperator("/") || current().isOperator("//") ||
         current().isOperator("%")) {
    std::string op = take().text;
    ExpressionPtr right = parsePower();
    left = make(ExpressionKind::Binary, listOf(std::move(left), std::move(right)), std::move(op));
  }
  return left;
}

ExpressionPtr ExpressionParser::parsePower() {
  ExpressionPtr left = parseUnary();
  while (skipOperator("**")) {
    ExpressionPtr right = parseUnary();
    left = make(ExpressionKind::Binary, listOf(std::move(left), std::move(right)), "**");
  }
  return left;
}

ExpressionPtr ExpressionParser::parseUnary(bool withFilters) {
  ExpressionPtr node;
  if (current().isOperator("-") || current().isOperator("+")) {
    const Nested nested(*this);
    std::string op = take().text;
    node = make(ExpressionKind::Unary, listOf(parseUnary(false)), std::move(op));
  } else {
    node = parsePrimary();
  }
  node = parsePostfix(std::move(node));
  return withFilters ? parseFilterExpressions(std::move(node)) : std::move(node);
}

ExpressionPtr ExpressionParser::parsePrimary() {
  const Token& token = current();
  if (token.type == TokenType::Name) {
    ExpressionPtr node = make(ExpressionKind::Constant);
    const std::string name = take().text;
    if (name == "true" || name == "True" || name == "false" || name == "False") {
      node->constant = Value(name == "true" || name == "True");
    } else if (name != "none" && name != "None") {
      node->kind = ExpressionKind::Name;
      node->text = name;
      if (m_macro != nullptr) {
        m_macro->usesVarargs |= name == "varargs";
        m_macro->usesKwargs |= name == "kwargs";
        m_macro->usesCaller |= name == "caller";
      }
    }
    return node;
  }
  if (token.type == TokenType::String) {
    ExpressionPtr node = make(ExpressionKind::Constant);
    std::string text = take().text;
    while (current().type == TokenType::String)
      text += take().text;
    node->constant = Value(std::move(text));
    return node;
  }
  if (token.type == TokenType::Integer || token.type == TokenType::Float) {
    ExpressionPtr node = make(ExpressionKind::Constant);
    node->constant = take().value;
    return node;
  }
  if (skipOperator("(")) {
    ExpressionPtr node = parseTuple(Conditional::Yes, {}, true);
    expectOperator(")");
    return node;
  }
  if (token.isOperator("["))
    return parseList();
  if (token.isOperator("{"))
    return parseDictionary();
  failUnexpected();
}

bool ExpressionParser::endsTuple(std::string_view end) const {
  return current().type == TokenType::VariableEnd || current().type == TokenType::BlockEnd ||
         current().isOperator(")") || (!end.empty() && current().isName(end));
}

ExpressionPtr ExpressionParser::parseTuple(Conditional conditional, std::string_view end,
                                           bool explicitParentheses) {
  std::vector<ExpressionPtr> items;
  bool tuple = false;
  for (;;) {
    if (!items.empty() && !tuple)
      break;
    if (endsTuple(end))
      break;
    items.push_back(parseExpression(conditional));
    if (!skipOperator(",")) {
      if (!tuple)
        return std::move(items.front());
      break;
    }
    tuple = true;
  }
  if (!tuple && !explicitParentheses)
    failUnexpected();
  return make(ExpressionKind::Tuple, std::move(items));
}

ExpressionPtr ExpressionParser::parseList() {
  expectOperator("[");
  std::vector<ExpressionPtr> items;
  while (!current().isOperator("]")) {
    if (!items.empty())
      expectOperator(",");
    if (current().isOperator("]"))
      break;
    items.push_back(parseExpression());
  }
  expectOperator("]");
  return make(ExpressionKind::List, std::move(items));
}

ExpressionPtr ExpressionParser::parseDictionary() {
  expectOperator("{");
  std::vector<ExpressionPtr> items;
  while (!current().isOperator("}")) {
    if (!items.empty())
      expectOperator(",");
    if (current().isOperator("}"))
      break;
    items.push_back(parseExpression());
    expectOperator(":");
    items.push_back(parseExpression());
  }
  expectOperator("}");
  return make(ExpressionKind::Dictionary, std::move(items));
}

ExpressionPtr ExpressionParser::parsePostfix(ExpressionPtr node) {
  for (;;) {
    if (current().isOperator(".") || current().isOperator("[")) {
      node = parseSubscript(std::move(node));
    } else if (current().isOperator("(")) {
      node = make(ExpressionKind::Call, listOf(std::move(node)));
      parseArguments(*node);
    } else {
      return node;
    }
  }
}

ExpressionPtr ExpressionParser::parseFilterExpressions(ExpressionPtr node) {
  for (;;) {
    if (current().isOperator("|")) {
      node = parseFilters(std::move(node), false);
    } else if (current().isName("is")) {
      node = parseTest(std::move(node));
    } else if (current().isOperator("(")) {
      node = make(ExpressionKind::Call, listOf(std::move(node)));
      parseArguments(*node);
    } else {
      return node;
    }
  }
}

ExpressionPtr ExpressionParser::parseSubscript(ExpressionPtr node) {
  if (skipOperator(".")) {
    if (current().type == TokenType::Name) {
      std::string name = take().text;
      return make(ExpressionKind::Attribute, listOf(std::move(node)), std::move(name));
    }
    if (current().type != TokenType::Integer)
      fail("expected name or number");
    ExpressionPtr key = make(ExpressionKind::Constant);
    key->constant = take().value;
    return make(ExpressionKind::Item, listOf(std::move(node), std::move(key)));
  }
  expectOperator("[");
  node = parseKey(std::move(node));
  expectOperator("]");
  return node;
}

ExpressionPtr ExpressionParser::parseKey(ExpressionPtr value) {
  const auto part = [&]() -> ExpressionPtr {
    if (current().isOperator(":") || current().isOperator("]"))
      return make(ExpressionKind::Constant);
    return parseExpression();
  };
  if (current().isOperator("]"))
    fail("expected subscript expression");
  ExpressionPtr first = part();
  if (current().isOperator(",")) {
    std::vector<ExpressionPtr> items = listOf(std::move(first));
    while (skipOperator(","))
      items.push_back(parseExpression());
    return make(ExpressionKind::Item,
                listOf(std::move(value), make(ExpressionKind::Tuple, std::move(items))));
  }
  if (!skipOperator(":"))
    return make(ExpressionKind::Item, listOf(std::move(value), std::move(first)));
  std::vector<ExpressionPtr> parts = listOf(std::move(value), std::move(first));
  parts.push_back(part());
  parts.push_back(skipOperator(":") ? part() : make(ExpressionKind::Constant));
  return make(ExpressionKind::Slice, std::move(parts));
}

std::string ExpressionParser::dottedName() {
  std::string name = expectName();
  while (skipOperator("."))
    name += "." + expectName();
  return name;
}

ExpressionPtr ExpressionParser::parseFilters(ExpressionPtr value, bool startInline) {
  while (current().isOperator("|") || startInline) {
    if (!startInline)
      take();
    startInline = false;
    std::string name = dottedName();
    if (!m_soft && !isFilter(name))
      fail(fmt::format("No filter named '{}'.", name));
    std::vector<ExpressionPtr> children;
    children.push_back(std::move(value));
    value = make(ExpressionKind::Filter, std::move(children), std::move(name));
    if (current().isOperator("("))
      parseArguments(*value);
  }
  return value;
}

ExpressionPtr ExpressionParser::parseTest(ExpressionPtr node) {
  take(); // is
  const bool negated = skipName("not");
  std::string name = dottedName();
  if (!m_soft && !isTest(name))
    fail(fmt::format("No test named '{}'.", name));
  node = make(ExpressionKind::Test, listOf(std::move(node)), std::move(name));
  const Token& token = current();
  const bool operand = token.type == TokenType::Name || token.type == TokenType::String ||
                       token.type == TokenType::Integer || token.type == TokenType::Float ||
                       token.isOperator("[") || token.isOperator("{");
  if (token.isOperator("(")) {
    parseArguments(*node);
  } else if (operand && !token.isName("else") && !token.isName("or") && !token.isName("and")) {
    if (token.isName("is"))
      fail("You cannot chain multiple tests with is");
    Argument argument;
    argument.value = parsePostfix(parsePrimary());
    node->height = std::max(node->height, argument.value->height + 1);
    node->arguments.push_back(std::move(argument));
  }
  return negated ? make(ExpressionKind::Not, listOf(std::move(node))) : std::move(node);
}

void ExpressionParser::parseArguments(Expression& call) {
  expectOperator("(");
  bool named = false;
  while (!current().isOperator(")")) {
    if (!call.arguments.empty()) {
      expectOperator(",");
      if (current().isOperator(")"))
        break;
    }
    Argument argument;
    if (skipOperator("*")) {
      argument.sort = Argument::Sort::Spread;
    } else if (skipOperator("**")) {
      argument.sort = Argument::Sort::SpreadNamed;
      named = true;
    } else if (current().type == TokenType::Name && next().isOperator("=")) {
      argument.sort = Argument::Sort::Named;
      argument.name = take().text;
      take();
      named = true;
    } else if (named) {
      fail("invalid syntax for function call expression");
    }
    argument.value = parseExpression();
    call.height = std::max(call.height, argument.value->height + 1);
    call.arguments.push_back(std::move(argument));
  }
  expectOperator(")");
}

Target ExpressionParser::targetName(const Token& token) const {
  const bool constant = token.type != TokenType::Name || token.text == "true" ||
                        token.text == "True" || token.text == "false" || token.text == "False" ||
                        token.text == "none" || token.text == "None";
  if (constant)
    raise(FaultKind::Syntax, fmt::format("can't assign to {}", describe(token)), token.line);
  if (token.text == "loop" && m_loops > 0)
    raise(FaultKind::Syntax, "Can't assign to special loop variable in for-loop target",
          token.line);
  return {token.text, {}, {}};
}

Target ExpressionParser::parseTargetItem(std::string_view end, bool withNamespace) {
  const Nested nested(*this);
  if (skipOperator("(")) {
    Target target = parseTarget(end, withNamespace);
    expectOperator(")");
    return target;
  }
  const Token token = take();
  if (withNamespace && token.type == TokenType::Name && skipOperator("."))
    return {token.text, expectName(), {}};
  return targetName(token);
}

Target ExpressionParser::parseTarget(std::string_view end, bool withNamespace) {
  Target first = parseTargetItem(end, withNamespace);
  if (!current().isOperator(","))
    return first;
  Target tuple;
  tuple.parts.push_back(std::move(first));
  while (skipOperator(",")) {
    if (endsTuple(end) || current().isOperator("="))
      break;
    tuple.parts.push_back(parseTargetItem(end, withNamespace));
  }
  return tuple;
}

} // namespace switchyard::tokenizer::chat
