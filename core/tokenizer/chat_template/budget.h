#pragma once

#include <cstddef>
#include <cstdint>

namespace switchyard::tokenizer::chat {

/// What one rendering may cost, so that no template runs for ever or fills the memory.
struct Budget {
  static constexpr std::uint64_t kUnits =
      8'000'000;                                 ///< a unit: an evaluated node, or 16 bytes made
  static constexpr std::uint64_t kItemUnits = 4; ///< for each item of a list that is made
  static constexpr std::size_t kTextBytes = std::size_t{16} << 20; ///< of one text
  static constexpr int kDepth = 800; ///< nodes being evaluated inside each other

  std::uint64_t left = kUnits;
  int depth = 0;
};

/// Makes `budget` the one that charge() draws from on this thread, until the end of the scope.
class BudgetScope {
public:
  explicit BudgetScope(Budget& budget);
  ~BudgetScope();
  BudgetScope(const BudgetScope&) = delete;
  BudgetScope& operator=(const BudgetScope&) = delete;

private:
  Budget* m_before;
};

/// Draws from this thread's budget. Fault Limit when it is used up.
void charge(std::uint64_t units);
/// Before making a text of that many bytes. Fault Limit.
void chargeText(std::uint64_t bytes);
/// Before making a list of that many items. Fault Limit.
void chargeItems(std::uint64_t items);

/// Counts one node that is being evaluated. Fault Limit.
class Deeper {
public:
  Deeper();
  ~Deeper();
  Deeper(const Deeper&) = delete;
  Deeper& operator=(const Deeper&) = delete;
};

} // namespace switchyard::tokenizer::chat
