#include "analyzers/statistics/linkage.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "analyzers/statistics/checks.h"

namespace switchyard::statistics {

namespace {

base::Result<void> checkDistances(std::size_t items, std::span<const double> condensed) {
  if (items > kMaxClusterItems)
    return base::fail(base::ErrorCode::LimitExceeded,
                      fmt::format("clustering: {} items, at most {}", items, kMaxClusterItems));
  if (items == 0 || condensed.size() != items * (items - 1) / 2)
    return base::fail(
        base::ErrorCode::InvalidArgument,
        fmt::format("clustering: {} distances do not fit {} items", condensed.size(), items));
  if (items == 1)
    return {};
  SY_TRY(requireFinite(condensed, "clustering"));
  if (std::any_of(condensed.begin(), condensed.end(), [](double d) { return d < 0.0; }))
    return base::fail(base::ErrorCode::InvalidArgument,
                      "clustering: distances must not be negative");
  return {};
}

/// The state of the chain: clusters live in the slot of one of their items.
class Agglomerator {
public:
  Agglomerator(std::size_t items, std::span<const double> condensed, LinkageMethod method)
      : m_items(items), m_method(method), m_distances(condensed.begin(), condensed.end()),
        m_sizes(items, 1) {}

  /// Merges name slots, not clusters, and come in the order they were found.
  std::vector<Merge> run() {
    std::vector<Merge> merges;
    std::vector<std::size_t> chain;
    while (merges.size() + 1 < m_items) {
      if (chain.empty())
        chain.push_back(firstAlive());
      for (;;) {
        const std::size_t last = chain.back();
        const std::size_t before = chain.size() > 1 ? chain[chain.size() - 2] : last;
        const std::size_t nearest = nearestTo(last, before);
        if (nearest == before && chain.size() > 1)
          break;
        chain.push_back(nearest);
      }
      const std::size_t a = chain.back();
      const std::size_t b = chain[chain.size() - 2];
      chain.resize(chain.size() - 2);
      merges.push_back(merge(std::min(a, b), std::max(a, b)));
    }
    return merges;
  }

private:
  double& distance(std::size_t a, std::size_t b) {
    return m_distances[condensedIndex(m_items, std::min(a, b), std::max(a, b))];
  }

  std::size_t firstAlive() const {
    return static_cast<std::size_t>(
        std::find_if(m_sizes.begin(), m_sizes.end(), [](std::size_t size) { return size > 0; }) -
        m_sizes.begin());
  }

  /// `preferred` wins ties, so that the chain ends; then the lower slot does.
  std::size_t nearestTo(std::size_t slot, std::size_t preferred) {
    std::size_t best = preferred;
    double least =
        preferred == slot ? std::numeric_limits<double>::infinity() : distance(slot, preferred);
    for (std::size_t other = 0; other < m_items; ++other) {
      if (other == slot || m_sizes[other] == 0)
        continue;
      if (const double d = distance(slot, other); d < least) {
        least = d;
        best = other;
      }
    }
    return best;
  }

  Merge merge(std::size_t gone, std::size_t kept) {
    const Merge result{gone, kept, distance(gone, kept), m_sizes[gone] + m_sizes[kept]};
    const double shareKept = static_cast<double>(m_sizes[kept]) / static_cast<double>(result.size);
    for (std::size_t other = 0; other < m_items; ++other) {
      if (other == gone || other == kept || m_sizes[other] == 0)
        continue;
      const double a = distance(gone, other);
      double& b = distance(kept, other);
      switch (m_method) {
      case LinkageMethod::Average:
        b = a + (b - a) * shareKept;
        break;
      case LinkageMethod::Complete:
        b = std::max(a, b);
        break;
      case LinkageMethod::Single:
        b = std::min(a, b);
        break;
      }
    }
    m_sizes[gone] = 0;
    m_sizes[kept] = result.size;
    return result;
  }

  std::size_t m_items;
  LinkageMethod m_method;
  std::vector<double> m_distances;
  std::vector<std::size_t> m_sizes; ///< 0: merged into another slot
};

std::size_t rootOf(std::vector<std::size_t>& parents, std::size_t node) {
  while (parents[node] != node) {
    parents[node] = parents[parents[node]];
    node = parents[node];
  }
  return node;
}

} // namespace

base::Result<Dendrogram> linkage(std::size_t items, std::span<const double> condensed,
                                 LinkageMethod method) {
  SY_TRY(checkDistances(items, condensed));
  Dendrogram tree{items, Agglomerator(items, condensed, method).run()};
  std::stable_sort(tree.merges.begin(), tree.merges.end(),
                   [](const Merge& a, const Merge& b) { return a.height < b.height; });
  // From slots to cluster numbers.
  std::vector<std::size_t> parents(2 * items - 1);
  std::iota(parents.begin(), parents.end(), std::size_t{0});
  for (std::size_t r = 0; r < tree.merges.size(); ++r) {
    Merge& merge = tree.merges[r];
    const std::size_t a = rootOf(parents, merge.first);
    const std::size_t b = rootOf(parents, merge.second);
    merge.first = std::min(a, b);
    merge.second = std::max(a, b);
    parents[a] = parents[b] = items + r;
  }
  return tree;
}

} // namespace switchyard::statistics
