#include <algorithm>

#include <fmt/format.h>

#include "core/tokenizer/chat_template/loop.h"
#include "core/tokenizer/chat_template/machine.h"
#include "core/tokenizer/chat_template/macro.h"
#include "core/tokenizer/chat_template/operators.h"
#include "core/tokenizer/chat_template/python_text.h"
#include "core/tokenizer/chat_template/text_parts.h"

namespace switchyard::tokenizer::chat {

void Scope::set(const std::string& name, Value value) {
  for (auto& [own, held] : m_values)
    if (own == name) {
      held = std::move(value);
      return;
    }
  m_values.emplace_back(name, std::move(value));
}

const Value* Scope::find(const std::string& name) const {
  for (const Scope* scope = this; scope != nullptr; scope = scope->m_outer)
    for (const auto& [own, value] : scope->m_values)
      if (own == name)
        return &value;
  return nullptr;
}

void Scope::keep() {
  for (Scope* scope = this; scope != nullptr && !scope->m_kept; scope = scope->m_outer)
    scope->m_kept = true;
}

std::optional<Value> Namespace::attribute(std::string_view name) const {
  for (const auto& [own, value] : m_values)
    if (own == name)
      return value;
  return std::nullopt;
}

void Namespace::set(const std::string& name, Value value) {
  for (auto& [own, held] : m_values)
    if (own == name) {
      held = std::move(value);
      return;
    }
  charge(m_values.size());
  m_values.emplace_back(name, std::move(value));
}

Machine::Keeper::~Keeper() {
  if (scope->isKept())
    machine.m_kept.push_back(std::move(scope));
}

Machine::Machine(const Syntax& syntax, const LocalTime& now,
                 std::vector<std::pair<std::string, Value>> variables)
    : m_syntax(syntax), m_now(now), m_root(std::make_unique<Scope>(nullptr)) {
  addGlobals(m_globals);
  m_globals["self"] = Value(std::make_shared<SelfObject>(*this));
  for (auto& [name, value] : variables)
    m_globals[name] = std::move(value);
}

Machine::~Machine() {
  for (const std::shared_ptr<Namespace>& held : m_namespaces)
    held->clear(); // they may hold each other
}

std::string Machine::run() {
  runBody(m_syntax.body, *m_root);
  return std::move(m_out);
}

Value Machine::makeNamespace() {
  charge(16);
  m_namespaces.push_back(std::make_shared<Namespace>());
  return Value(std::shared_ptr<Object>(m_namespaces.back()));
}

const Statement* Machine::block(std::string_view name) const {
  const auto found = std::ranges::find_if(
      m_syntax.blocks, [&](const Statement* block) { return block->text == name; });
  return found != m_syntax.blocks.end() ? *found : nullptr;
}

std::string Machine::runBlock(const Statement& block) {
  return capture(m_root.get(), block.bodies[0], [](Scope&) {});
}

void Machine::emit(std::string_view text) {
  charge(text.size() / 16);
  if (m_out.size() + text.size() > Budget::kTextBytes)
    chargeText(m_out.size() + text.size());
  m_out += text;
}

void Machine::print(const Value& value) {
  if (value.is(Kind::Text)) {
    const Text& text = value.textValue();
    return emit(m_autoescape && !text.escaped ? escapeHtml(text.bytes) : text.bytes);
  }
  const std::string text = toText(value);
  emit(m_autoescape ? escapeHtml(text) : text);
}

Machine::Flow Machine::runBody(const Body& body, Scope& scope) {
  for (const auto& statement : body)
    if (const Flow flow = runStatement(*statement, scope); flow != Flow::On)
      return flow;
  return Flow::On;
}

Machine::Flow Machine::runStatement(const Statement& statement, Scope& scope) {
  const Deeper deeper;
  m_line = statement.line;
  switch (statement.kind) {
  case StatementKind::Text:
    emit(statement.text);
    break;
  case StatementKind::Print:
    for (const ExpressionPtr& expression : statement.expressions)
      print(evaluate(*expression, scope));
    break;
  case StatementKind::If:
    return runIf(statement, scope);
  case StatementKind::For:
    runFor(statement, scope);
    break;
  case StatementKind::Set:
    assign(statement.targets[0], evaluate(*statement.expressions[0], scope), scope);
    break;
  case StatementKind::SetBlock:
    runSetBlock(statement, scope);
    break;
  case StatementKind::Macro:
    scope.set(statement.text, makeMacro(statement, scope, statement.text));
    break;
  case StatementKind::Call:
    runCall(statement, scope);
    break;
  case StatementKind::Filter: {
    const Value text(capture(&scope, statement.bodies[0], [](Scope&) {}));
    print(evaluateFilter(*statement.expressions[0], scope, &text));
    break;
  }
  case StatementKind::With:
    runWith(statement, scope);
    break;
  case StatementKind::Block:
    emit(runBlock(statement));
    break;
  case StatementKind::Autoescape: {
    const bool on = truth(evaluate(*statement.expressions[0], scope));
    const bool before = std::exchange(m_autoescape, on);
    const std::string text = capture(&scope, statement.bodies[0], [](Scope&) {});
    m_autoescape = before;
    emit(text);
    break;
  }
  case StatementKind::Scope:
    emit(capture(&scope, statement.bodies[0], [](Scope&) {}));
    break;
  case StatementKind::Break:
    return Flow::Break;
  case StatementKind::Continue:
    return Flow::Continue;
  case StatementKind::Load:
    raise(FaultKind::Type, "include, import and extends have nothing to load from");
  }
  return Flow::On;
}

Machine::Flow Machine::runIf(const Statement& statement, Scope& scope) {
  for (std::size_t i = 0; i < statement.expressions.size(); ++i)
    if (truth(evaluate(*statement.expressions[i], scope)))
      return runBody(statement.bodies[i], scope);
  if (statement.bodies.size() > statement.expressions.size())
    return runBody(statement.bodies.back(), scope);
  return Flow::On;
}

void Machine::runFor(const Statement& statement, Scope& scope) {
  const Value items = evaluate(*statement.expressions[0], scope);
  runLoop(statement, scope, items, 0);
}

void Machine::runLoop(const Statement& statement, Scope& scope, const Value& items, int depth) {
  charge(8);
  const Target& target = statement.targets[0];
  std::vector<Value> values = iterate(items);
  if (statement.expressions.size() > 1) {
    std::vector<Value> kept;
    for (Value& value : values)
      withScope(&scope, [&](Scope& inner) {
        inner.set("loop", Value::missing("'loop' is undefined; the condition of a loop has none"));
        assign(target, value, inner);
        if (truth(evaluate(*statement.expressions[1], inner)))
          kept.push_back(std::move(value));
      });
    values = std::move(kept);
  }
  if (statement.recursive)
    scope.keep(); // the loop can be called as long as something holds it
  const auto loop = std::make_shared<Loop>(statement, scope, std::move(values), depth);
  for (; !loop->isDone(); loop->advance()) {
    const Flow flow = withScope(&scope, [&](Scope& inner) {
      inner.set("loop", Value(std::shared_ptr<Object>(loop)));
      assign(target, loop->item(), inner);
      return runBody(statement.bodies[0], inner);
    });
    if (flow == Flow::Break)
      return;
  }
  if (loop->isEmpty() && statement.bodies.size() > 1)
    withScope(&scope, [&](Scope& inner) { runBody(statement.bodies[1], inner); });
}

void Machine::runSetBlock(const Statement& statement, Scope& scope) {
  Value text(capture(&scope, statement.bodies[0], [](Scope&) {}), m_autoescape);
  if (!statement.expressions.empty())
    text = evaluateFilter(*statement.expressions[0], scope, &text);
  assign(statement.targets[0], std::move(text), scope);
}

void Machine::runWith(const Statement& statement, Scope& scope) {
  std::vector<Value> values = evaluateAll(statement.expressions, scope);
  withScope(&scope, [&](Scope& inner) {
    for (std::size_t i = 0; i < values.size(); ++i)
      assign(statement.targets[i], std::move(values[i]), inner);
    runBody(statement.bodies[0], inner);
  });
}

void Machine::runCall(const Statement& statement, Scope& scope) {
  const Expression& call = *statement.expressions[0];
  const Value callee = evaluate(*call.children[0], scope);
  Arguments arguments = evaluateArguments(call.arguments, scope);
  arguments.named.emplace_back("caller", makeMacro(statement, scope, "caller"));
  print(callValue(callee, arguments));
}

void Machine::assign(const Target& target, Value value, Scope& scope) {
  if (!target.attribute.empty()) {
    const Value held = lookUp(target.name, scope);
    auto* space = held.as<Namespace>();
    if (space == nullptr)
      raise(FaultKind::Type, "cannot assign attribute on non-namespace object");
    if (target.attribute.starts_with('_'))
      raise(FaultKind::Security,
            fmt::format("'{}': attributes of a namespace do not begin with an underscore",
                        target.attribute));
    if (value.depth() >= kMostDepth)
      raise(FaultKind::Limit, "lists lie too deep in each other");
    return space->set(target.attribute, std::move(value));
  }
  if (target.parts.empty())
    return scope.set(target.name, std::move(value));
  std::vector<Value> parts = iterate(value);
  if (parts.size() != target.parts.size())
    raise(FaultKind::Type,
          parts.size() > target.parts.size()
              ? fmt::format("too many values to unpack (expected {})", target.parts.size())
              : fmt::format("not enough values to unpack (expected {}, got {})",
                            target.parts.size(), parts.size()));
  for (std::size_t i = 0; i < parts.size(); ++i)
    assign(target.parts[i], std::move(parts[i]), scope);
}

Value Machine::makeMacro(const Statement& statement, Scope& scope, std::string name) {
  scope.keep();
  return Value(std::make_shared<Macro>(statement, scope, std::move(name)));
}

} // namespace switchyard::tokenizer::chat
