#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/plugin/sdk/test_object.hpp"

SY_SDK_NAMESPACE_BEGIN

/// Drives a router at one layer whose own rule is softmax, then top-k without renormalising.
class RouterScene {
public:
  struct Routed {
    std::int32_t edit = SY_EDIT_NONE;
    std::vector<float> logits;                                     ///< [tokens * experts]
    std::vector<std::vector<std::pair<std::int32_t, float>>> rows; ///< experts and weights
    std::vector<sy_drop> drops;
  };

  RouterScene(const TestPlugin& plugin, const std::vector<TestOption>& options, int experts, int k)
      : m_object(plugin, SY_KIND_ROUTER, options), m_experts(experts), m_k(k) {
    m_gate = {sizeof(sy_gate),
              experts,
              k,
              SY_SCORE_SOFTMAX_ALL,
              SY_GROUPS_NONE,
              1,
              1,
              SY_RENORM_NONE,
              0.0f,
              0.0f,
              1.0f,
              0.0f};
    m_object.setLayers(1, experts, k, &m_gate);
    sy_error error = makeError();
    expectOk(m_object.table().begin(m_object.object(), m_object.layers(), 1, &error), error);
  }

  /// logits: [tokens * experts] as the router makes them.
  Routed apply(std::vector<float> logits) {
    const auto tokens = static_cast<std::int64_t>(logits.size()) / m_experts;
    const auto rows = static_cast<std::size_t>(tokens);
    const std::vector<float> modelLogits = logits;
    std::vector<std::int64_t> sequences(rows, 0), positions(rows);
    for (std::size_t t = 0; t < rows; ++t)
      positions[t] = static_cast<std::int64_t>(t);
    const std::vector<std::int32_t> ids(rows, 0);
    const std::vector<std::uint8_t> generated(rows, 0);
    sy_router_batch batch{};
    batch.struct_size = sizeof(batch);
    batch.layer = &m_object.layer(0);
    batch.tokens = tokens;
    batch.sequences = sequences.data();
    batch.positions = positions.data();
    batch.token_ids = ids.data();
    batch.generated = generated.data();
    batch.model_logits = modelLogits.data();
    const std::int32_t maxK =
        std::max(m_k, m_object.table().max_k(m_object.object(), &m_object.layer(0)));
    Buffers b(rows, static_cast<std::size_t>(m_experts), static_cast<std::size_t>(maxK));
    for (std::size_t t = 0; t < rows; ++t)
      selectOwn(modelLogits, t, static_cast<std::size_t>(maxK), b);
    sy_router_draft draft{};
    draft.struct_size = sizeof(draft);
    draft.max_k = maxK;
    draft.logits = logits.data();
    draft.choice_offsets = b.offsets.data();
    draft.counts = b.counts.data();
    draft.ids = b.ids.data();
    draft.weights = b.weights.data();
    draft.raw_weights = b.rawWeights.data();
    draft.drops = b.drops.data();
    draft.drop_capacity = static_cast<std::int64_t>(b.drops.size());
    sy_error error = makeError();
    expectOk(m_object.table().apply(m_object.object(), &batch, &draft, &error), error);
    Routed out;
    out.edit = draft.edit;
    out.logits = logits;
    for (std::size_t t = 0; t < rows; ++t) {
      auto& row = out.rows.emplace_back();
      for (std::int32_t s = 0; s < b.counts[t]; ++s) {
        const std::size_t at = t * static_cast<std::size_t>(maxK) + static_cast<std::size_t>(s);
        row.emplace_back(b.ids[at], b.weights[at]);
      }
    }
    out.drops.assign(b.drops.begin(), b.drops.begin() + draft.drop_count);
    return out;
  }

private:
  struct Buffers {
    Buffers(std::size_t rows, std::size_t experts, std::size_t maxK)
        : offsets(rows * experts, 0.0f), counts(rows, 0), ids(rows * maxK, SY_NO_EXPERT),
          weights(rows * maxK, 0.0f), rawWeights(rows * maxK, 0.0f),
          drops(rows * (experts + maxK)) {}
    std::vector<float> offsets;
    std::vector<std::int32_t> counts, ids;
    std::vector<float> weights, rawWeights;
    std::vector<sy_drop> drops;
  };

  /// The model's own routing of one token.
  void selectOwn(const std::vector<float>& logits, std::size_t token, std::size_t maxK,
                 Buffers& b) const {
    const float* row = logits.data() + token * static_cast<std::size_t>(m_experts);
    const float largest = *std::max_element(row, row + m_experts);
    float sum = 0.0f;
    std::vector<std::int32_t> order;
    for (std::int32_t e = 0; e < m_experts; ++e) {
      sum += std::exp(row[e] - largest);
      order.push_back(e);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::int32_t x, std::int32_t y) { return row[x] > row[y]; });
    b.counts[token] = m_k;
    for (std::int32_t s = 0; s < m_k; ++s) {
      const std::size_t at = token * maxK + static_cast<std::size_t>(s);
      const std::int32_t e = order[static_cast<std::size_t>(s)];
      b.ids[at] = e;
      b.weights[at] = b.rawWeights[at] = std::exp(row[e] - largest) / sum;
    }
  }

  sy_gate m_gate{};
  TestObject<sy_router_table> m_object;
  std::int32_t m_experts, m_k;
};

SY_SDK_NAMESPACE_END
