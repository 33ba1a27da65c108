#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/error.h"

namespace switchyard::statistics {

/// Distance between clusters from those of their parts.
enum class LinkageMethod : std::uint8_t { Average, Complete, Single };

/// One merge; items are clusters 0..n-1, the cluster of merge r is n + r.
struct Merge {
  std::size_t first = 0, second = 0; ///< first < second
  double height = 0.0;               ///< their distance
  std::size_t size = 0;              ///< leaves in the new cluster
};

/// A binary tree over n items, n - 1 merges by ascending height.
struct Dendrogram {
  std::size_t items = 0;
  std::vector<Merge> merges;
};

/// Items, so that the condensed matrix of n(n-1)/2 doubles and the tree stay in memory.
constexpr std::size_t kMaxClusterItems = 8192;

/// Position of the pair i < j of n items in a condensed matrix (upper triangle, row by row).
constexpr std::size_t condensedIndex(std::size_t n, std::size_t i, std::size_t j) {
  return i * (2 * n - i - 1) / 2 + (j - i - 1);
}

/// Agglomerative clustering by the nearest-neighbour chain. condensed: n(n-1)/2 finite distances
/// >= 0. Equal distances: the lower cluster number is taken as nearest; merges of equal height keep
/// the order in which they were found. Errors: InvalidArgument (n < 1, wrong length, negative),
/// NonFinite, LimitExceeded (n > kMaxClusterItems). O(n^2) time and memory.
base::Result<Dendrogram> linkage(std::size_t items, std::span<const double> condensed,
                                 LinkageMethod method);

/// Leaves depth-first, first child first.
std::vector<std::size_t> leavesOf(const Dendrogram& tree);

/// Cluster of every item when the tree is cut into `clusters` (1..n), numbered by first appearance.
/// Errors: InvalidArgument.
base::Result<std::vector<std::int64_t>> cutTree(const Dendrogram& tree, std::size_t clusters);

/// Height at which each pair of items meets, condensed.
std::vector<double> copheneticDistances(const Dendrogram& tree);

} // namespace switchyard::statistics
