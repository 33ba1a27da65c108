#include "core/session/branches.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace switchyard::session {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::int64_t kFirstCapacity = 64; ///< positions of a branch that is opened

tl::unexpected<base::Error> missing(BranchId id) {
  return fail(ErrorCode::NotFound, fmt::format("there is no branch {}", id));
}

} // namespace

Result<Branches> Branches::create(const model::Model& model, const routing::Policy* policy,
                                  std::int64_t reserve) {
  Branches branches;
  branches.m_model = &model;
  branches.m_recipes.push_back(policy ? policy->clone() : nullptr);
  Branch first;
  first.cache = SY_TRY(model::KvCache::create(
      model.config(), std::min<std::int64_t>(reserve, model.config().maxPositions)));
  branches.m_branches.emplace(0, std::move(first));
  return branches;
}

Result<Branch*> Branches::find(BranchId id) {
  const auto found = m_branches.find(id);
  if (found == m_branches.end())
    return missing(id);
  return &found->second;
}

Result<const Branch*> Branches::find(BranchId id) const {
  const auto found = m_branches.find(id);
  if (found == m_branches.end())
    return missing(id);
  return &found->second;
}

Result<BranchId> Branches::add(Branch branch) {
  if (m_branches.size() >= kMost)
    return fail(ErrorCode::LimitExceeded,
                fmt::format("{} branches are open, no more are allowed; close some", kMost));
  m_branches.emplace(++m_last, std::move(branch));
  return m_last;
}

Result<BranchId> Branches::open() {
  Branch fresh;
  fresh.cache = SY_TRY(model::KvCache::create(
      m_model->config(), std::min<std::int64_t>(kFirstCapacity, m_model->config().maxPositions)));
  return add(std::move(fresh));
}

Result<BranchId> Branches::fork(BranchId from) {
  const Branch* source = SY_TRY(find(from));
  Branch copy;
  copy.cache = SY_TRY(source->cache.clone());
  for (const auto& policy : source->policies)
    copy.policies.push_back(policy ? policy->clone() : nullptr);
  copy.residual = source->residual;
  return add(std::move(copy));
}

Result<void> Branches::close(BranchId id) {
  if (id == 0)
    return fail(ErrorCode::InvalidArgument, "branch 0 stays open");
  if (m_branches.erase(id) == 0)
    return missing(id);
  return {};
}

Result<void> Branches::rewind(BranchId id, std::int64_t length) {
  Branch* branch = SY_TRY(find(id));
  if (length < 0 || length > branch->cache.length())
    return fail(ErrorCode::InvalidArgument,
                fmt::format("branch {} has run {} tokens, it cannot be rewound to {}", id,
                            branch->cache.length(), length));
  if (length > 0)
    for (const auto& policy : branch->policies)
      if (policy && policy->traits().stateful)
        return fail(ErrorCode::Unsupported,
                    fmt::format("branch {} is routed by a recipe that remembers its tokens; it can "
                                "be rewound to 0 only",
                                id));
  if (length == 0)
    branch->policies.clear(); // begins anew, and so do they
  branch->residual.clear();
  branch->cache.truncate(length);
  return {};
}

Result<RecipeId> Branches::addRecipe(std::unique_ptr<routing::Policy> policy) {
  if (policy->traits().weightOnInput)
    return fail(ErrorCode::Unsupported,
                "the decoder's recipe weighs the inputs of experts; only recipes that weigh their "
                "outputs can be run");
  SY_TRY(policy->begin(m_model->layerFacts()));
  m_recipes.push_back(std::move(policy));
  return static_cast<RecipeId>(m_recipes.size()) - 1;
}

routing::Policy* Branches::policyOf(Branch& branch, RecipeId recipe) {
  const auto index = static_cast<std::size_t>(recipe);
  if (!m_recipes[index])
    return nullptr;
  if (branch.policies.size() <= index)
    branch.policies.resize(index + 1);
  if (!branch.policies[index])
    branch.policies[index] = m_recipes[index]->clone();
  return branch.policies[index].get();
}

} // namespace switchyard::session
