#include "analyzers/locality/lru_stack.h"

#include <algorithm>
#include <functional>

namespace switchyard::analyzers {

LruStack::LruStack(int experts)
    : m_known(static_cast<std::size_t>(experts)), m_wanted(static_cast<std::size_t>(experts)) {
  m_stack.reserve(static_cast<std::size_t>(experts));
}

void LruStack::clear() {
  m_stack.clear();
  std::ranges::fill(m_known, std::uint8_t{0});
}

int LruStack::use(std::span<const std::uint16_t> ids, std::int64_t* histogram) {
  m_event.assign(ids.begin(), ids.end());
  // Insertion sort, descending: events are short.
  for (std::size_t i = 1; i < m_event.size(); ++i) {
    for (std::size_t j = i; j > 0 && m_event[j] > m_event[j - 1]; --j)
      std::swap(m_event[j], m_event[j - 1]);
  }
  std::size_t toFind = 0;
  for (std::uint16_t id : m_event) {
    toFind += m_known[id];
    m_wanted[id] = m_known[id];
  }
  const int first = static_cast<int>(m_event.size() - toFind);
  // Walk down until all known ids are met; those passed over move down behind the event.
  std::size_t depth = 0;
  for (std::size_t missing = toFind; missing > 0; ++depth) {
    if (m_wanted[m_stack[depth]] == 0) {
      m_event.push_back(m_stack[depth]);
      continue;
    }
    ++histogram[depth];
    m_wanted[m_stack[depth]] = 0;
    --missing;
  }
  const std::size_t used = ids.size();
  for (std::size_t i = 0; i < used; ++i)
    m_known[m_event[i]] = 1;
  m_stack.insert(m_stack.begin() + static_cast<std::ptrdiff_t>(depth),
                 static_cast<std::size_t>(first), std::uint16_t{0});
  std::ranges::copy(m_event, m_stack.begin());
  return first;
}

} // namespace switchyard::analyzers
