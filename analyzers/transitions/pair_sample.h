#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analyzers/common/hash.h"
#include "core/base/error.h"

namespace switchyard::analyzers {

/// A random sample of (source, target) first choices whose members depend on which steps were seen,
/// not on their order or on how they were split: the steps with the smallest hashes.
class PairSample {
public:
  static constexpr std::size_t kSize = 1024;

  /// The step at `position` of sequence `sequence`.
  void offer(std::int64_t sequence, std::int64_t position, std::uint16_t source,
             std::uint16_t target) {
    keep({mixed(mixed(static_cast<std::uint64_t>(sequence)) + static_cast<std::uint64_t>(position)),
          source, target});
  }
  void merge(const PairSample& other);
  /// See state.h.
  template <typename Archive> static void exchange(auto& self, Archive& archive) {
    archive(self.m_bound);
    archive.grown(self.m_steps);
  }

  /// Mutual information (nats) of the sample, and of it with targets shuffled.
  struct Null {
    double observed = 0, mean = 0;
    double p = 1; ///< shuffles with at least the observed value, (1 + n) / (1 + permutations)
  };
  /// Errors: InvalidArgument for permutations < 1. An empty sample gives 0, 0, 1.
  base::Result<Null> permutationNull(int permutations, std::uint64_t seed) const;

private:
  struct Step {
    std::uint64_t hash;
    std::uint16_t source, target;
    template <typename Archive> static void exchange(auto& self, Archive& archive) {
      archive(self.hash, self.source, self.target);
    }
    friend bool operator<(const Step& a, const Step& b) {
      if (a.hash != b.hash)
        return a.hash < b.hash;
      return a.source != b.source ? a.source < b.source : a.target < b.target;
    }
  };
  void keep(const Step& step) {
    if (step.hash > m_bound)
      return;
    m_steps.push_back(step);
    if (m_steps.size() == 2 * kSize)
      prune();
  }
  void prune();

  std::vector<Step> m_steps; ///< holds the kSize smallest, and fewer than kSize others
  std::uint64_t m_bound = ~std::uint64_t{0}; ///< steps of larger hashes are none of the smallest
};

} // namespace switchyard::analyzers
