#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analyzers/common/fixed_sum.h"

namespace switchyard::analyzers {

/// What a set of documents says of the share of tokens that select each expert, with enough to give
/// its error over documents (not tokens: those of one text are not independent). Exact integers.
struct DocumentMoments {
  std::int64_t documents = 0;
  std::int64_t tokens = 0;           ///< sum of n, a document's tokens
  Int128 tokens2 = 0;                ///< sum of n^2
  std::vector<std::int64_t> counts;  ///< [E] sum of c, its tokens that select the expert
  std::vector<Int128> counts2, both; ///< [E] sums of c^2 and of c n

  void resize(std::size_t experts);
  /// One document; counts: [E] or longer, n > 0.
  void add(std::span<const std::int64_t> documentCounts, std::int64_t n);
  void add(const DocumentMoments& other);
  /// See state.h.
  template <typename Archive> static void exchange(auto& self, Archive& archive) {
    archive(self.documents, self.tokens, self.tokens2, self.counts, self.counts2, self.both);
  }
};

/// An estimated share and its error.
struct ShareEstimate {
  double share = 0;
  double variance = 0; ///< of the ratio sum c / sum n over documents, not below the binomial one
  double df = 0;       ///< documents - 1
};

/// Ratio estimate (Cochran 1977, section 2.11: linearised variance with documents as clusters).
/// Nothing for fewer than two documents.
std::optional<ShareEstimate> shareEstimate(const DocumentMoments& moments, std::size_t expert);

/// share +- t * standard error at `level`, cut to [0, 1].
struct ShareInterval {
  double low = 0, high = 0;
};
ShareInterval interval(const ShareEstimate& estimate, double level);

/// Welch's t test of two shares: two-sided p.
double differenceP(const ShareEstimate& a, const ShareEstimate& b);

} // namespace switchyard::analyzers
