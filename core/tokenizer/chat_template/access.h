#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "core/tokenizer/chat_template/value.h"

namespace switchyard::tokenizer::chat {

/// value.name: a method or attribute, then an entry; missing if there is neither. Attributes that
/// the sandbox forbids come out missing, with Security as the fault of using them. Fault
/// Unsupported for methods of Python that are not here.
Value attributeOf(const Value& value, const std::string& name);
/// value[key]: an item or entry, then an attribute.
Value itemOf(const Value& value, const Value& key);
/// The filter attr(): attributes alone.
Value onlyAttribute(const Value& value, const std::string& name);

/// A function that a template can call.
class Function final : public Object {
public:
  using Body = std::function<Value(Machine&, const Arguments&)>;
  Function(std::string type, Body body, int depth = 0)
      : m_type(std::move(type)), m_body(std::move(body)), m_depth(depth) {}
  std::string_view type() const override { return m_type; }
  bool callable() const override { return true; }
  Value call(Machine& machine, const Arguments& arguments) override {
    return m_body(machine, arguments);
  }
  int depth() const override { return m_depth; }

private:
  std::string m_type;
  Body m_body;
  int m_depth;
};

/// Methods of texts, lists, tuples and dictionaries, bound to the value; nothing if it has none of
/// that name.
std::optional<Value> textMethod(const Value& value, std::string_view name);
std::optional<Value> containerMethod(const Value& value, std::string_view name);

/// Gives a call's values to parameters by place and name; what is not given is unset.
class Bound {
public:
  /// required: how many parameters must be given. Fault Type.
  Bound(std::string_view function, const Arguments& arguments,
        std::initializer_list<std::string_view> parameters, std::size_t required = 0);
  bool has(std::size_t parameter) const { return m_values[parameter] != nullptr; }
  const Value& operator[](std::size_t parameter) const { return *m_values[parameter]; }
  Value valueOr(std::size_t parameter, Value other) const {
    return has(parameter) ? *m_values[parameter] : std::move(other);
  }
  bool flag(std::size_t parameter, bool other) const;
  Integer whole(std::size_t parameter, Integer other) const;        ///< fault Type
  std::string text(std::size_t parameter, std::string other) const; ///< fault Type

private:
  std::string m_function;
  std::vector<const Value*> m_values;
};

} // namespace switchyard::tokenizer::chat
