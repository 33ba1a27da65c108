#include "app/studio/timeline/lane_sampler.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace switchyard::studio {

using base::Result;

std::vector<int> spreadOrder(int columns) {
  std::vector<int> order;
  if (columns <= 0)
    return order;
  order.push_back(0);
  for (int step = static_cast<int>(std::bit_ceil(static_cast<unsigned>(columns))); step > 1;
       step /= 2)
    for (int at = step / 2; at < columns; at += step)
      order.push_back(at);
  return order;
}

Result<std::shared_ptr<LaneSampler>>
LaneSampler::create(const std::shared_ptr<const trace::Trace>& trace,
                    std::shared_ptr<const SequenceIndex> index) {
  std::shared_ptr<LaneSampler> sampler(new LaneSampler);
  sampler->m_index = std::move(index);
  sampler->m_reader = SY_TRY(trace->reader());
  return sampler;
}

Result<float> LaneSampler::sample(const LaneRange& range, int column) {
  const std::lock_guard lock(m_mutex);
  const std::int64_t begin = range.begin(column);
  const std::int64_t end = std::max(begin + 1, range.begin(column + 1));
  const std::int64_t middle = (begin + end) / 2;
  const std::int64_t sequence = m_index->sequenceAt(middle);
  const std::int64_t start = m_index->start(sequence);
  // Consecutive tokens of one sequence around the middle.
  const std::int64_t from = std::max({begin, start, middle - kSample / 2});
  const std::int64_t to = std::min({end, m_index->end(sequence), from + kSample});
  if (from >= to)
    return std::numeric_limits<float>::quiet_NaN();
  const auto& layers = m_reader->trace().meta().layers;
  double sum = 0;
  std::int64_t count = 0;
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    const auto k = static_cast<std::ptrdiff_t>(layers[layer].k);
    m_rows.resize(static_cast<std::size_t>((to - from) * k));
    SY_TRY(m_reader->weights(sequence, static_cast<int>(layer), from - start, to - from, m_rows));
    for (auto row = m_rows.begin(); row != m_rows.end(); row += k) {
      sum += static_cast<double>(*std::max_element(row, row + k));
      ++count;
    }
  }
  return static_cast<float>(sum / static_cast<double>(count));
}

} // namespace switchyard::studio
