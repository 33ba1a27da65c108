#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "core/base/error.h"
#include "core/model/kv_cache.h"
#include "core/model/model.h"
#include "core/routing/policy.h"
#include "core/session/decoder.h"

namespace switchyard::session {

/// One KV state and the policies that route its tokens, each with a state of its own.
struct Branch {
  model::KvCache cache;
  std::vector<std::unique_ptr<routing::Policy>> policies; ///< by RecipeId; null: not used yet
  /// [hidden] the residual stream behind the last layer of the last token run, or empty; and of the
  /// step that is running.
  std::vector<float> residual, nextResidual;
};

/// The branches of one decoding by their ids, and the recipes they may use.
class Branches {
public:
  static constexpr std::size_t kMost = 64;

  /// Opens branch 0 with room for `reserve` positions. policy: the run's routing, begun; null: the
  /// model's own. Both are borrowed. Errors: those of KvCache::create.
  static base::Result<Branches> create(const model::Model& model, const routing::Policy* policy,
                                       std::int64_t reserve);

  /// Errors: NotFound; LimitExceeded past kMost branches.
  base::Result<Branch*> find(BranchId id);
  base::Result<const Branch*> find(BranchId id) const;
  base::Result<BranchId> open();
  base::Result<BranchId> fork(BranchId from);
  base::Result<void> close(BranchId id); ///< not 0
  base::Result<void> rewind(BranchId id, std::int64_t length);

  /// Adds a recipe's policy, not yet begun. Errors: those of Policy::begin; Unsupported for one
  /// whose weights multiply the experts' inputs.
  base::Result<RecipeId> addRecipe(std::unique_ptr<routing::Policy> policy);
  bool hasRecipe(RecipeId id) const {
    return id >= 0 && static_cast<std::size_t>(id) < m_recipes.size();
  }
  /// The branch's own copy of a recipe's policy; null for the model's own routing.
  routing::Policy* policyOf(Branch& branch, RecipeId recipe);

private:
  Branches() = default;
  base::Result<BranchId> add(Branch branch);

  const model::Model* m_model = nullptr;
  std::map<BranchId, Branch> m_branches;
  std::vector<std::unique_ptr<routing::Policy>> m_recipes; ///< begun; [0] may be null
  BranchId m_last = 0;
};

} // namespace switchyard::session
