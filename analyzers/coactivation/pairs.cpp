#include <algorithm>

#include "analyzers/coactivation/coactivation.h"
#include "analyzers/statistics/leaf_order.h"
#include "analyzers/statistics/linkage.h"
#include "analyzers/statistics/multiple_testing.h"

namespace switchyard::analyzers {

namespace {

/// Joint uses over those of uniform routing that first keeps `kept` of `groups` groups, then picks
/// k of their experts. For one group: T k(k-1) / (E(E-1)).
std::optional<double> overGrouped(const LayerPairs& layer, const ExpertPair& pair, int groups,
                                  int kept) {
  if (groups == 1)
    return statistics::pairsOverUniformRouting(pair.both, layer.tokens, layer.k, layer.experts);
  const int size = layer.experts / groups;
  const double allowed = static_cast<double>(kept) * size;
  const double bothPicked = layer.k * (layer.k - 1.0) / (allowed * (allowed - 1));
  const bool sameGroup = pair.i / size == pair.j / size;
  const double bothAllowed = sameGroup ? static_cast<double>(kept) / groups
                                       : kept * (kept - 1.0) / (groups * (groups - 1.0));
  const double expected = static_cast<double>(layer.tokens) * bothAllowed * bothPicked;
  if (!(expected > 0))
    return std::nullopt;
  return static_cast<double>(pair.both) / expected;
}

} // namespace

base::Result<std::vector<ExpertPair>> expertPairs(const LayerPairs& layer, int groups,
                                                  int groupsKept) {
  std::vector<ExpertPair> pairs;
  std::vector<double> tested;
  for (int i = 0; i < layer.experts; ++i) {
    for (int j = i + 1; j < layer.experts; ++j) {
      ExpertPair pair{i, j, layer.of(i, j).both, {}, {}, {}};
      pair.association = SY_TRY(statistics::associate(layer.of(i, j)));
      pair.overUniform = overGrouped(layer, pair, groups, groupsKept);
      if (pair.association.gP)
        tested.push_back(*pair.association.gP);
      pairs.push_back(pair);
    }
  }
  const std::vector<double> adjusted =
      SY_TRY(statistics::adjustPValues(tested, statistics::Correction::BenjaminiHochberg));
  std::size_t next = 0;
  for (ExpertPair& pair : pairs) {
    if (pair.association.gP)
      pair.adjustedP = adjusted[next++];
  }
  return pairs;
}

base::Result<ExpertOrder> clusterExperts(const LayerPairs& layer, std::span<const int> experts) {
  const std::size_t n = experts.size();
  std::vector<double> distances;
  distances.reserve(n * (n - std::min<std::size_t>(n, 1)) / 2);
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = a + 1; b < n; ++b) {
      const statistics::JointCounts c = layer.of(experts[a], experts[b]);
      const std::int64_t either = c.first + c.second - c.both;
      distances.push_back(
          either == 0 ? 1.0 : 1.0 - static_cast<double>(c.both) / static_cast<double>(either));
    }
  }
  const statistics::Dendrogram tree =
      SY_TRY(statistics::linkage(n, distances, statistics::LinkageMethod::Average));
  const statistics::LeafOrder leaves = SY_TRY(statistics::optimalLeafOrder(tree, distances));
  ExpertOrder out;
  std::vector<int> position(n);
  for (std::size_t p = 0; p < n; ++p) {
    out.order.push_back(experts[leaves.leaves[p]]);
    position[leaves.leaves[p]] = static_cast<int>(p);
  }
  const auto node = [&](std::size_t id) { return id < n ? position[id] : static_cast<int>(id); };
  for (const statistics::Merge& merge : tree.merges)
    out.merges.push_back({node(merge.first), node(merge.second), merge.height});
  return out;
}

} // namespace switchyard::analyzers
