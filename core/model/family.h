#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "core/model/config.h"

namespace switchyard::model {

/// Which layers are routed.
enum class LayerRule : std::uint8_t {
  All,
  SparseStep, ///< (i + 1) % decoder_sparse_step == 0 and i not in mlp_only_layers
  FirstDense, ///< i >= first_k_dense_replace and i % moe_layer_freq == 0
  Interval,   ///< (i + 1) % moe_layer_interval == 0 within [moe_layer_start_index, _end_index]
};

/// Which layers attend to a window only, when layer_types does not say.
enum class WindowRule : std::uint8_t {
  None,      ///< full attention everywhere
  Every,     ///< sliding_window, if set, in every layer
  Switched,  ///< as Every, if use_sliding_window
  EvenBelow, ///< if use_sliding_window: layers 0, 2, 4, ... below max_window_layers
  FromLayer, ///< layers from max_window_layers on
  Even,      ///< layers 0, 2, 4, ...
};

/// What divides the selected scores.
enum class RenormRule : std::uint8_t {
  Never,
  Always,
  Flag,    ///< norm_topk_prob
  NormMin, ///< the larger of their sum and moe_norm_min
};

/// Which key says how wide the shared experts are.
enum class SharedRule : std::uint8_t {
  None,
  Width, ///< shared_expert_intermediate_size, behind a sigmoid gate
  Count, ///< n_shared_experts | moe_num_shared_experts, times the expert width
};

/// Which projections get a bias by which key.
enum class BiasRule : std::uint8_t {
  None,
  AttentionBias,    ///< attention_bias: q, k, v and o
  AttentionBiasQkv, ///< attention_bias: q, k and v only
  QkvBias,          ///< qkv_bias: q, k and v
  LatentBias,       ///< attention_bias of latent attention: q_a, kv_a and o; mlp_bias if allowed
  UseBias,          ///< use_bias: attention, dense and shared MLPs, LM head
};

/// What one family's config.json means: defaults of missing keys (those of its transformers 5.23
/// configuration class) and the choice among the switches above. A new family is a new row.
struct FamilySpec {
  Family family = Family::Qwen3Moe;
  std::string_view name{};

  int vocabulary = 0, hidden = 0, layers = 0, heads = 0;
  int kvHeads = 0; ///< 0: as many as heads
  int headDim = 0; ///< 0: hidden / heads
  int maxPositions = 0;
  double normEps = 0.0;
  double theta = 0.0;
  bool tied = false;
  int bos = -1, eos = -1; ///< -1: none

  int denseWidth = 0;                ///< intermediate_size; 0: this family has no dense layers
  std::string_view expertWidthKey{}; ///< "moe_intermediate_size" or "intermediate_size"
  int expertWidth = 0;
  int experts = 0; ///< 0: the key is required
  int k = 0;       ///< 0: the key is required

  LayerRule layerRule = LayerRule::All;
  int firstDense = 0;
  WindowRule windowRule = WindowRule::None;
  std::optional<int> window{}; ///< sliding_window
  int maxWindowLayers = 0;

  routing::Score score = routing::Score::SoftmaxAll;
  routing::GroupScore groupScore = routing::GroupScore::None;
  int groups = 1, groupsKept = 1;
  RenormRule renorm = RenormRule::Never;
  bool renormByDefault = false; ///< norm_topk_prob
  float renormEps = 0.0f;
  double scale = 1.0; ///< routed_scaling_factor
  bool choiceBias = false;
  bool routerBias = false;
  SharedRule shared = SharedRule::None;
  int sharedDefault = 0; ///< width or count

  AttentionKind attention = AttentionKind::Gqa;
  BiasRule bias = BiasRule::None;
  bool biasByDefault = false;
  QkNorm qkNorm = QkNorm::None;
  bool ropeInterleaved = false;
  double partialRotary = 1.0; ///< partial_rotary_factor, which only families below 1 have
  NormKind norm = NormKind::Rms;
  NormPlacement placement = NormPlacement::Pre;
  Activation activation = Activation::SiluGlu;
  bool sinks = false;
  int predictionLayers = 0; ///< num_nextn_predict_layers
};

/// All rows, sorted by name.
std::span<const FamilySpec> familySpecs();
const FamilySpec* findFamily(std::string_view name);

} // namespace switchyard::model
