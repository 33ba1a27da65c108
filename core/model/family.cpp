#include "core/model/family.h"

#include <algorithm>
#include <iterator>

namespace switchyard::model {

namespace {

using routing::GroupScore;
using routing::Score;

// clang-format off
constexpr FamilySpec kFamilies[] = {
    {.family = Family::DeepseekV2, .name = "deepseek_v2",
     .vocabulary = 102400, .hidden = 4096, .layers = 32, .heads = 32, .maxPositions = 2048,
     .normEps = 1e-6, .theta = 1e4, .bos = 1, .eos = 2, .denseWidth = 11008,
     .expertWidthKey = "moe_intermediate_size", .expertWidth = 1407, .experts = 64,
     .layerRule = LayerRule::FirstDense, .groupScore = GroupScore::Max, .groups = 0,
     .groupsKept = 0, .shared = SharedRule::Count, .sharedDefault = 2,
     .attention = AttentionKind::Mla, .bias = BiasRule::LatentBias, .ropeInterleaved = true},
    {.family = Family::DeepseekV3, .name = "deepseek_v3",
     .vocabulary = 129280, .hidden = 7168, .layers = 61, .heads = 128, .kvHeads = 128,
     .maxPositions = 4096, .normEps = 1e-6, .theta = 1e4, .bos = 0, .eos = 1,
     .denseWidth = 18432, .expertWidthKey = "moe_intermediate_size", .expertWidth = 2048,
     .experts = 256, .k = 8, .layerRule = LayerRule::FirstDense, .firstDense = 3,
     .score = Score::Sigmoid, .groupScore = GroupScore::Top2Sum, .groups = 8, .groupsKept = 4,
     .renorm = RenormRule::Flag, .renormByDefault = true, .renormEps = 1e-20f, .scale = 2.5,
     .choiceBias = true, .shared = SharedRule::Count, .sharedDefault = 1,
     .attention = AttentionKind::Mla, .bias = BiasRule::LatentBias, .ropeInterleaved = true,
     .predictionLayers = 1},
    {.family = Family::Dots1, .name = "dots1",
     .vocabulary = 152064, .hidden = 4608, .layers = 62, .heads = 32, .kvHeads = 32,
     .maxPositions = 2048, .normEps = 1e-6, .theta = 1e4, .denseWidth = 10944,
     .expertWidthKey = "moe_intermediate_size", .expertWidth = 1408,
     .layerRule = LayerRule::FirstDense, .windowRule = WindowRule::FromLayer, .window = 4096,
     .maxWindowLayers = 62, .score = Score::Sigmoid, .groupScore = GroupScore::Top2Sum,
     .renorm = RenormRule::Flag, .renormEps = 1e-20f, .choiceBias = true,
     .shared = SharedRule::Count, .bias = BiasRule::AttentionBias, .qkNorm = QkNorm::Head},
    {.family = Family::Ernie45Moe, .name = "ernie4_5_moe",
     .vocabulary = 103424, .hidden = 2560, .layers = 28, .heads = 20, .kvHeads = 4,
     .maxPositions = 131072, .normEps = 1e-5, .theta = 5e5, .tied = true, .bos = 1, .eos = 2,
     .denseWidth = 12288, .expertWidthKey = "moe_intermediate_size", .expertWidth = 1536,
     .experts = 64, .k = 6, .layerRule = LayerRule::Interval, .renorm = RenormRule::NormMin,
     .renormEps = 1e-12f, .choiceBias = true, .shared = SharedRule::Count, .sharedDefault = 2,
     .bias = BiasRule::UseBias, .ropeInterleaved = true},
    {.family = Family::FlexOlmo, .name = "flex_olmo",
     .vocabulary = 100352, .hidden = 4096, .layers = 32, .heads = 32, .maxPositions = 4096,
     .normEps = 1e-6, .theta = 5e5, .eos = 100257, .expertWidthKey = "intermediate_size",
     .expertWidth = 11008, .experts = 7, .k = 5, .renorm = RenormRule::Flag,
     .bias = BiasRule::AttentionBias, .qkNorm = QkNorm::Full, .placement = NormPlacement::Post},
    {.family = Family::Glm4Moe, .name = "glm4_moe",
     .vocabulary = 151552, .hidden = 4096, .layers = 46, .heads = 96, .kvHeads = 8,
     .maxPositions = 131072, .normEps = 1e-5, .theta = 1e4, .denseWidth = 10944,
     .expertWidthKey = "moe_intermediate_size", .expertWidth = 1408, .experts = 128, .k = 8,
     .layerRule = LayerRule::FirstDense, .firstDense = 1, .score = Score::Sigmoid,
     .groupScore = GroupScore::Top2Sum, .renorm = RenormRule::Flag, .renormByDefault = true,
     .renormEps = 1e-20f, .choiceBias = true, .shared = SharedRule::Count, .sharedDefault = 1,
     .bias = BiasRule::AttentionBiasQkv, .qkNorm = QkNorm::Head, .partialRotary = 0.5,
     .predictionLayers = 1},
    {.family = Family::GptOss, .name = "gpt_oss",
     .vocabulary = 201088, .hidden = 2880, .layers = 36, .heads = 64, .kvHeads = 8,
     .headDim = 64, .maxPositions = 131072, .normEps = 1e-5, .theta = 1.5e5,
     .expertWidthKey = "intermediate_size", .expertWidth = 2880, .experts = 128, .k = 4,
     .windowRule = WindowRule::Even, .window = 128, .score = Score::SoftmaxSelected,
     .routerBias = true, .bias = BiasRule::AttentionBias, .biasByDefault = true,
     .activation = Activation::ClampedGlu, .sinks = true},
    {.family = Family::GraniteMoe, .name = "granitemoe",
     .vocabulary = 32000, .hidden = 4096, .layers = 32, .heads = 32, .maxPositions = 2048,
     .normEps = 1e-6, .theta = 1e4, .bos = 1, .eos = 2, .expertWidthKey = "intermediate_size",
     .expertWidth = 11008, .experts = 8, .k = 2, .score = Score::SoftmaxSelected,
     .bias = BiasRule::AttentionBias},
    {.family = Family::Mixtral, .name = "mixtral",
     .vocabulary = 32000, .hidden = 4096, .layers = 32, .heads = 32, .kvHeads = 8,
     .maxPositions = 131072, .normEps = 1e-5, .theta = 1e6, .bos = 1, .eos = 2,
     .expertWidthKey = "intermediate_size", .expertWidth = 14336, .experts = 8, .k = 2,
     .windowRule = WindowRule::Every, .renorm = RenormRule::Always},
    {.family = Family::Olmoe, .name = "olmoe",
     .vocabulary = 50304, .hidden = 2048, .layers = 16, .heads = 16, .maxPositions = 4096,
     .normEps = 1e-5, .theta = 1e4, .eos = 50279, .expertWidthKey = "intermediate_size",
     .expertWidth = 2048, .experts = 64, .k = 8, .renorm = RenormRule::Flag,
     .bias = BiasRule::AttentionBias, .qkNorm = QkNorm::Full},
    {.family = Family::PhiMoe, .name = "phimoe",
     .vocabulary = 32064, .hidden = 4096, .layers = 32, .heads = 32, .kvHeads = 8,
     .maxPositions = 131072, .normEps = 1e-5, .theta = 1e6, .bos = 1, .eos = 2,
     .expertWidthKey = "intermediate_size", .expertWidth = 6400, .experts = 16, .k = 2,
     .windowRule = WindowRule::Every, .score = Score::SparseMixer,
     .bias = BiasRule::AttentionBias, .norm = NormKind::Layer},
    {.family = Family::Qwen2Moe, .name = "qwen2_moe",
     .vocabulary = 151936, .hidden = 2048, .layers = 24, .heads = 16, .kvHeads = 16,
     .maxPositions = 32768, .normEps = 1e-6, .theta = 1e4, .denseWidth = 5632,
     .expertWidthKey = "moe_intermediate_size", .expertWidth = 1408, .experts = 60, .k = 4,
     .layerRule = LayerRule::SparseStep, .windowRule = WindowRule::EvenBelow, .window = 4096,
     .maxWindowLayers = 28, .renorm = RenormRule::Flag, .shared = SharedRule::Width,
     .sharedDefault = 5632, .bias = BiasRule::QkvBias, .biasByDefault = true},
    {.family = Family::Qwen3Moe, .name = "qwen3_moe",
     .vocabulary = 151936, .hidden = 2048, .layers = 24, .heads = 32, .kvHeads = 4,
     .maxPositions = 32768, .normEps = 1e-6, .theta = 1e4, .denseWidth = 6144,
     .expertWidthKey = "moe_intermediate_size", .expertWidth = 768, .experts = 128, .k = 8,
     .layerRule = LayerRule::SparseStep, .windowRule = WindowRule::Switched, .window = 4096,
     .renorm = RenormRule::Flag, .bias = BiasRule::AttentionBias, .qkNorm = QkNorm::Head},
};
// clang-format on

} // namespace

std::span<const FamilySpec> familySpecs() {
  return kFamilies;
}

const FamilySpec* findFamily(std::string_view name) {
  const auto found = std::ranges::find(kFamilies, name, &FamilySpec::name);
  return found == std::end(kFamilies) ? nullptr : &*found;
}

} // namespace switchyard::model
