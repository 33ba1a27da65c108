#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/error.h"
#include "core/model/backward.h"
#include "core/model/pass.h"
#include "core/model/weights.h"

// The way back through each kind of block. Internal to core/model.

namespace switchyard::model {

struct BackwardPass {
  const LayerPass& pass;
  GradientWorkspace& buffers;
};

template <typename T> void resizeTo(std::vector<T>& buffer, std::int64_t count) {
  buffer.resize(static_cast<std::size_t>(count));
}

/// Rows that go back together: enough to pay for reading the weights, few enough to split `rows`
/// over the threads.
std::int64_t rowsPerBlock(const base::ThreadContext& threads, std::int64_t rows);

/// gradient: dy -> dx of a row through rmsNorm.
void rmsNormGradient(std::span<const float> x, std::span<const float> weight, float eps,
                     std::span<float> gradient);
/// gradient [T, hidden]: dy -> dx through normRows with input x.
void normGradientRows(const LayerPass& pass, const NormWeights& norm, const float* x,
                      float* gradient);

/// Final norm and LM head: returns the mean loss and, if wanted, writes the gradient of the
/// residual stream into buffers.residual. targets [T]: the next token of each row.
double headGradient(const BackwardPass& back, const ModelWeights& weights,
                    std::span<const base::TokenId> targets, bool wantsGradient);

/// Consecutive rows through one gated MLP.
struct MlpRows {
  const float* x;      ///< [count, hidden]
  const float* d;      ///< [count, hidden] gradient of the MLP's output times its scale
  const float* scales; ///< [count] what multiplies the output; null: 1
  std::int64_t count;
  float* dx;             ///< [count, hidden]
  float* scaleGradients; ///< [count] output . d; or null
};
/// One thread. scratch: [3 * count * width].
void mlpGradient(const MlpWeights& mlp, const MoeConfig& moe, Activation activation,
                 const MlpRows& rows, float* scratch);
/// A dense or shared MLP over all rows of the pass; rows.count is T.
void denseMlpGradient(const BackwardPass& back, const MlpWeights& mlp, const MlpRows& rows);

/// A routed block: routes again, writes the gradient of its input [T, hidden] into dx and the one
/// of the router-logit offsets [E] into offsetGradient.
base::Result<void> moeGradient(const BackwardPass& back, const MoeWeights& weights, const float* x,
                               const float* d, float* dx, std::span<float> offsetGradient);

/// Attention: runs the projections again, writes the gradient of its input [T, hidden] into dx.
void attentionGradient(const BackwardPass& back, const AttentionWeights& weights, const float* x,
                       const float* d, float* dx);
/// Its softmax: gradients of queries, keys and values from buffers.attended.
void attendGradient(const BackwardPass& back, const AttentionWeights& weights);
/// From there to buffers.projection, back through rotation, clipping and norms.
void gqaProjectionGradient(const BackwardPass& back, const AttentionWeights& weights);
void mlaProjectionGradient(const BackwardPass& back, const AttentionWeights& weights);

} // namespace switchyard::model
