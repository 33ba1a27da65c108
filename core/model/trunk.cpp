#include "core/model/trunk.h"

#include <algorithm>

namespace switchyard::model {

namespace {

bool alike(const Segment& a, const Segment& b) {
  return std::ranges::equal(a.tokens, b.tokens) &&
         std::ranges::equal(a.cache->tokens(), b.cache->tokens());
}

/// Rows [first, first + count) of `width` values each, once more at the end.
template <typename T>
void repeat(std::vector<T>& values, std::size_t first, std::size_t count, std::size_t width) {
  const std::size_t end = values.size();
  values.resize(end + count * width);
  std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(first * width), count * width,
              values.begin() + static_cast<std::ptrdiff_t>(end));
}

} // namespace

int trunkLayers(const ModelConfig& config) {
  const auto routed = std::ranges::find(config.moeLayer, true);
  return std::min(config.layers, static_cast<int>(routed - config.moeLayer.begin()) + 1);
}

std::size_t findLeaders(std::span<const Segment> segments, std::vector<std::size_t>& leaders) {
  leaders.clear();
  std::size_t leading = segments.size();
  for (; leading > 1; --leading) {
    const Segment& last = segments[leading - 1];
    const auto leader = std::ranges::find_if(
        segments.first(leading - 1), [&](const Segment& segment) { return alike(segment, last); });
    if (leader == segments.begin() + static_cast<std::ptrdiff_t>(leading - 1))
      break;
    leaders.push_back(static_cast<std::size_t>(leader - segments.begin()));
  }
  std::ranges::reverse(leaders);
  return leading;
}

base::Result<void> followLeaders(std::span<const Segment> segments, std::size_t leading,
                                 std::span<const std::size_t> leaders, const ModelConfig& config,
                                 Workspace& work) {
  const auto hidden = static_cast<std::size_t>(config.hidden);
  const auto pairs = static_cast<std::size_t>(config.rope.rotaryDim / 2);
  for (std::size_t i = 0; i < leaders.size(); ++i) {
    const Segment& segment = segments[leading + i];
    std::size_t first = 0; // row
    for (const Segment& before : segments.first(leaders[i]))
      first += before.tokens.size();
    const std::size_t count = segment.tokens.size();
    const std::int64_t start = segment.cache->length();
    SY_TRY(segment.cache->reserve(start + static_cast<std::int64_t>(count)));
    segment.cache->takeRows(*segments[leaders[i]].cache, trunkLayers(config), start,
                            static_cast<std::int64_t>(count));
    repeat(work.residual, first, count, hidden);
    repeat(work.cosines, first, count, pairs);
    repeat(work.sines, first, count, pairs);
    repeat(work.rows, first, count, 1);
    for (std::size_t row = work.rows.size() - count; row < work.rows.size(); ++row)
      work.rows[row].sequence = segment.sequence;
  }
  work.normed.resize(work.residual.size());
  work.blockOut.resize(work.residual.size());
  return {};
}

} // namespace switchyard::model
