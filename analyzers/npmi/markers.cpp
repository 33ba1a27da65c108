#include "analyzers/npmi/markers.h"

#include <algorithm>

namespace switchyard::analyzers {

void findMarker(const Marker& marker, MarkerPosition rule, std::span<const std::int32_t> tokens,
                std::int64_t first, std::int64_t rows, std::vector<std::int64_t>& out) {
  out.clear();
  const auto length = static_cast<std::int64_t>(tokens.size());
  const std::int64_t end = std::min(first + rows, length);
  for (const std::vector<std::int32_t>& spelling : marker.spellings) {
    const auto n = static_cast<std::int64_t>(spelling.size());
    if (n == 0)
      continue;
    // Occurrences are found by their last position; those of AnyToken may end behind the range.
    const std::int64_t lastEnd =
        rule == MarkerPosition::AnyToken ? std::min(end + n - 1, length) : end;
    for (std::int64_t last = std::max(first, n - 1); last < lastEnd; ++last) {
      if (tokens[static_cast<std::size_t>(last)] != spelling.back() ||
          !std::ranges::equal(spelling, tokens.subspan(static_cast<std::size_t>(last - n + 1),
                                                       static_cast<std::size_t>(n))))
        continue;
      const std::int64_t from = rule == MarkerPosition::AnyToken ? last - n + 1 : last;
      for (std::int64_t p = std::max(from, first); p <= std::min(last, end - 1); ++p)
        out.push_back(p);
    }
  }
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
}

} // namespace switchyard::analyzers
