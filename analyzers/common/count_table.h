#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

namespace switchyard::analyzers {

/// Counters that are 32 bits wide where the inner loops write (half the cache) and 64 bits wide in
/// sum. Usage: reserve(increments) before a loop that adds at most that many to any one cell, then
/// write through hot().
class CountTable {
public:
  CountTable() = default;
  explicit CountTable(std::size_t cells) : m_hot(cells) {}

  std::size_t size() const { return m_hot.size(); }
  std::uint32_t* hot() { return m_hot.data(); }
  /// Makes room for `increments` more in every cell; increments < 2^31.
  void reserve(std::uint64_t increments) {
    if (m_pending + increments > 0xFFFFFFFFull)
      flush();
    m_pending += increments;
  }
  std::uint64_t at(std::size_t cell) const {
    return m_hot[cell] + (m_total.empty() ? 0 : m_total[cell]);
  }
  /// Totals, whatever is hot (see state.h).
  template <typename Archive> static void exchange(auto& self, Archive& archive) {
    std::vector<std::uint64_t> totals(self.size());
    for (std::size_t i = 0; i < totals.size(); ++i)
      totals[i] = self.at(i);
    archive(totals);
    if constexpr (!std::is_const_v<std::remove_reference_t<decltype(self)>>) {
      self.m_hot.assign(totals.size(), 0);
      self.m_total = std::move(totals);
      self.m_pending = 0;
    }
  }
  void merge(const CountTable& other) {
    if (other.m_total.empty() && m_pending + other.m_pending <= 0xFFFFFFFFull) {
      m_pending += other.m_pending;
      for (std::size_t i = 0; i < m_hot.size(); ++i)
        m_hot[i] += other.m_hot[i];
      return;
    }
    flush();
    for (std::size_t i = 0; i < m_total.size(); ++i)
      m_total[i] += other.at(i);
  }

private:
  void flush() {
    m_total.resize(m_hot.size());
    for (std::size_t i = 0; i < m_hot.size(); ++i) {
      m_total[i] += m_hot[i];
      m_hot[i] = 0;
    }
    m_pending = 0;
  }

  std::vector<std::uint32_t> m_hot;
  std::vector<std::uint64_t> m_total; ///< empty until the first flush
  std::uint64_t m_pending = 0;        ///< bound on every hot cell
};

} // namespace switchyard::analyzers
