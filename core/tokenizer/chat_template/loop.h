#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/tokenizer/chat_template/machine.h"

namespace switchyard::tokenizer::chat {

/// The variable "loop": where a for stands, and its call if it is recursive.
class Loop final : public Object, public std::enable_shared_from_this<Loop> {
public:
  Loop(const Statement& statement, Scope& scope, std::vector<Value> items, int depth);
  std::string_view type() const override { return "LoopContext"; }
  std::optional<Value> attribute(std::string_view name) const override;
  bool callable() const override { return true; }
  Value call(Machine& machine, const Arguments& arguments) override;
  int depth() const override { return m_valueDepth; }

  bool isDone() const { return m_at >= m_items.size(); }
  bool isEmpty() const { return m_items.empty(); }
  const Value& item() const { return m_items[m_at]; }
  void advance() { ++m_at; }

private:
  Value cycle(const Arguments& arguments) const;
  Value changed(const Arguments& arguments);

  const Statement& m_statement;
  Scope& m_scope; ///< around the loop
  std::vector<Value> m_items;
  std::size_t m_at = 0;
  int m_depth; ///< of recursion, from 0
  int m_valueDepth;
  std::optional<std::vector<Value>> m_last; ///< what changed() was called with
};

} // namespace switchyard::tokenizer::chat
