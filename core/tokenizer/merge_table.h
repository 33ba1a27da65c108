#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace switchyard::tokenizer {

/// A hash map from pairs of token ids to what merging them gives. Filled once, then only read.
class MergeTable {
public:
  struct Merge {
    std::uint32_t rank = kNone; ///< lower merges first; kNone: the pair does not merge
    std::int32_t token = -1;
  };
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  explicit MergeTable(std::size_t expected = 0) {
    std::size_t slots = 16;
    while (slots < 2 * expected)
      slots *= 2;
    m_slots.resize(slots);
  }

  /// A pair that is set twice keeps the last value. At most `expected` pairs may be set.
  void set(std::int32_t left, std::int32_t right, Merge merge) {
    Slot& slot = m_slots[slotOf(key(left, right))];
    slot = {key(left, right), merge};
  }
  Merge find(std::int32_t left, std::int32_t right) const {
    return m_slots[slotOf(key(left, right))].merge;
  }

private:
  static constexpr std::uint64_t kFree = ~std::uint64_t{0};
  struct Slot {
    std::uint64_t key = kFree;
    Merge merge;
  };
  static std::uint64_t key(std::int32_t left, std::int32_t right) {
    return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32) |
           static_cast<std::uint32_t>(right);
  }
  std::size_t slotOf(std::uint64_t key) const {
    std::uint64_t hash = (key ^ (key >> 30)) * 0xBF58476D1CE4E5B9ull;
    hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBull;
    const std::size_t mask = m_slots.size() - 1;
    std::size_t slot = (hash ^ (hash >> 31)) & mask;
    while (m_slots[slot].key != kFree && m_slots[slot].key != key)
      slot = (slot + 1) & mask;
    return slot;
  }

  std::vector<Slot> m_slots;
};

} // namespace switchyard::tokenizer
