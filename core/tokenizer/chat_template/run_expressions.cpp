#include <algorithm>

#include <fmt/format.h>

#include "core/tokenizer/chat_template/filters.h"
#include "core/tokenizer/chat_template/machine.h"
#include "core/tokenizer/chat_template/operators.h"
#include "core/tokenizer/chat_template/python_text.h"

namespace switchyard::tokenizer::chat {

Value Machine::evaluate(const Expression& expression, Scope& scope) {
  const Deeper deeper;
  m_line = expression.line;
  return evaluateNode(expression, scope);
}

std::vector<Value> Machine::evaluateAll(const std::vector<ExpressionPtr>& expressions,
                                        Scope& scope) {
  std::vector<Value> values;
  values.reserve(expressions.size());
  for (const ExpressionPtr& expression : expressions)
    values.push_back(evaluate(*expression, scope));
  return values;
}

Value Machine::evaluateNode(const Expression& expression, Scope& scope) {
  const auto child = [&](std::size_t i) { return evaluate(*expression.children[i], scope); };
  switch (expression.kind) {
  case ExpressionKind::Constant:
    return expression.constant;
  case ExpressionKind::Name:
    return lookUp(expression.text, scope);
  case ExpressionKind::List:
    return Value::sequence(evaluateAll(expression.children, scope));
  case ExpressionKind::Tuple:
    return Value::tuple(evaluateAll(expression.children, scope));
  case ExpressionKind::Dictionary: {
    std::vector<std::pair<Value, Value>> entries;
    for (std::size_t i = 0; i < expression.children.size(); i += 2) {
      Value key = child(i);
      entries.emplace_back(std::move(key), child(i + 1));
    }
    charge(entries.size() * entries.size() / 8);
    return Value::dictionary(std::move(entries));
  }
  case ExpressionKind::Attribute:
    return attributeOf(child(0), expression.text);
  case ExpressionKind::Item: {
    const Value value = child(0);
    return itemOf(value, child(1));
  }
  case ExpressionKind::Slice: {
    const Value value = child(0), start = child(1), stop = child(2);
    return slice(value, start, stop, child(3));
  }
  case ExpressionKind::Call:
    return evaluateCall(expression, scope);
  case ExpressionKind::Filter:
    return evaluateFilter(expression, scope, nullptr);
  case ExpressionKind::Test: {
    const Value value = child(0);
    return Value(applyTest(expression.text, value, evaluateArguments(expression.arguments, scope)));
  }
  case ExpressionKind::Unary:
    return unary(expression.text, child(0));
  case ExpressionKind::Not:
    return Value(!truth(child(0)));
  case ExpressionKind::Binary: {
    const Value left = child(0);
    return binary(expression.text, left, child(1));
  }
  case ExpressionKind::Concatenate: {
    std::string text;
    for (const Value& part : evaluateAll(expression.children, scope)) {
      if (m_autoescape)
        raise(FaultKind::Unsupported, "\"~\" inside autoescape");
      text += toText(part);
      chargeText(text.size());
    }
    return Value(std::move(text));
  }
  case ExpressionKind::Compare:
    return compare(expression, scope);
  case ExpressionKind::And: {
    Value left = child(0);
    return truth(left) ? child(1) : left;
  }
  case ExpressionKind::Or: {
    Value left = child(0);
    return truth(left) ? left : child(1);
  }
  case ExpressionKind::Conditional:
    if (truth(child(0)))
      return child(1);
    if (expression.children[2])
      return child(2);
    return Value::missing("the inline if-expression evaluated to false and no else section was "
                          "defined.");
  }
  return Value();
}

Value Machine::lookUp(const std::string& name, Scope& scope) {
  if (const Value* found = scope.find(name))
    return *found;
  if (const auto found = m_globals.find(name); found != m_globals.end())
    return found->second;
  return Value::missing(fmt::format("'{}' is undefined", name));
}

Value Machine::callValue(const Value& callee, const Arguments& arguments) {
  requirePresent(callee);
  if (!callee.is(Kind::Object) || !callee.object()->callable())
    raise(FaultKind::Type, fmt::format("'{}' object is not callable", callee.typeName()));
  const std::shared_ptr<Object> held = callee.object();
  return held->call(*this, arguments);
}

Value Machine::evaluateCall(const Expression& expression, Scope& scope) {
  const Value callee = evaluate(*expression.children[0], scope);
  const Arguments arguments = evaluateArguments(expression.arguments, scope);
  m_line = expression.line;
  return callValue(callee, arguments);
}

Value Machine::evaluateFilter(const Expression& expression, Scope& scope, const Value* input) {
  const Deeper deeper;
  Value value;
  const ExpressionPtr& operand = expression.children[0];
  if (!operand) // the first of a block's chain
    value = input != nullptr ? *input : Value();
  else if (operand->kind == ExpressionKind::Filter && input != nullptr)
    value = evaluateFilter(*operand, scope, input);
  else
    value = evaluate(*operand, scope);
  const Arguments arguments = evaluateArguments(expression.arguments, scope);
  m_line = expression.line;
  return applyFilter(expression.text, value, arguments);
}

Arguments Machine::evaluateArguments(const std::vector<Argument>& arguments, Scope& scope) {
  Arguments given;
  for (const Argument& argument : arguments) {
    Value value = evaluate(*argument.value, scope);
    switch (argument.sort) {
    case Argument::Sort::Plain:
      given.positional.push_back(std::move(value));
      break;
    case Argument::Sort::Named:
      if (given.find(argument.name) != nullptr)
        raise(FaultKind::Syntax, fmt::format("keyword argument repeated: {}", argument.name));
      given.named.emplace_back(argument.name, std::move(value));
      break;
    case Argument::Sort::Spread:
      for (Value& item : iterate(value))
        given.positional.push_back(std::move(item));
      break;
    case Argument::Sort::SpreadNamed:
      if (!value.is(Kind::Dictionary))
        raise(FaultKind::Type, "** needs a mapping");
      for (const auto& [key, item] : value.entries().entries) {
        if (!key.is(Kind::Text))
          raise(FaultKind::Type, "keywords must be strings");
        if (given.find(key.text()) != nullptr)
          raise(FaultKind::Type, fmt::format("got two values for '{}'", key.text()));
        given.named.emplace_back(key.text(), item);
      }
    }
  }
  return given;
}

Value Machine::compare(const Expression& expression, Scope& scope) {
  Value left = evaluate(*expression.children[0], scope);
  for (std::size_t i = 0; i < expression.operators.size(); ++i) {
    const std::string& op = expression.operators[i];
    Value right = evaluate(*expression.children[i + 1], scope);
    bool holds = false;
    if (op == "==")
      holds = equal(left, right);
    else if (op == "!=")
      holds = !equal(left, right);
    else if (op == "in")
      holds = contains(right, left);
    else if (op == "not in")
      holds = !contains(right, left);
    else if (op == "<")
      holds = less(left, right);
    else if (op == ">")
      holds = less(right, left);
    else
      holds = lessOrEqual(op == "<=" ? left : right, op == "<=" ? right : left);
    if (!holds)
      return Value(false);
    left = std::move(right);
  }
  return Value(true);
}

} // namespace switchyard::tokenizer::chat
