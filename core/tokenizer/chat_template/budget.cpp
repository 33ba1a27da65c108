#include "core/tokenizer/chat_template/budget.h"

#include <cassert>

#include <fmt/format.h>

#include "core/tokenizer/chat_template/fault.h"

namespace switchyard::tokenizer::chat {

namespace {
thread_local Budget* t_budget = nullptr;
}

BudgetScope::BudgetScope(Budget& budget) : m_before(t_budget) {
  t_budget = &budget;
}

BudgetScope::~BudgetScope() {
  t_budget = m_before;
}

void charge(std::uint64_t units) {
  assert(t_budget != nullptr);
  if (units > t_budget->left)
    raise(FaultKind::Limit, "the template takes too many steps; it seems to run for ever");
  t_budget->left -= units;
}

void chargeText(std::uint64_t bytes) {
  if (bytes > Budget::kTextBytes)
    raise(FaultKind::Limit, fmt::format("a text grows beyond {} MiB", Budget::kTextBytes >> 20));
  charge(bytes / 16 + 1);
}

void chargeItems(std::uint64_t items) {
  if (items > Budget::kUnits)
    raise(FaultKind::Limit, "a list grows too long");
  charge(items * Budget::kItemUnits + 1);
}

Deeper::Deeper() {
  charge(1);
  if (t_budget->depth >= Budget::kDepth)
    raise(FaultKind::Limit, "macros or loops call each other too deeply");
  ++t_budget->depth;
}

Deeper::~Deeper() {
  --t_budget->depth;
}

} // namespace switchyard::tokenizer::chat
