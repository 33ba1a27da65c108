#include "core/tokenizer/chat_template/loop.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/tokenizer/chat_template/operators.h"

namespace switchyard::tokenizer::chat {

namespace {

int deepest(const std::vector<Value>& values) {
  int depth = 0;
  for (const Value& value : values)
    depth = std::max(depth, value.depth());
  return depth;
}

} // namespace

Loop::Loop(const Statement& statement, Scope& scope, std::vector<Value> items, int depth)
    : m_statement(statement), m_scope(scope), m_items(std::move(items)), m_depth(depth),
      m_valueDepth(deepest(m_items)) {}

std::optional<Value> Loop::attribute(std::string_view name) const {
  const std::size_t count = m_items.size();
  if (name == "index")
    return Value(m_at + 1);
  if (name == "index0")
    return Value(m_at);
  if (name == "revindex")
    return Value(count - m_at);
  if (name == "revindex0")
    return Value(Integer(count) - Integer(m_at) - 1);
  if (name == "first")
    return Value(m_at == 0);
  if (name == "last")
    return Value(m_at + 1 >= count);
  if (name == "length")
    return Value(count);
  if (name == "depth")
    return Value(m_depth + 1);
  if (name == "depth0")
    return Value(m_depth);
  if (name == "previtem")
    return m_at > 0 ? m_items[m_at - 1] : Value::missing("there is no previous item");
  if (name == "nextitem")
    return m_at + 1 < count ? m_items[m_at + 1] : Value::missing("there is no next item");
  if (name == "cycle" || name == "changed") {
    const auto self = std::const_pointer_cast<Loop>(shared_from_this());
    const bool cycles = name == "cycle";
    return Value(std::make_shared<Function>(
        "method",
        [self, cycles](Machine&, const Arguments& arguments) {
          return cycles ? self->cycle(arguments) : self->changed(arguments);
        },
        depth() + 1));
  }
  return std::nullopt;
}

Value Loop::cycle(const Arguments& arguments) const {
  if (arguments.positional.empty())
    raise(FaultKind::Type, "no items for cycling given");
  return arguments.positional[m_at % arguments.positional.size()];
}

Value Loop::changed(const Arguments& arguments) {
  const std::vector<Value>& now = arguments.positional;
  if (deepest(now) >= kMostDepth)
    raise(FaultKind::Limit, "lists lie too deep in each other");
  if (m_last && m_last->size() == now.size() &&
      std::equal(now.begin(), now.end(), m_last->begin(), equal))
    return Value(false);
  m_last = now;
  return Value(true);
}

Value Loop::call(Machine& machine, const Arguments& arguments) {
  if (!m_statement.recursive)
    raise(FaultKind::Type, "the loop must have the \"recursive\" marker to be called");
  const Bound bound("loop", arguments, {""}, 1);
  const Value items = bound[0];
  std::string before = std::exchange(machine.m_out, {});
  machine.runLoop(m_statement, m_scope, items, m_depth + 1);
  return Value(std::exchange(machine.m_out, std::move(before)));
}

} // namespace switchyard::tokenizer::chat
