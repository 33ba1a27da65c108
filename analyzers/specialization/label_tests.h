#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "analyzers/specialization/label_counts.h"

namespace switchyard::analyzers {

/// Test of one expert and label: is its share in the label's documents another than in the rest?
struct LabelTest {
  std::optional<ShareInterval> interval; ///< of the share, over the label's documents, 95 %
  std::optional<double> p, adjustedP; ///< Welch over documents; Benjamini-Hochberg over all tests
  bool positive = false;              ///< share above the rest's
  /// Found in the first half of the documents (adjusted p at most alpha there, positive), and then
  /// seen again in the other half (positive, one-sided p at most alpha). Nothing if untestable.
  std::optional<bool> found, replicated;
};

/// Tests of every label, layer and expert, and how many findings survive a held-out half.
struct LabelTests {
  std::vector<std::vector<std::vector<LabelTest>>> tests; ///< [layer][label][expert]
  std::int64_t significant = 0; ///< adjusted p <= alpha on all documents, positive
  std::int64_t found = 0, replicated = 0;
  bool testable = false; ///< at least two labels with two documents each
};

/// The halves are chosen by a hash of the sequence's index, so they do not follow the order of the
/// prompts. minDocuments: a label's documents needed in a half for it to be tested there.
base::Result<LabelTests> testLabels(const LabelCounts& counts, std::size_t layers, double alpha,
                                    std::int64_t minDocuments);

} // namespace switchyard::analyzers
