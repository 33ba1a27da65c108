#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/plugin/adapters.h"
#include "core/plugin/fact_tables.h"
#include "core/plugin/instance.h"
#include "core/plugin/router_check.h"

namespace switchyard::plugin {

namespace {

/// What the plugin writes into: a copy, so that it can spoil nothing but its own answer.
struct Scratch {
  std::vector<std::int64_t> sequences, positions;
  std::vector<std::int32_t> tokens;
  std::vector<std::uint8_t> generated;
  RouterOutput output;

  void fillTokens(std::span<const routing::TokenFacts> facts) {
    sequences.clear();
    positions.clear();
    tokens.clear();
    generated.clear();
    for (const routing::TokenFacts& token : facts) {
      sequences.push_back(token.sequence.value);
      positions.push_back(token.position.value);
      tokens.push_back(token.token.value);
      generated.push_back(token.generated ? 1 : 0);
    }
  }

  /// The draft as the plugin finds it, with maxK slots a row.
  void fillDraft(const routing::RoutingDraft& draft, int experts, int maxK) {
    const std::size_t rows = draft.assignment.counts.size();
    const std::size_t cells = rows * static_cast<std::size_t>(experts);
    const std::size_t slots = rows * static_cast<std::size_t>(maxK);
    output.logits = draft.logits;
    output.choiceOffsets = draft.choiceOffsets;
    output.choiceOffsets.resize(cells, 0.0f);
    output.counts = draft.assignment.counts;
    output.ids.assign(slots, SY_NO_EXPERT);
    output.weights.assign(slots, 0.0f);
    output.rawWeights.assign(slots, std::numeric_limits<float>::quiet_NaN());
    const auto from = static_cast<std::size_t>(draft.assignment.maxK);
    for (std::size_t row = 0; row < rows; ++row)
      for (std::size_t slot = 0; slot < static_cast<std::size_t>(output.counts[row]); ++slot) {
        const std::size_t to = row * static_cast<std::size_t>(maxK) + slot;
        output.ids[to] = draft.assignment.ids[row * from + slot];
        output.weights[to] = draft.assignment.weights[row * from + slot];
        if (!draft.assignment.rawWeights.empty())
          output.rawWeights[to] = draft.assignment.rawWeights[row * from + slot];
      }
    output.drops.assign(rows * static_cast<std::size_t>(experts + maxK), sy_drop{});
    for (std::size_t i = 0; i < draft.assignment.drops.size() && i < output.drops.size(); ++i) {
      const routing::Drop& drop = draft.assignment.drops[i];
      output.drops[i] = {drop.row, drop.rank, drop.expert};
    }
    output.table = {
        sizeof(sy_router_draft),
        maxK,
        output.logits.data(),
        output.choiceOffsets.data(),
        output.counts.data(),
        output.ids.data(),
        output.weights.data(),
        output.rawWeights.data(),
        output.drops.data(),
        static_cast<std::int64_t>(output.drops.size()),
        static_cast<std::int64_t>(std::min(draft.assignment.drops.size(), output.drops.size())),
        SY_EDIT_NONE,
        0};
  }
};

class PluginPolicy final : public routing::Policy {
public:
  explicit PluginPolicy(std::shared_ptr<PluginInstance> instance)
      : m_instance(std::move(instance)), m_table(*m_instance->plugin().router()) {}

  std::string_view id() const override { return m_instance->plugin().manifest().id; }

  routing::PolicyTraits traits() const override {
    const auto has = [&](std::uint32_t flag) { return (m_table.flags & flag) != 0; };
    return {.needsBatch = has(SY_ROUTER_NEEDS_BATCH),
            .needsTokenId = has(SY_ROUTER_NEEDS_TOKEN_ID),
            .needsPreviousLogits = has(SY_ROUTER_NEEDS_PREVIOUS_LOGITS),
            .needsInput = has(SY_ROUTER_NEEDS_INPUT),
            .weightOnInput = has(SY_ROUTER_WEIGHT_ON_INPUT),
            .stateful = has(SY_ROUTER_STATEFUL),
            .virtualExperts = std::max(0, m_table.virtual_experts)};
  }

  std::unique_ptr<routing::Policy> clone() const override {
    auto copy = PluginInstance::make(
        m_instance->sharedPlugin(), m_instance->host().context(), m_table.destroy,
        [&](PluginInstance& instance, void** object, sy_error* error) {
          return m_table.clone(m_instance->object(), instance.host().table(), object, error);
        });
    if (!copy)
      return std::make_unique<BrokenPolicy>(std::string(id()), std::move(copy.error()));
    auto policy = std::make_unique<PluginPolicy>(std::move(*copy));
    policy->m_layers = m_layers; // the instance may keep the pointers it got in begin()
    policy->m_places = m_places;
    return policy;
  }

  base::Result<void> begin(std::span<const routing::LayerFacts> layers) override {
    const auto tables = std::make_shared<LayerTables>();
    tables->set(layers);
    m_layers = tables;
    SY_TRY(m_instance->call("begin", [&](sy_error* error) {
      return m_table.begin(m_instance->object(), m_layers->pointers().data(),
                           static_cast<std::uint32_t>(m_layers->size()), error);
    }));
    m_places.clear();
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const auto index = static_cast<std::size_t>(layers[i].moeLayer);
      m_places.resize(std::max(m_places.size(), index + 1));
      m_places[index] = {&(*tables)[i], SY_TRY(checkedMaxK((*tables)[i]))};
    }
    return {};
  }

  int maxK(const routing::LayerFacts& layer) const override {
    const Place place = placeOf(layer);
    return place.layer == nullptr ? layer.k : place.maxK;
  }

  base::Result<routing::Edit> apply(const routing::RoutingBatch& batch,
                                    routing::RoutingDraft& draft) override {
    const int experts = batch.layer.experts;
    const Place place = placeOf(batch.layer);
    if (place.layer == nullptr)
      return m_instance->failure(base::ErrorCode::InvalidArgument,
                                 "apply() of a layer that begin() did not name");
    if (draft.assignment.counts.size() != batch.tokens.size() ||
        draft.logits.size() != batch.modelLogits.size())
      return m_instance->failure(base::ErrorCode::InvalidArgument,
                                 "the draft does not fit its batch; begin it with startDraft");
    m_scratch.fillTokens(batch.tokens);
    m_scratch.fillDraft(draft, experts, std::max(place.maxK, draft.assignment.maxK));
    sy_router_batch table{};
    table.struct_size = sizeof(table);
    table.layer = place.layer;
    table.tokens = static_cast<std::int64_t>(batch.tokens.size());
    table.sequences = m_scratch.sequences.data();
    table.positions = m_scratch.positions.data();
    table.token_ids = m_scratch.tokens.data();
    table.generated = m_scratch.generated.data();
    table.model_logits = batch.modelLogits.data();
    if (!batch.previousLogits.empty()) {
      table.previous_logits = batch.previousLogits.data();
      table.previous_experts =
          static_cast<std::int32_t>(batch.previousLogits.size() / batch.tokens.size());
    }
    table.hidden = batch.hidden;
    table.input = batch.input.empty() ? nullptr : batch.input.data();
    table.seed = batch.seed;
    SY_TRY(m_instance->call("apply", [&](sy_error* error) {
      return m_table.apply(m_instance->object(), &table, &m_scratch.output.table, error);
    }));
    auto edit =
        takeRouterOutput(m_scratch.output, experts, traits().virtualExperts, place.maxK, draft);
    if (!edit) {
      base::Error error = std::move(edit.error());
      error.message = m_instance->failure(error.code, error.message).value().message;
      error.where.layer = batch.layer.layer;
      return tl::unexpected(std::move(error));
    }
    return edit;
  }

private:
  class BrokenPolicy final : public routing::Policy {
  public:
    BrokenPolicy(std::string id, base::Error error)
        : m_id(std::move(id)), m_error(std::move(error)) {}
    std::string_view id() const override { return m_id; }
    routing::PolicyTraits traits() const override { return {}; }
    std::unique_ptr<routing::Policy> clone() const override {
      return std::make_unique<BrokenPolicy>(m_id, m_error);
    }
    base::Result<void> begin(std::span<const routing::LayerFacts>) override {
      return tl::unexpected(m_error);
    }
    int maxK(const routing::LayerFacts& layer) const override { return layer.k; }
    base::Result<routing::Edit> apply(const routing::RoutingBatch&,
                                      routing::RoutingDraft&) override {
      return tl::unexpected(m_error);
    }

  private:
    std::string m_id;
    base::Error m_error;
  };

  /// A layer that begin() named.
  struct Place {
    const sy_layer* layer = nullptr; ///< null: not named
    int maxK = 0;
  };

  Place placeOf(const routing::LayerFacts& layer) const {
    const auto index = static_cast<std::size_t>(layer.moeLayer);
    return index < m_places.size() ? m_places[index] : Place{};
  }

  base::Result<int> checkedMaxK(const sy_layer& layer) const {
    int k = 0;
    SY_TRY(m_instance->call("max_k", [&](sy_error*) {
      k = m_table.max_k(m_instance->object(), &layer);
      return SY_OK;
    }));
    const int most = layer.experts + traits().virtualExperts;
    if (k < 0 || k > most)
      return m_instance->failure(
          base::ErrorCode::InvalidArgument,
          fmt::format("max_k() says {} for layer {}, which has {} experts", k, layer.layer, most));
    return k;
  }

  std::shared_ptr<PluginInstance> m_instance;
  const sy_router_table& m_table;
  std::shared_ptr<const LayerTables> m_layers;
  std::vector<Place> m_places; ///< by MoE layer; begin() may get some layers only
  Scratch m_scratch;
};

} // namespace

base::Result<std::unique_ptr<routing::Policy>>
makePolicy(std::shared_ptr<const LoadedPlugin> plugin, const OptionValues& options,
           const HostContext& context) {
  const sy_router_table* table = plugin->router();
  auto instance = SY_TRY(createInstance(std::move(plugin), table, Kind::Router, options, context));
  return std::make_unique<PluginPolicy>(std::move(instance));
}

} // namespace switchyard::plugin
