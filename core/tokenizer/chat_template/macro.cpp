#include "core/tokenizer/chat_template/macro.h"

#include <algorithm>

#include <fmt/format.h>

namespace switchyard::tokenizer::chat {

std::optional<Value> Macro::attribute(std::string_view name) const {
  if (name == "name")
    return Value(m_name);
  if (name == "arguments") {
    std::vector<Value> names;
    for (const Parameter& parameter : m_statement.parameters)
      names.emplace_back(parameter.name);
    return Value::tuple(std::move(names));
  }
  if (name == "catch_varargs")
    return Value(m_statement.usesVarargs);
  if (name == "catch_kwargs")
    return Value(m_statement.usesKwargs);
  if (name == "caller")
    return Value(m_statement.usesCaller);
  return std::nullopt;
}

bool Macro::isParameter(std::string_view name) const {
  return std::ranges::any_of(m_statement.parameters,
                             [&](const Parameter& parameter) { return parameter.name == name; });
}

void Macro::bind(Machine& machine, const Arguments& arguments, Scope& scope) const {
  const std::vector<Parameter>& parameters = m_statement.parameters;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Parameter& parameter = parameters[i];
    const Value* named = arguments.find(parameter.name);
    if (i < arguments.positional.size()) {
      if (named != nullptr)
        raise(FaultKind::Type,
              fmt::format("macro '{}' got two values for '{}'", m_name, parameter.name));
      scope.set(parameter.name, arguments.positional[i]);
    } else if (named != nullptr) {
      scope.set(parameter.name, *named);
    } else if (parameter.standard) {
      scope.set(parameter.name, machine.evaluate(*parameter.standard, scope));
    } else {
      scope.set(parameter.name,
                Value::missing(fmt::format("parameter '{}' was not provided", parameter.name)));
    }
  }
  bindRest(arguments, scope);
}

void Macro::bindRest(const Arguments& arguments, Scope& scope) const {
  const std::size_t count = m_statement.parameters.size();
  std::vector<Value> rest;
  for (std::size_t i = count; i < arguments.positional.size(); ++i)
    rest.push_back(arguments.positional[i]);
  if (m_statement.usesVarargs)
    scope.set("varargs", Value::tuple(std::move(rest)));
  else if (!rest.empty())
    raise(FaultKind::Type,
          fmt::format("macro '{}' takes not more than {} argument(s)", m_name, count));
  if (m_statement.usesCaller && !isParameter("caller")) {
    const Value* caller = arguments.find("caller");
    scope.set("caller", caller != nullptr ? *caller : Value::missing("No caller defined"));
  }
  std::vector<std::pair<Value, Value>> others;
  for (const auto& [name, value] : arguments.named)
    if (!isParameter(name) && !(name == "caller" && m_statement.usesCaller))
      others.emplace_back(Value(name), value);
  if (m_statement.usesKwargs)
    scope.set("kwargs", Value::dictionary(std::move(others)));
  else if (!others.empty())
    raise(FaultKind::Type, fmt::format("macro '{}' takes no keyword argument '{}'", m_name,
                                       others.front().first.text()));
}

Value Macro::call(Machine& machine, const Arguments& arguments) {
  return Value(machine.capture(&m_scope, m_statement.bodies[0],
                               [&](Scope& scope) { bind(machine, arguments, scope); }),
               machine.autoescapes());
}

std::optional<Value> SelfObject::attribute(std::string_view name) const {
  const Statement* block = m_machine.block(name);
  if (block == nullptr)
    return std::nullopt;
  return Value(std::make_shared<Function>(
      "BlockReference", [block](Machine& machine, const Arguments& arguments) {
        (void)Bound("a block", arguments, {});
        return Value(machine.runBlock(*block), machine.autoescapes());
      }));
}

} // namespace switchyard::tokenizer::chat
