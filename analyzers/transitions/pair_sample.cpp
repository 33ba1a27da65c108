#include "analyzers/transitions/pair_sample.h"

#include <algorithm>

#include "analyzers/common/hash.h"
#include "analyzers/statistics/permutation.h"

namespace switchyard::analyzers {

void PairSample::keep(const Step& step) {
  if (m_heap.size() == kSize) {
    if (!(step < m_heap.front()))
      return;
    std::pop_heap(m_heap.begin(), m_heap.end());
    m_heap.pop_back();
  }
  m_heap.push_back(step);
  std::push_heap(m_heap.begin(), m_heap.end());
}

void PairSample::offer(std::int64_t sequence, std::int64_t position, std::uint16_t source,
                       std::uint16_t target) {
  const std::uint64_t hash =
      mixed(mixed(static_cast<std::uint64_t>(sequence)) + static_cast<std::uint64_t>(position));
  if (m_heap.size() == kSize && hash > m_heap.front().hash)
    return;
  keep({hash, source, target});
}

void PairSample::merge(const PairSample& other) {
  for (const Step& step : other.m_heap)
    keep(step);
}

base::Result<PairSample::Null> PairSample::permutationNull(int permutations,
                                                           std::uint64_t seed) const {
  if (m_heap.empty())
    return Null{};
  std::vector<Step> steps = m_heap;
  std::sort(steps.begin(), steps.end());
  std::vector<std::int64_t> sources, targets;
  for (const Step& step : steps) {
    sources.push_back(step.source);
    targets.push_back(step.target);
  }
  const auto test =
      SY_TRY(statistics::permutationTest(targets, statistics::mutualInformationStatistic(sources),
                                         {.permutations = permutations, .seed = seed}));
  Null out{test.observed, 0, test.p.greater};
  for (double value : test.null)
    out.mean += value / static_cast<double>(test.null.size());
  return out;
}

} // namespace switchyard::analyzers
