#pragma once

#include "core/model/config.h"
#include "core/model/config_reader.h"
#include "core/model/family.h"

namespace switchyard::model {

// The parts that parseConfig reads a config.json in. Each fills its fields of `config` and needs
// those of the parts above it. Errors as parseConfig.

/// Bounds that keep all later arithmetic and allocations in range.
constexpr int kMaxLayers = 10'000;
constexpr int kMaxHeads = 1 << 16;
constexpr int kMaxWidth = 1 << 24;
constexpr int kMaxVocabulary = 1 << 26;
constexpr int kMaxPositions = 1 << 30;
constexpr int kMaxExperts = 1 << 16;

/// layers, hidden, vocabulary, norms, multipliers, tied embeddings, special tokens.
base::Result<void> parseShape(ConfigReader& reader, const FamilySpec& spec, ModelConfig& config);
/// Heads, projections, biases, MLA, scale.
base::Result<void> parseAttention(ConfigReader& reader, const FamilySpec& spec,
                                  ModelConfig& config);
/// rope_theta, rope_scaling, rope_parameters. Completes attentionScale and maxPositions.
base::Result<void> parseRope(ConfigReader& reader, const FamilySpec& spec, const std::string& file,
                             ModelConfig& config);
/// Routed and dense layers, attention windows.
base::Result<void> parseLayers(ConfigReader& reader, const FamilySpec& spec, ModelConfig& config);
/// Experts, gate, shared experts.
base::Result<void> parseMoe(ConfigReader& reader, const FamilySpec& spec, ModelConfig& config);
/// quantization_config, dtype.
base::Result<void> parseStorage(ConfigReader& reader, const std::string& file, ModelConfig& config);
/// Refuses keys that nobody read and that may change what the model computes.
base::Result<void> refuseUnknownKeys(const ConfigReader& reader, const nlohmann::json& object,
                                     const FamilySpec& spec);

} // namespace switchyard::model
