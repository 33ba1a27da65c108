#include <algorithm>
#include <cmath>

#include "core/model/backward_pass.h"
#include "core/model/linear.h"
#include "core/model/norms.h"
#include "core/tensor/ops/vector_ops.h"

namespace switchyard::model {

namespace {

/// Logits held at a time (16 MB), so that memory does not grow with tokens times vocabulary.
constexpr std::int64_t kLogits = std::int64_t{1} << 22;

/// Turns a row of logits into the gradient of `share` times its loss; returns the loss.
double lossGradient(std::span<float> logits, base::TokenId target, float share) {
  const auto wanted = static_cast<std::size_t>(target.value);
  const auto top = static_cast<std::size_t>(std::ranges::max_element(logits) - logits.begin());
  const double below = static_cast<double>(logits[top]) - logits[wanted];
  tensor::softmaxInPlace(logits);
  const double loss = below - std::log(static_cast<double>(logits[top]));
  logits[wanted] -= 1.0f;
  tensor::scaleInPlace(logits, share);
  return loss;
}

} // namespace

double headGradient(const BackwardPass& back, const ModelWeights& weights,
                    std::span<const base::TokenId> targets, bool wantsGradient) {
  const LayerPass& pass = back.pass;
  const ModelConfig& c = pass.config;
  const base::ThreadContext& threads = pass.context.threads;
  GradientWorkspace& buffers = back.buffers;
  const tensor::PackedMatrix& matrix = weights.headMatrix();
  const std::int64_t vocabulary = c.vocabulary;
  const auto width = static_cast<std::size_t>(vocabulary);
  const std::int64_t chunk = std::clamp<std::int64_t>(kLogits / vocabulary, 16, 512);
  const std::int64_t atOnce = std::min(chunk, pass.rows);
  const float share = 1.0f / static_cast<float>(pass.rows) / c.logitsDivisor;
  resizeTo(buffers.logits, atOnce * vocabulary);
  resizeTo(buffers.losses, pass.rows);
  float* const normed = pass.work.normed.data();
  normRows(pass, weights.finalNorm, pass.work.residual.data(), normed);
  for (std::int64_t first = 0; first < pass.rows; first += atOnce) {
    const std::int64_t rows = std::min(atOnce, pass.rows - first);
    applyMatrix(threads, matrix, weights.lmHead.bias, normed + first * c.hidden, rows, c.hidden,
                buffers.logits.data(), vocabulary);
    threads.parallelRanges(rows, partsFor(threads, rows * vocabulary * 16),
                           [&](std::int64_t, std::int64_t begin, std::int64_t end) {
                             for (std::int64_t row = begin; row < end; ++row) {
                               const std::span<float> logits(
                                   buffers.logits.data() + row * vocabulary, width);
                               if (c.logitsDivisor != 1.0f)
                                 for (float& logit : logits)
                                   logit /= c.logitsDivisor;
                               const auto at = static_cast<std::size_t>(first + row);
                               buffers.losses[at] = lossGradient(logits, targets[at], share);
                             }
                           });
    if (wantsGradient)
      applyTransposed(threads, matrix, buffers.logits.data(), rows, vocabulary,
                      buffers.residual.data() + first * c.hidden, c.hidden, tensor::Into::Replace);
  }
  if (wantsGradient)
    normGradientRows(pass, weights.finalNorm, pass.work.residual.data(), buffers.residual.data());
  double sum = 0.0;
  for (const double loss : buffers.losses)
    sum += loss;
  return sum / static_cast<double>(pass.rows);
}

} // namespace switchyard::model
