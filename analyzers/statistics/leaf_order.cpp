#include "analyzers/statistics/leaf_order.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "analyzers/statistics/checks.h"

namespace switchyard::statistics {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Consecutive leaves of the tree, by position in its depth-first order.
struct Range {
  std::size_t begin = 0, end = 0;
};

class Orderer {
public:
  Orderer(const Dendrogram& tree, std::span<const double> condensed)
      : m_tree(tree), m_condensed(condensed), m_leaves(leavesOf(tree)),
        m_best(tree.items * tree.items, 0.0), m_ranges(tree.items + tree.merges.size()) {
    for (std::size_t position = 0; position < m_leaves.size(); ++position)
      m_ranges[m_leaves[position]] = {position, position + 1};
    for (std::size_t r = 0; r < tree.merges.size(); ++r) {
      const Range& first = m_ranges[tree.merges[r].first];
      const Range& second = m_ranges[tree.merges[r].second];
      m_ranges[tree.items + r] = {first.begin, second.end};
      fill(r);
    }
  }

  LeafOrder solve() const {
    const Merge& root = m_tree.merges.back();
    LeafOrder best{{}, kInfinity};
    std::size_t first = 0;
    std::size_t last = 0;
    for (std::size_t u = m_ranges[root.first].begin; u < m_ranges[root.first].end; ++u)
      for (std::size_t w = m_ranges[root.second].begin; w < m_ranges[root.second].end; ++w) {
        const std::size_t low = m_leaves[u] < m_leaves[w] ? u : w;
        const std::size_t high = low == u ? w : u;
        const bool earlier =
            std::pair(m_leaves[low], m_leaves[high]) < std::pair(m_leaves[first], m_leaves[last]);
        if (best2(u, w) < best.length || (best2(u, w) == best.length && earlier)) {
          best.length = best2(u, w);
          first = low;
          last = high;
        }
      }
    write(first, last, best.leaves);
    return best;
  }

private:
  /// One stretch of the order still to be written: all leaves of a node, from end to end.
  struct Stretch {
    std::size_t node, first, last;
  };

  double distance(std::size_t u, std::size_t w) const {
    const std::size_t a = std::min(m_leaves[u], m_leaves[w]);
    const std::size_t b = std::max(m_leaves[u], m_leaves[w]);
    return m_condensed[condensedIndex(m_tree.items, a, b)];
  }

  double& best2(std::size_t u, std::size_t w) { return m_best[u * m_tree.items + w]; }
  double best2(std::size_t u, std::size_t w) const { return m_best[u * m_tree.items + w]; }

  /// Where the other end of a node's order can be when one end is `end`: its other child.
  Range opposite(std::size_t node, std::size_t end) const {
    if (node < m_tree.items)
      return m_ranges[node];
    const Merge& merge = m_tree.merges[node - m_tree.items];
    const Range& first = m_ranges[merge.first];
    return end < first.end ? m_ranges[merge.second] : first;
  }

  /// best2(u, w) = least length of an order of the merged node with ends u (in the first child) and
  /// w (in the second): min over inner ends m, k of best(u, m) + d(m, k) + best(k, w).
  void fill(std::size_t r) {
    const Merge& merge = m_tree.merges[r];
    const Range& left = m_ranges[merge.first];
    const Range& right = m_ranges[merge.second];
    std::vector<double> reach(right.end - right.begin);
    for (std::size_t u = left.begin; u < left.end; ++u) {
      const Range inner = opposite(merge.first, u);
      for (std::size_t k = right.begin; k < right.end; ++k) {
        double least = kInfinity;
        for (std::size_t m = inner.begin; m < inner.end; ++m)
          least = std::min(least, best2(u, m) + distance(m, k));
        reach[k - right.begin] = least;
      }
      for (std::size_t w = right.begin; w < right.end; ++w) {
        const Range far = opposite(merge.second, w);
        double least = kInfinity;
        for (std::size_t k = far.begin; k < far.end; ++k)
          least = std::min(least, reach[k - right.begin] + best2(k, w));
        best2(u, w) = best2(w, u) = least;
      }
    }
  }

  /// Finds the inner ends again on the way down, which costs less memory than keeping them.
  void write(std::size_t first, std::size_t last, std::vector<std::size_t>& out) const {
    std::vector<Stretch> pending{{m_tree.items + m_tree.merges.size() - 1, first, last}};
    while (!pending.empty()) {
      const Stretch stretch = pending.back();
      pending.pop_back();
      if (stretch.node < m_tree.items) {
        out.push_back(m_leaves[stretch.first]);
        continue;
      }
      const Merge& merge = m_tree.merges[stretch.node - m_tree.items];
      const bool straight = stretch.first < m_ranges[merge.first].end;
      const std::size_t nodeA = straight ? merge.first : merge.second;
      const std::size_t nodeB = straight ? merge.second : merge.first;
      const Range endsA = opposite(nodeA, stretch.first);
      const Range endsB = opposite(nodeB, stretch.last);
      double least = kInfinity;
      Stretch a{nodeA, stretch.first, endsA.begin};
      Stretch b{nodeB, endsB.begin, stretch.last};
      for (std::size_t m = endsA.begin; m < endsA.end; ++m)
        for (std::size_t k = endsB.begin; k < endsB.end; ++k) {
          const double length = best2(stretch.first, m) + distance(m, k) + best2(k, stretch.last);
          if (length < least) {
            least = length;
            a.last = m;
            b.first = k;
          }
        }
      pending.push_back(b);
      pending.push_back(a);
    }
  }

  const Dendrogram& m_tree;
  std::span<const double> m_condensed;
  std::vector<std::size_t> m_leaves;
  std::vector<double> m_best; ///< [n, n] by positions; filled for pairs at their common node
  std::vector<Range> m_ranges;
};

} // namespace

base::Result<LeafOrder> optimalLeafOrder(const Dendrogram& tree,
                                         std::span<const double> condensed) {
  if (tree.items > kMaxOrderedItems)
    return base::fail(
        base::ErrorCode::LimitExceeded,
        fmt::format("leaf order: {} items, at most {}", tree.items, kMaxOrderedItems));
  if (tree.items == 0 || tree.merges.size() + 1 != tree.items)
    return base::fail(base::ErrorCode::InvalidArgument, "leaf order: the tree is not complete");
  SY_TRY(requireSameSize(condensed.size(), tree.items * (tree.items - 1) / 2, "leaf order"));
  if (condensed.empty())
    return LeafOrder{{0}, 0.0};
  SY_TRY(requireFinite(condensed, "leaf order"));
  const double bound = std::numeric_limits<double>::max() / (4.0 * static_cast<double>(tree.items));
  if (*std::max_element(condensed.begin(), condensed.end()) > bound)
    return base::fail(base::ErrorCode::InvalidArgument,
                      "leaf order: distances are so large that their sums overflow");
  return Orderer(tree, condensed).solve();
}

} // namespace switchyard::statistics
