#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <stop_token>
#include <vector>

#include "core/base/thread_context.h"
#include "core/hooks/observer.h"
#include "core/model/config.h"
#include "core/model/kv_cache.h"
#include "core/model/workspace.h"
#include "core/routing/policy.h"

namespace switchyard::model {

/// Which rows of a segment get next-token logits.
enum class LogitsFor : std::uint8_t { None, Last, All };

/// How one sequence's routing is changed. Borrowed; nothing set means the checkpoint's own rule.
struct SegmentRouting {
  /// Added to the router logits of every token before anything else: [MoE layers, E], or empty.
  std::span<const float> offsets{};
  /// Begun with Model::layerFacts(); used by this sequence only.
  routing::Policy* policy = nullptr;
  /// Positions from here on count as generated.
  std::int64_t promptLength = std::numeric_limits<std::int64_t>::max();
  std::uint64_t seed = 0;
};

/// Consecutive new tokens of one sequence. Several segments make one batch that shares every
/// weight read; each has its own cache, so rows never see another sequence.
struct Segment {
  KvCache* cache = nullptr; ///< holds the positions before; the new ones are appended
  base::SequenceId sequence{};
  std::span<const base::TokenId> tokens{};
  LogitsFor logits = LogitsFor::Last;
  /// Positions the sequence will have after the call that this pass is one chunk of (0: after this
  /// pass). Length-dependent rotary scaling (dynamic, longrope) goes by it, so that prefilling in
  /// chunks gives the bits of one pass.
  std::int64_t finalLength = 0;
  SegmentRouting routing{};
};

/// A part of the stack. A pass that begins behind the first layer or ends before the last fills the
/// caches of its own layers only, so a cache serves passes over the same layers.
struct LayerRange {
  int first = 0;
  int end = std::numeric_limits<int>::max(); ///< capped at the model's layers
  /// [T, hidden] the residual stream entering layer `first`; empty for first = 0, where it is the
  /// embedding of the tokens.
  std::span<const float> entering{};
};

/// Everything one forward pass needs besides the weights.
struct PassContext {
  const base::ThreadContext& threads;
  std::span<hooks::Observer* const> observers{};
  std::stop_token stop{};
  LayerRange range{};
};

/// What the backward pass needs of a layer it will run again, all [T, hidden].
struct LayerRecord {
  std::vector<float> input;                ///< residual stream before the layer
  std::vector<float> middle;               ///< ... and between its blocks
  std::vector<float> attentionOut, mlpOut; ///< NormPlacement::Post: block outputs before the norm
};

/// One pass through one layer, as the layer's code sees it. Internal to core/model.
struct LayerPass {
  const ModelConfig& config;
  const PassContext& context;
  std::span<const Segment> segments;
  Workspace& work;
  std::int64_t rows; ///< T
  int layer;
  hooks::PointSet wanted;           ///< union over observers
  const routing::LayerFacts* facts; ///< of this layer; null at dense ones
  LayerRecord* record = nullptr;    ///< filled on the way forth, if set
  /// If set, gets AttentionWeights::input's output before norms, clipping and rotation.
  std::vector<float>* rawProjection = nullptr;
};

} // namespace switchyard::model
