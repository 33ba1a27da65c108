#include "analyzers/locality/lru_stack.h"

#include <algorithm>

namespace switchyard::analyzers {

LruStack::LruStack(int experts)
    : m_experts(static_cast<std::size_t>(experts)), m_known(setWords(m_experts)),
      m_above(setWords(m_experts) * m_experts) {}

void LruStack::clear() {
  std::ranges::fill(m_known, 0);
  std::ranges::fill(m_above, 0);
}

[[gnu::always_inline]] inline int LruStack::useAny(std::span<const std::uint16_t> ids,
                                                   std::span<const std::uint64_t> set,
                                                   std::int64_t* histogram) {
  int first = 0;
  for (std::uint16_t id : ids) {
    if (!inSet(m_known, id)) {
      ++first;
      continue;
    }
    int distance = 0;
    for (std::size_t w = 0; w < set.size(); ++w)
      distance += bitsIn(m_above[w * m_experts + id]);
    ++histogram[distance];
  }
  for (std::size_t w = 0; w < set.size(); ++w) {
    std::uint64_t* above = m_above.data() + w * m_experts;
    const std::uint64_t event = set[w];
    m_known[w] |= event;
    for (std::size_t e = 0; e < m_experts; ++e)
      above[e] |= event;
    // Above an expert of the event stand only those of it with higher ids.
    for (std::uint16_t id : ids) {
      const std::size_t word = id / 64;
      const std::uint64_t higher =
          word == w ? ~std::uint64_t{0} << (id % 64) << 1 : ~std::uint64_t{0};
      above[id] = word > w ? 0 : event & higher;
    }
  }
  return first;
}

#if defined(__x86_64__)
[[gnu::target("avx2,popcnt")]] int LruStack::useWide(std::span<const std::uint16_t> ids,
                                                     std::span<const std::uint64_t> set,
                                                     std::int64_t* histogram) {
  return useAny(ids, set, histogram);
}
#endif

int LruStack::use(std::span<const std::uint16_t> ids, std::span<const std::uint64_t> set,
                  std::int64_t* histogram) {
#if defined(__x86_64__)
  static const bool wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt");
  if (wide)
    return useWide(ids, set, histogram);
#endif
  return useAny(ids, set, histogram);
}

} // namespace switchyard::analyzers
