#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/plugin/sdk/facts.hpp"
#include "core/plugin/sdk/instance.hpp"

SY_SDK_NAMESPACE_BEGIN

struct RouterKind {};

enum class Edit : std::int32_t {
  None = SY_EDIT_NONE,
  Scores = SY_EDIT_SCORES,      ///< logits or choice offsets: the model's gate routes again
  Selection = SY_EDIT_SELECTION ///< the selection stands as it is
};

/// One MoE layer of one forward pass: T tokens. Spans are valid during the call.
struct RouterBatch {
  Layer layer;
  std::int64_t tokens = 0;                            ///< T
  std::span<const std::int64_t> sequences, positions; ///< [T]
  std::span<const std::int32_t> tokenIds;             ///< [T]
  std::span<const std::uint8_t> generated;            ///< [T] 0: prompt
  std::span<const float> modelLogits;    ///< [T, E] raw router output, before every router plugin
  std::span<const float> previousLogits; ///< [T, previousExperts] of the MoE layer before, or empty
  int previousExperts = 0;
  std::span<const float> input; ///< [T, hidden], empty unless the flag asks for it
  int hidden = 0;
  std::uint64_t seed = 0;

  static RouterBatch from(const sy_router_batch& table) {
    const auto rows = static_cast<std::size_t>(table.tokens);
    RouterBatch batch;
    batch.layer = Layer::from(*table.layer);
    batch.tokens = table.tokens;
    batch.sequences = {table.sequences, rows};
    batch.positions = {table.positions, rows};
    batch.tokenIds = {table.token_ids, rows};
    batch.generated = {table.generated, rows};
    batch.modelLogits = {table.model_logits, rows * static_cast<std::size_t>(batch.layer.experts)};
    batch.previousExperts = table.previous_experts;
    if (table.previous_logits != nullptr)
      batch.previousLogits = {table.previous_logits,
                              rows * static_cast<std::size_t>(table.previous_experts)};
    batch.hidden = table.hidden;
    if (table.input != nullptr)
      batch.input = {table.input, rows * static_cast<std::size_t>(table.hidden)};
    batch.seed = table.seed;
    return batch;
  }
};

/// What a router may change; buffers of the host. On entry: the model's own routing, or what the
/// router before made of it.
class RouterDraft {
public:
  RouterDraft(sy_router_draft& table, std::int64_t tokens, int experts)
      : m_table(table), m_experts(experts), m_tokens(tokens) {}

  std::span<float> logits(std::int64_t row) { return at(m_table.logits, row, m_experts); }
  std::span<float> choiceOffsets(std::int64_t row) {
    return at(m_table.choice_offsets, row, m_experts);
  }
  /// The selected experts of a row, in rank order, and their gate weights (may be written).
  std::span<const std::int32_t> ids(std::int64_t row) const {
    return {m_table.ids + row * m_table.max_k, static_cast<std::size_t>(m_table.counts[row])};
  }
  std::span<float> weights(std::int64_t row) {
    return {m_table.weights + row * m_table.max_k, static_cast<std::size_t>(m_table.counts[row])};
  }
  /// Gathered scores before renormalising and scaling; NaN where unknown.
  std::span<const float> rawWeights(std::int64_t row) const {
    return {m_table.raw_weights + row * m_table.max_k,
            static_cast<std::size_t>(m_table.counts[row])};
  }

  /// Takes all experts of a row away.
  void clear(std::int64_t row) {
    for (std::int32_t slot = 0; slot < m_table.max_k; ++slot)
      set(row, slot, SY_NO_EXPERT, 0.0f, std::numeric_limits<float>::quiet_NaN());
    m_table.counts[row] = 0;
  }
  /// Gives a row one more expert. Throws past max_k. `raw` is the weight before renormalising and
  /// scaling, for routers behind this one that change it there; NaN where there is no such thing.
  void push(std::int64_t row, std::int32_t id, float weight,
            float raw = std::numeric_limits<float>::quiet_NaN()) {
    if (m_table.counts[row] >= m_table.max_k)
      throw Failure(SY_INTERNAL, "a token got more experts than maxK() allows");
    set(row, m_table.counts[row]++, id, weight, raw);
  }
  /// Notes a choice that was made and taken back.
  void drop(std::int64_t row, std::int32_t rank, std::int32_t expert) {
    if (m_table.drop_count >= m_table.drop_capacity)
      throw Failure(SY_INTERNAL, "more drops than choices");
    m_table.drops[m_table.drop_count++] = {static_cast<std::int32_t>(row), rank, expert};
  }
  /// All drops so far, those of routers before this one too.
  std::span<const sy_drop> drops() const {
    return {m_table.drops, static_cast<std::size_t>(m_table.drop_count)};
  }
  void clearDrops() { m_table.drop_count = 0; }
  std::int64_t tokens() const { return m_tokens; }
  int maxK() const { return m_table.max_k; }

private:
  static std::span<float> at(float* values, std::int64_t row, int width) {
    return {values + row * width, static_cast<std::size_t>(width)};
  }
  void set(std::int64_t row, std::int32_t slot, std::int32_t id, float weight, float raw) {
    const std::int64_t place = row * m_table.max_k + slot;
    m_table.ids[place] = id;
    m_table.weights[place] = weight;
    m_table.raw_weights[place] = raw;
  }

  sy_router_draft& m_table;
  int m_experts;
  std::int64_t m_tokens;
};

/// Rewrites routing, one layer of one batch at a time. A derived class may declare
/// `static constexpr std::uint32_t kFlags` (SY_ROUTER_...) and `static constexpr int
/// kVirtualExperts`. It is copied for forks, so it has a copy constructor that copies its state.
class Router : public PluginObject {
public:
  using Kind = RouterKind;
  static constexpr std::uint32_t kFlags = 0;
  static constexpr int kVirtualExperts = 0;
  /// Once, before the first batch: refuse options that these layers cannot have.
  virtual void begin(std::span<const Layer> layers) { static_cast<void>(layers); }
  /// The most experts apply() gives one token of this layer.
  virtual int maxK(const Layer& layer) const { return layer.k; }
  virtual Edit apply(const RouterBatch& batch, RouterDraft& draft) = 0;
};

template <typename T> const sy_router_table* kindTable(RouterKind) {
  static const sy_router_table table = {
      sizeof(sy_router_table),
      T::kFlags,
      T::kVirtualExperts,
      0,
      &createInstance<T>,
      &destroyInstance<T>,
      [](const void* instance, const sy_host* host, void** copy, sy_error* error) -> sy_status {
        return guarded(error, [&] {
          *copy = new Instance<T>(Host(host), *static_cast<const Instance<T>*>(instance));
        });
      },
      [](void* instance, const sy_layer* const* layers, std::uint32_t count,
         sy_error* error) -> sy_status {
        return guarded(error, [&] { objectOf<T>(instance).begin(layersFrom(layers, count)); });
      },
      [](const void* instance, const sy_layer* layer) -> std::int32_t {
        std::int32_t k = -1;
        guarded(nullptr, [&] { k = objectOf<T>(instance).maxK(Layer::from(*layer)); });
        return k;
      },
      [](void* instance, const sy_router_batch* batch, sy_router_draft* draft,
         sy_error* error) -> sy_status {
        return guarded(error, [&] {
          RouterDraft view(*draft, batch->tokens, batch->layer->experts);
          draft->edit = static_cast<std::int32_t>(
              objectOf<T>(instance).apply(RouterBatch::from(*batch), view));
        });
      }};
  return &table;
}

SY_SDK_NAMESPACE_END
