#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "analyzers/statistics/linkage.h"

namespace switchyard::statistics {

std::vector<std::size_t> leavesOf(const Dendrogram& tree) {
  std::vector<std::size_t> leaves;
  std::vector<std::size_t> pending{2 * tree.items - 2};
  while (!pending.empty()) {
    const std::size_t node = pending.back();
    pending.pop_back();
    if (node < tree.items) {
      leaves.push_back(node);
      continue;
    }
    pending.push_back(tree.merges[node - tree.items].second);
    pending.push_back(tree.merges[node - tree.items].first);
  }
  return leaves;
}

base::Result<std::vector<std::int64_t>> cutTree(const Dendrogram& tree, std::size_t clusters) {
  if (clusters < 1 || clusters > tree.items)
    return base::fail(
        base::ErrorCode::InvalidArgument,
        fmt::format("cut into {} clusters: there are {} items", clusters, tree.items));
  // The last clusters - 1 merges are undone; labels flow down from what is left.
  const std::size_t kept = tree.items - clusters;
  std::vector<std::size_t> top(tree.items + kept);
  std::iota(top.begin(), top.end(), std::size_t{0});
  for (std::size_t r = kept; r-- > 0;) {
    top[tree.merges[r].first] = top[tree.items + r];
    top[tree.merges[r].second] = top[tree.items + r];
  }
  std::vector<std::int64_t> numberOf(top.size(), -1);
  std::vector<std::int64_t> labels(tree.items);
  std::int64_t next = 0;
  for (std::size_t i = 0; i < tree.items; ++i) {
    std::int64_t& number = numberOf[top[i]];
    if (number < 0)
      number = next++;
    labels[i] = number;
  }
  return labels;
}

std::vector<double> copheneticDistances(const Dendrogram& tree) {
  std::vector<double> heights(tree.items * (tree.items - 1) / 2);
  std::vector<std::vector<std::size_t>> members(tree.items + tree.merges.size());
  for (std::size_t i = 0; i < tree.items; ++i)
    members[i] = {i};
  for (std::size_t r = 0; r < tree.merges.size(); ++r) {
    const Merge& merge = tree.merges[r];
    std::vector<std::size_t>& first = members[merge.first];
    std::vector<std::size_t>& second = members[merge.second];
    for (const std::size_t a : first)
      for (const std::size_t b : second)
        heights[condensedIndex(tree.items, std::min(a, b), std::max(a, b))] = merge.height;
    first.insert(first.end(), second.begin(), second.end());
    members[tree.items + r] = std::move(first);
    std::vector<std::size_t>().swap(second);
  }
  return heights;
}

} // namespace switchyard::statistics
