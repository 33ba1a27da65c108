#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "core/base/progress.h"
#include "core/base/thread_context.h"
#include "core/model/config.h"
#include "core/model/kv_cache.h"
#include "core/model/pass.h"
#include "core/model/rope.h"
#include "core/model/weights.h"
#include "core/model/workspace.h"

namespace switchyard::model {

struct LoadOptions {
  /// Refuse (LimitExceeded) before reading weights if they would take more bytes than this.
  std::optional<std::uint64_t> maxMemory{};
};

/// Parameters of a checkpoint, from shapes alone.
struct ParameterCount {
  std::uint64_t total = 0;
  /// Used for one token: everything but the routed experts that are not selected. A tied embedding
  /// counts once.
  std::uint64_t active = 0;
  std::uint64_t weightBytes = 0; ///< in memory once loaded
};

/// A loaded checkpoint: immutable, shared by any number of sessions and threads.
class Model {
public:
  /// Loads config.json and all weights of a Hugging Face checkpoint folder.
  /// Errors: as readConfig and checkpoint::Checkpoint::open; NotFound for a missing tensor,
  /// InvalidFormat for a wrong shape or dtype, NonFinite for NaN or infinity in a router,
  /// Unsupported for a tensor that this family does not use, LimitExceeded, Cancelled.
  static base::Result<std::shared_ptr<const Model>> load(const std::filesystem::path& folder,
                                                         const base::ThreadContext& threads,
                                                         const LoadOptions& options = {},
                                                         const base::RunControl& control = {});

  const ModelConfig& config() const { return m_config; }
  /// The MoE layers in order, as policies see them. Borrows from the model.
  std::span<const routing::LayerFacts> layerFacts() const { return m_facts; }

  /// Runs the new tokens of all segments through the model, appends to their caches, and leaves
  /// the logits of the wanted rows in work.logits [work.headRows, vocabulary], row order.
  /// Everything float32. A row's result has the same bits whatever else is in the batch, for any
  /// chunking of its sequence and any number of threads. A pass over a part of the stack
  /// (context.range) that does not reach its end leaves the residual stream entering the next layer
  /// in work.residual [T, hidden] and no logits; going on from there gives the bits of one pass.
  /// Errors: InvalidArgument (token outside the vocabulary, no tokens, a range that is empty or
  /// whose stream does not fit), NonFinite, Cancelled,
  /// LimitExceeded, or an observer's. After an error the caches keep their former length.
  base::Result<void> forward(std::span<const Segment> segments, const PassContext& context,
                             Workspace& work) const;
  /// Next-token logits of some tokens, `out` [tokens], from a row of the residual stream behind the
  /// last layer [hidden], as forward() leaves them in work.residual: the bits that forward() gives.
  /// Costs their part of the LM head; of many tokens the whole. Overwrites work's LM head.
  /// Error InvalidArgument: a token outside the vocabulary.
  base::Result<void> tokenLogits(std::span<const float> residual,
                                 std::span<const base::TokenId> tokens,
                                 const base::ThreadContext& threads, Workspace& work,
                                 std::span<float> out) const;

private:
  friend class GradientPass; // backward.cpp: the same layers, run forth and back

  Model(ModelConfig config, ModelWeights weights);

  base::Result<void> embed(std::span<const Segment> segments, Workspace& work) const;
  // A layer is the one, then the other.
  base::Result<void> attentionBlock(const LayerPass& pass) const;
  base::Result<void> mlpBlock(const LayerPass& pass) const;
  /// Whether segments of equal tokens can share a pass's trunk: see trunk.h.
  bool sharesTrunk(const PassContext& context, hooks::PointSet wanted) const;
  base::Result<void> head(std::span<const Segment> segments, const PassContext& context,
                          hooks::PointSet wanted, Workspace& work) const;

  ModelConfig m_config;
  ModelWeights m_weights;
  RopeTable m_rope;
  std::vector<routing::LayerFacts> m_facts;
};

} // namespace switchyard::model
