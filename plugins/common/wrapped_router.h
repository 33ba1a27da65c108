#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/plugin/sdk.hpp"
#include "core/routing/policy.h"

namespace switchyard::plugins {

/// SY_ROUTER_... flags of a built-in step, and the most virtual experts it names.
std::uint32_t stepFlags(std::string_view step);
int stepVirtualExperts(std::string_view step);

/// Presents a built-in step of core/routing (policies/catalog.h) through the SDK: routing facts,
/// batches and drafts pass in both directions without loss. Options go to the step as they were
/// given; what was not given is the step's own default, which the sidecar repeats for people.
class WrappedRouter : public sdk::Router {
public:
  WrappedRouter(std::string_view step, const sdk::Options& options);
  WrappedRouter(const WrappedRouter& other);

  void begin(std::span<const sdk::Layer> layers) override;
  int maxK(const sdk::Layer& layer) const override;
  sdk::Edit apply(const sdk::RouterBatch& batch, sdk::RouterDraft& draft) override;

private:
  struct Facts {
    std::vector<routing::GateConfig> gates;
    std::vector<routing::LayerFacts> layers;
  };

  const routing::LayerFacts& factsOf(const sdk::Layer& layer) const;
  void read(sdk::RouterDraft& from, std::int64_t tokens);
  void writeScores(sdk::RouterDraft& to) const;
  void writeSelection(sdk::RouterDraft& to) const;

  std::unique_ptr<routing::Policy> m_policy;
  std::shared_ptr<const Facts> m_facts; ///< shared by copies: the policy may keep pointers
  std::vector<routing::TokenFacts> m_tokens;
  routing::RoutingDraft m_draft;
};

} // namespace switchyard::plugins
