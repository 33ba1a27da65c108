#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/base/error.h"
#include "core/routing/gate.h"

namespace switchyard::model {

enum class Family : std::uint8_t {
  Qwen3Moe,
  Qwen2Moe,
  Olmoe,
  Mixtral,
  GraniteMoe,
  FlexOlmo,
  Dots1,
  Glm4Moe,
  Ernie45Moe,
  GptOss,
  PhiMoe,
  DeepseekV2,
  DeepseekV3,
};

/// The config.json model_type ("qwen3_moe").
std::string_view name(Family family);
/// "dots1, ernie4_5_moe, ..." for messages.
std::string supportedFamilies();

enum class RopeKind : std::uint8_t { Default, Linear, Dynamic, Yarn, LongRope, Llama3 };

/// Rotary position embedding as configured; rope.h turns it into angles.
struct RopeConfig {
  RopeKind kind = RopeKind::Default;
  bool interleaved = false; ///< pairs (2i, 2i+1) instead of (i, i + rotaryDim/2)
  int rotaryDim = 0;        ///< leading dims of a head that rotate (partial_rotary_factor); even
  int frequencyDim = 0;     ///< what frequencies are spaced by: rotaryDim before rounding up
  double theta = 10000.0;
  double factor = 1.0;
  int maxPositions = 0;         ///< max_position_embeddings
  int originalMaxPositions = 0; ///< original_max_position_embeddings, or maxPositions
  /// Multiplies cos and sin; unset = the kind's own rule.
  std::optional<double> attentionFactor;
  // yarn
  double betaFast = 32.0, betaSlow = 1.0;
  std::optional<double> mscale, mscaleAllDim;
  bool truncate = true; ///< round the correction range to whole dims
  // llama3
  double lowFreqFactor = 1.0, highFreqFactor = 4.0;
  // longrope: one factor per rotary pair
  std::vector<double> shortFactor, longFactor;
  /// phimoe: these multiply cos and sin instead of the attention factor, the long one in sequences
  /// beyond originalMaxPositions; the frequencies never change (transformers 5.23; the published
  /// remote code switches longrope to longFactor there, too).
  std::optional<double> shortMscale, longMscale;
};

enum class AttentionKind : std::uint8_t { Gqa, Mla };
enum class QkNorm : std::uint8_t { None, Head, Full }; ///< per head | over the whole projection
enum class NormKind : std::uint8_t { Rms, Layer };     ///< Layer: with bias
enum class NormPlacement : std::uint8_t { Pre, Post }; ///< Post: on sublayer outputs (FlexOlmo)
enum class SharedKind : std::uint8_t { None, Plain, SigmoidGated };
/// SiluGlu: silu(gate) * up. ClampedGlu (gpt-oss): gate <= limit, |up| <= limit,
/// (up + 1) * gate * sigmoid(alpha * gate).
enum class Activation : std::uint8_t { SiluGlu, ClampedGlu };
enum class Quantization : std::uint8_t { None, Fp8Block, Mxfp4 };

struct MlaConfig {
  int qLoraRank = 0; ///< 0: q_proj instead of q_a/q_b
  int kvLoraRank = 0;
  int nopeDim = 0; ///< per head, not rotated
  int ropeDim = 0; ///< per head, rotated; keys share one across heads
  int valueDim = 0;
};

struct MoeConfig {
  routing::GateConfig gate;
  int width = 0; ///< expert intermediate size
  bool routerBias = false;
  bool choiceBias = false; ///< e_score_correction_bias
  bool expertBias = false; ///< gpt-oss
  SharedKind shared = SharedKind::None;
  int sharedWidth = 0; ///< all shared experts together
  Activation activation = Activation::SiluGlu;
  float gluAlpha = 1.702f, gluLimit = 7.0f;
};

/// All facts of a checkpoint's architecture that the forward pass needs, validated.
struct ModelConfig {
  Family family = Family::Qwen3Moe;
  std::string architecture; ///< architectures[0], may be empty
  bool nested = false;      ///< read from a multimodal wrapper's text_config; only that part is run
  int layers = 0;
  int hidden = 0;
  int vocabulary = 0;
  int heads = 0;
  int kvHeads = 0;
  int headDim = 0; ///< Gqa; Mla: nopeDim + ropeDim
  int maxPositions = 0;
  AttentionKind attention = AttentionKind::Gqa;
  MlaConfig mla;
  bool qkvBias = false;
  bool outputBias = false; ///< o_proj
  bool qkvABias = false;   ///< Mla: attention_bias on q_a_proj and kv_a_proj_with_mqa
  QkNorm qkNorm = QkNorm::None;
  std::optional<float> clipQkv; ///< clamp of q, k, v to +-value (OLMoE)
  float attentionScale = 0.0f;  ///< multiplies q.k (1/sqrt(d), or granite's, yarn mscale included)
  bool sinks = false;
  std::vector<int> window; ///< per layer; 0: full attention, else keys in (pos - window, pos]
  RopeConfig rope;
  NormKind norm = NormKind::Rms;
  NormPlacement placement = NormPlacement::Pre;
  float normEps = 1e-6f;
  float embeddingMultiplier = 1.0f;
  float residualMultiplier = 1.0f;
  float logitsDivisor = 1.0f;
  bool tiedEmbeddings = false;
  bool lmHeadBias = false;
  int predictionLayers = 0;   ///< MTP layers beyond the stack in the checkpoint; skipped
  std::vector<bool> moeLayer; ///< per layer: routed, else dense
  int denseWidth = 0;         ///< MLP of dense layers
  bool mlpBias = false; ///< dense and shared MLPs; experts, too, where the checkpoint has them
  MoeConfig moe;
  Quantization quantization = Quantization::None;
  int fp8BlockRows = 128, fp8BlockColumns = 128;
  std::string dtype; ///< as configured ("bfloat16"), may be empty
  std::vector<std::int32_t> eosTokens;
  std::optional<std::int32_t> bosToken;

  int moeLayers() const;
  /// Error InvalidArgument, with `where`: the id is outside the vocabulary.
  base::Result<void> checkToken(base::TokenId token, base::Where where = {}) const;
};

/// Reads and validates a config.json text (already parsed strictly). No weight is touched.
/// Accepts older and newer layouts (rope_theta + rope_scaling | rope_parameters, text_config,
/// num_experts | num_local_experts, ...).
/// Errors: Unsupported for dense or unknown architectures and for any option or value that this
/// version does not implement (unknown keys that may change numbers, too), naming it; InvalidFormat
/// for missing, mistyped or contradictory values. `file` is used in messages.
base::Result<ModelConfig> parseConfig(const nlohmann::json& config, const std::string& file);

/// The config.json of a checkpoint folder, strictly parsed (at most 1 MiB).
base::Result<ModelConfig> readConfig(const std::filesystem::path& folder);

} // namespace switchyard::model
