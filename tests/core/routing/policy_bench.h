#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/routing/policy.h"

namespace switchyard::routing::testing {

/// tests/golden/routers/<name>, parsed.
const nlohmann::json& golden(const std::string& name);

/// The door under test: a built-in step of core/routing (routing_test), or the plugin that presents
/// it, loaded from the build tree (router_plugins_test).
base::Result<std::unique_ptr<Policy>> makeStep(std::string_view id, const nlohmann::json& options);

/// A golden number: "inf", "-inf" and "nan" are strings there.
float number(const nlohmann::json& value);
std::vector<float> numbers(const nlohmann::json& array);

/// One layer with its own rule, and logits of some tokens for it.
struct Bench {
  GateConfig gate;
  std::vector<float> choiceBias;
  std::vector<float> logits; ///< [T, E]
  std::vector<TokenFacts> tokens;
  LayerFacts layer;
  std::uint64_t seed = 0;

  /// layer 0, one MoE layer, tokens at positions 0.. of sequence 0 with ids 0..
  Bench(GateConfig rule, std::vector<float> values, std::vector<float> bias = {});
  Bench(const Bench&) = delete;
  RoutingBatch batch() const;
  /// begin(), startDraft() and apply() of one policy, the gate routing again after score edits.
  base::Result<RoutingDraft> run(Policy& policy) const;
  /// The same of a step.
  base::Result<RoutingDraft> run(std::string_view step, const nlohmann::json& options) const;
};

/// The logits of a golden case (its own, or the named input), only its rows.
std::vector<float> logitsOf(const nlohmann::json& item, int& experts);

/// Compares ids, counts, weights and drops with a golden case.
void expectGolden(const nlohmann::json& item, const Assignment& got);

/// A rule over E experts: softmax, top-k.
GateConfig softmaxGate(int experts, int k, Renorm renorm);

} // namespace switchyard::routing::testing
