#pragma once

#include <string>
#include <string_view>

#include "core/tokenizer/chat_template/machine.h"

namespace switchyard::tokenizer::chat {

/// A macro, or the caller() of a call block: a body with parameters that gives its text.
class Macro final : public Object {
public:
  /// scope: where it stands; kept by the machine.
  Macro(const Statement& statement, Scope& scope, std::string name)
      : m_statement(statement), m_scope(scope), m_name(std::move(name)) {}
  std::string_view type() const override { return "Macro"; }
  std::optional<Value> attribute(std::string_view name) const override;
  bool callable() const override { return true; }
  Value call(Machine& machine, const Arguments& arguments) override;

private:
  /// Gives the arguments to names in the scope of the body.
  void bind(Machine& machine, const Arguments& arguments, Scope& scope) const;
  void bindRest(const Arguments& arguments, Scope& scope) const;
  bool isParameter(std::string_view name) const;

  const Statement& m_statement;
  Scope& m_scope;
  std::string m_name;
};

/// The variable "self": its attributes are the template's blocks, as functions.
class SelfObject final : public Object {
public:
  explicit SelfObject(const Machine& machine) : m_machine(machine) {}
  std::string_view type() const override { return "TemplateReference"; }
  std::optional<Value> attribute(std::string_view name) const override;

private:
  const Machine& m_machine;
};

} // namespace switchyard::tokenizer::chat
