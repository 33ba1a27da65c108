#pragma once

#include <cstdint>
#include <filesystem>

#include "core/base/error.h"
#include "core/base/progress.h"

namespace switchyard::bench {

/// Shape of a seeded random checkpoint. The defaults are OLMoE's proportions at half its width.
struct ModelShape {
  int layers = 16;
  int hidden = 1024;
  int heads = 16;
  int experts = 64;
  int expertWidth = 512;
  int topK = 8;
  int vocabulary = 8192;
  int positions = 4096;
};

/// A model for tests that benchmarks still run.
constexpr ModelShape kSmokeShape{.layers = 2,
                                 .hidden = 32,
                                 .heads = 2,
                                 .experts = 8,
                                 .expertWidth = 16,
                                 .topK = 2,
                                 .vocabulary = 64,
                                 .positions = 64};

/// Where benchmarks keep the model of the default shape: $SWITCHYARD_BENCH_MODEL, or a folder in
/// the system's temporary one.
std::filesystem::path benchModelFolder();

/// Writes an olmoe checkpoint in bf16 (config.json and one model.safetensors) with weights
/// N(0, 0.02), norms 1. Same bytes for the same shape and seed. Nothing is written if the folder
/// already holds the same model.
base::Result<void> makeModel(const std::filesystem::path& folder, const ModelShape& shape,
                             std::uint64_t seed, const base::RunControl& control = {});

/// Weight bytes that one token reads in decoding: everything but the experts it does not use and
/// the embedding table.
std::uint64_t bytesPerDecodedToken(const ModelShape& shape);
/// Floating-point operations of one token in a prefill of `length` tokens, attention included,
/// LM head left out (it runs for the last token only).
double flopsPerPrefillToken(const ModelShape& shape, int length);

} // namespace switchyard::bench
