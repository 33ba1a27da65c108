#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/base/error.h"

namespace switchyard::statistics {

/// What one group of tokens (a micro-batch, a sequence, or one layer) contributed.
struct BalanceGroup {
  double tokens = 0.0;
  std::vector<double> counts;         ///< [E] assignments
  std::vector<double> probabilitySum; ///< [E] summed full-softmax probabilities
};

/// Load-balance loss of groups of tokens, E sum_e f_e P_e with f = counts/(tokens k) and
/// P = probabilitySum/tokens, so that uniform routing gives 1. Source: arXiv:2501.11873.
struct LoadBalance {
  std::vector<double> perGroup;
  double micro = 0.0;        ///< plain mean over groups
  double global = 0.0;       ///< counts and probabilities pooled first: groups weigh by tokens
  double sumOverSlots = 0.0; ///< k * global, as the common training library reports (uniform: k)
  std::vector<double> maxVioPerGroup;
  double maxVioBatch = 0.0;  ///< mean of maxVioPerGroup
  double maxVioGlobal = 0.0; ///< of the summed counts
};

/// Groups read as layers: `micro` is then the mean of the layers' losses and `sumOverSlots` what
/// the common library gives when it pools layers before the product, which hides imbalance.
/// Errors: InvalidArgument (no groups, unequal E, k < 1, a group without tokens or assignments,
/// negative entries), NonFinite.
base::Result<LoadBalance> loadBalance(std::span<const BalanceGroup> groups, int k);

} // namespace switchyard::statistics
