#include <algorithm>

#include "core/model/attention.h"
#include "core/model/backward_pass.h"
#include "core/model/linear.h"
#include "core/model/rope.h"
#include "core/tensor/ops/vector_ops.h"

namespace switchyard::model {

namespace {

/// Rotates one row's query gradients back, and splits its key and value gradients into those of
/// the expansion (per head nope key | value) and of the key part that all heads share.
void splitRow(const LayerPass& pass, std::span<const float> cosines,
              std::span<const float> negatedSines, std::span<float> queries,
              std::span<const float> keys, std::span<const float> values, std::span<float> expanded,
              std::span<float> sharedKey) {
  const ModelConfig& c = pass.config;
  const auto nope = static_cast<std::size_t>(c.mla.nopeDim);
  const auto rope = static_cast<std::size_t>(c.mla.ropeDim);
  const auto value = static_cast<std::size_t>(c.mla.valueDim);
  std::ranges::fill(sharedKey, 0.0f);
  for (std::size_t head = 0; head < static_cast<std::size_t>(c.heads); ++head) {
    const std::size_t at = head * (nope + rope);
    applyRope(queries.subspan(at + nope, rope), cosines, negatedSines, c.rope.interleaved);
    const std::span<float> to = expanded.subspan(head * (nope + value), nope + value);
    std::ranges::copy(keys.subspan(at, nope), to.begin());
    std::ranges::copy(values.subspan(head * value, value),
                      to.begin() + static_cast<std::ptrdiff_t>(nope));
    tensor::addInPlace(sharedKey, keys.subspan(at + nope, rope));
  }
  applyRope(sharedKey, cosines, negatedSines, c.rope.interleaved);
}

} // namespace

void mlaProjectionGradient(const BackwardPass& back, const AttentionWeights& weights) {
  const LayerPass& pass = back.pass;
  const ModelConfig& c = pass.config;
  const base::ThreadContext& threads = pass.context.threads;
  GradientWorkspace& buffers = back.buffers;
  const auto width = static_cast<std::size_t>(weights.input.weight.rows());
  const auto rope = static_cast<std::size_t>(c.mla.ropeDim);
  const auto kvLatent = static_cast<std::size_t>(c.mla.kvLoraRank);
  const std::size_t kvOffset = width - kvLatent - rope; // q or q_a comes first
  const auto qWidth = static_cast<std::size_t>(c.heads * c.headDim);
  const auto valueWidth = static_cast<std::size_t>(c.heads * c.mla.valueDim);
  const auto expandedWidth = static_cast<std::size_t>(weights.kvUp.weight.rows());
  const std::size_t pairs = rope / 2;
  const auto rows = static_cast<std::size_t>(pass.rows);
  buffers.expanded.resize(rows * expandedWidth);
  for (std::size_t row = 0; row < rows; ++row)
    splitRow(pass, std::span(pass.work.cosines).subspan(row * pairs, pairs),
             std::span(buffers.negatedSines).subspan(row * pairs, pairs),
             std::span(buffers.queries).subspan(row * qWidth, qWidth),
             std::span(buffers.keys).subspan(row * qWidth, qWidth),
             std::span(buffers.values).subspan(row * valueWidth, valueWidth),
             std::span(buffers.expanded).subspan(row * expandedWidth, expandedWidth),
             std::span(buffers.projection).subspan(row * width + kvOffset + kvLatent, rope));
  const auto ld = static_cast<std::int64_t>(width);
  applyTransposed(threads, weights.kvUp.weight, buffers.expanded.data(), pass.rows,
                  static_cast<std::int64_t>(expandedWidth), buffers.projection.data() + kvOffset,
                  ld, tensor::Into::Replace);
  const bool latentQueries = c.mla.qLoraRank > 0;
  if (latentQueries)
    applyTransposed(threads, weights.qUp.weight, buffers.queries.data(), pass.rows,
                    static_cast<std::int64_t>(qWidth), buffers.projection.data(), ld,
                    tensor::Into::Replace);
  for (std::size_t row = 0; row < rows; ++row) {
    const std::span<const float> raw = std::span(buffers.rawProjection).subspan(row * width, width);
    const std::span<float> gradient = std::span(buffers.projection).subspan(row * width, width);
    rmsNormGradient(raw.subspan(kvOffset, kvLatent), weights.kvLatentNorm, kLatentNormEps,
                    gradient.subspan(kvOffset, kvLatent));
    if (latentQueries)
      rmsNormGradient(raw.first(kvOffset), weights.qLatentNorm, kLatentNormEps,
                      gradient.first(kvOffset));
    else
      std::ranges::copy(std::span(buffers.queries).subspan(row * qWidth, qWidth), gradient.begin());
  }
}

} // namespace switchyard::model
