#include <algorithm>
#include <cmath>

#include "core/model/attention.h"
#include "core/model/backward_pass.h"
#include "core/model/linear.h"
#include "core/model/rope.h"
#include "core/tensor/ops/vector_ops.h"

namespace switchyard::model {

namespace {

void normHeadsGradient(std::span<const float> x, std::span<const float> weight, float eps,
                       std::span<float> gradient) {
  // QkNorm::Full has one weight for all of x, QkNorm::Head one of a head's size.
  for (std::size_t at = 0; at < x.size(); at += weight.size())
    rmsNormGradient(x.subspan(at, weight.size()), weight, eps, gradient.subspan(at, weight.size()));
}

/// Sums the gradients of the query heads that share each key or value head.
void addGroups(const ModelConfig& c, std::span<const float> perHead, std::span<float> out) {
  const auto headDim = static_cast<std::size_t>(c.headDim);
  const auto group = static_cast<std::size_t>(c.heads / c.kvHeads);
  for (std::size_t at = 0; at < perHead.size(); at += headDim) {
    const std::size_t head = at / headDim;
    const std::span<float> to = out.subspan(head / group * headDim, headDim);
    if (head % group == 0)
      std::ranges::copy(perHead.subspan(at, headDim), to.begin());
    else
      tensor::addInPlace(to, perHead.subspan(at, headDim));
  }
}

/// One row, from rotated back to the raw projection. clipped: scratch of the same size.
void rowGradient(const LayerPass& pass, const AttentionWeights& weights, std::span<const float> raw,
                 std::span<float> clipped, std::span<const float> cosines,
                 std::span<const float> negatedSines, std::span<float> gradient) {
  const ModelConfig& c = pass.config;
  const auto headDim = static_cast<std::size_t>(c.headDim);
  const auto qWidth = static_cast<std::size_t>(c.heads) * headDim;
  const auto kvWidth = static_cast<std::size_t>(c.kvHeads) * headDim;
  for (std::size_t at = 0; at < qWidth + kvWidth; at += headDim) // a rotation's transpose
    applyRope(gradient.subspan(at, headDim), cosines, negatedSines, c.rope.interleaved);
  if (c.clipQkv) {
    // What was clipped: the values after their norms.
    std::ranges::copy(raw, clipped.begin());
    if (c.qkNorm != QkNorm::None) {
      normHeads(clipped.first(qWidth), weights.qNorm, c.qkNorm, c.normEps);
      normHeads(clipped.subspan(qWidth, kvWidth), weights.kNorm, c.qkNorm, c.normEps);
    }
    for (std::size_t i = 0; i < clipped.size(); ++i)
      if (std::abs(clipped[i]) > *c.clipQkv)
        gradient[i] = 0.0f;
  }
  if (c.qkNorm != QkNorm::None) {
    normHeadsGradient(raw.first(qWidth), weights.qNorm, c.normEps, gradient.first(qWidth));
    normHeadsGradient(raw.subspan(qWidth, kvWidth), weights.kNorm, c.normEps,
                      gradient.subspan(qWidth, kvWidth));
  }
}

} // namespace

void gqaProjectionGradient(const BackwardPass& back, const AttentionWeights& weights) {
  const LayerPass& pass = back.pass;
  const ModelConfig& c = pass.config;
  GradientWorkspace& buffers = back.buffers;
  const auto qWidth = static_cast<std::size_t>(c.heads * c.headDim);
  const auto kvWidth = static_cast<std::size_t>(c.kvHeads * c.headDim);
  const std::size_t width = qWidth + 2 * kvWidth;
  const auto pairs = static_cast<std::size_t>(c.rope.rotaryDim / 2);
  const base::ThreadContext& threads = pass.context.threads;
  threads.parallelRanges(
      pass.rows, partsFor(threads, pass.rows * static_cast<std::int64_t>(width) * 64),
      [&](std::int64_t, std::int64_t begin, std::int64_t end) {
        for (auto row = static_cast<std::size_t>(begin); row < static_cast<std::size_t>(end);
             ++row) {
          const std::span<float> gradient =
              std::span(buffers.projection).subspan(row * width, width);
          std::ranges::copy(std::span(buffers.queries).subspan(row * qWidth, qWidth),
                            gradient.begin());
          addGroups(c, std::span(buffers.keys).subspan(row * qWidth, qWidth),
                    gradient.subspan(qWidth, kvWidth));
          addGroups(c, std::span(buffers.values).subspan(row * qWidth, qWidth),
                    gradient.last(kvWidth));
          rowGradient(pass, weights, std::span(buffers.rawProjection).subspan(row * width, width),
                      std::span(pass.work.projected).subspan(row * width, width), // read already
                      std::span(pass.work.cosines).subspan(row * pairs, pairs),
                      std::span(buffers.negatedSines).subspan(row * pairs, pairs), gradient);
        }
      });
}

} // namespace switchyard::model
