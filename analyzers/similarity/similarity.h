#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/base/error.h"

namespace switchyard::analyzers {

/// Cosines of n items, [n, n] row-major, diagonal 1; nothing where an item is all zero.
struct SimilarityMatrix {
  std::size_t items = 0;
  std::vector<std::optional<double>> cosines;
  std::optional<double> at(std::size_t i, std::size_t j) const { return cosines[i * items + j]; }
  /// Mean of the defined cosines off the diagonal.
  std::optional<double> mean() const;
};

/// Cosine of every pair of vectors, all of the same length: flattened weight matrices, mean
/// neurons, or the rows of a router. Sums are in double, in order. Errors: InvalidArgument for
/// unequal lengths or no items. O(n^2 length).
base::Result<SimilarityMatrix> cosineMatrix(std::span<const std::span<const float>> items);

/// Mean over the rows of a matrix [rows, columns] (up or gate projections, one row a neuron), or
/// over its columns (down projection).
std::vector<float> meanOverRows(std::span<const float> matrix, std::size_t columns);
std::vector<float> meanOverColumns(std::span<const float> matrix, std::size_t columns);

/// Two matrices after pairing the neurons of one with those of the other.
struct ReorderedSimilarity {
  std::optional<double> cosine;      ///< of the flattened matrices, the second one reordered
  double meanNeuronCosine = 0;       ///< mean over neurons of the paired rows' cosine
  std::optional<double> kendallTau;  ///< of the permutation: 1 = neurons already stand in order
  std::vector<std::int64_t> partner; ///< [rows] row of b paired with each row of a
};

/// Pairs rows of a with rows of b so that the sum of their cosines is greatest (linear assignment).
/// A zero row has cosine 0 with everything. Both are [rows, columns]; transpose a down projection
/// first. Errors: InvalidArgument for shapes that differ, LimitExceeded above 8192 rows (rows^2
/// doubles). O(rows^2 (rows + columns)). Source: 2406.18219, section 4.
base::Result<ReorderedSimilarity>
reorderedSimilarity(std::span<const float> a, std::span<const float> b, std::size_t columns);

/// How well one similarity explains another over the pairs i > j (2406.18219: router rows against
/// mean neurons): coefficient of determination of a straight line. Nothing if undefined.
std::optional<double> explainedShare(const SimilarityMatrix& explaining,
                                     const SimilarityMatrix& explained);

} // namespace switchyard::analyzers
