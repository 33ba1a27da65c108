#include <algorithm>

#include "core/model/backward_pass.h"
#include "core/model/linear.h"
#include "core/tensor/ops/gradient_ops.h"
#include "core/tensor/ops/vector_ops.h"

namespace switchyard::model {

std::int64_t rowsPerBlock(const base::ThreadContext& threads, std::int64_t rows) {
  return std::clamp<std::int64_t>((rows + threads.threads() - 1) / threads.threads(), 16, 48);
}

void mlpGradient(const MlpWeights& mlp, const MoeConfig& moe, Activation activation,
                 const MlpRows& rows, float* scratch) {
  const std::int64_t width = mlp.gate.weight.rows();
  const std::int64_t hidden = mlp.gate.weight.columns();
  const std::int64_t count = rows.count;
  float* const gate = scratch;
  float* const up = gate + count * width;
  float* const d = up + count * width; // of the activation, before the scale
  applyPanels(mlp.gate, rows.x, count, hidden, gate, width, 0, mlp.gate.weight.panels());
  applyPanels(mlp.up, rows.x, count, hidden, up, width, 0, mlp.up.weight.panels());
  tensor::matmulTransposed(mlp.down.weight, rows.d, count, hidden, d, width, 0, width,
                           tensor::Into::Replace);
  for (std::int64_t row = 0; row < count; ++row) {
    const auto size = static_cast<std::size_t>(width);
    const std::span<float> g(gate + row * width, size);
    const std::span<float> u(up + row * width, size);
    const std::span<const float> dRow(d + row * width, size);
    const float scale = rows.scales ? rows.scales[row] : 1.0f;
    float product = activation == Activation::ClampedGlu
                        ? tensor::clampedGluGradient(g, u, moe.gluAlpha, moe.gluLimit, dRow, scale)
                        : tensor::siluMulGradient(g, u, dRow, scale);
    if (!rows.scaleGradients)
      continue;
    if (!mlp.down.bias.empty())
      product +=
          tensor::dot(mlp.down.bias, {rows.d + row * hidden, static_cast<std::size_t>(hidden)});
    rows.scaleGradients[row] = product;
  }
  tensor::matmulTransposed(mlp.gate.weight, gate, count, width, rows.dx, hidden, 0, hidden,
                           tensor::Into::Replace);
  tensor::matmulTransposed(mlp.up.weight, up, count, width, rows.dx, hidden, 0, hidden,
                           tensor::Into::Add);
}

void denseMlpGradient(const BackwardPass& back, const MlpWeights& mlp, const MlpRows& rows) {
  const base::ThreadContext& threads = back.pass.context.threads;
  const std::int64_t width = mlp.gate.weight.rows();
  const std::int64_t hidden = mlp.gate.weight.columns();
  const std::int64_t block = rowsPerBlock(threads, rows.count);
  const std::int64_t blocks = (rows.count + block - 1) / block;
  const std::int64_t parts = std::min(blocks, partsFor(threads, rows.count * width * hidden * 6));
  const std::int64_t partSize = 3 * block * width;
  resizeTo(back.buffers.scratch, parts * partSize);
  threads.parallelRanges(
      blocks, parts, [&](std::int64_t part, std::int64_t begin, std::int64_t end) {
        for (std::int64_t at = begin; at < end; ++at) {
          const std::int64_t first = at * block;
          mlpGradient(mlp, back.pass.config.moe, Activation::SiluGlu,
                      {rows.x + first * hidden, rows.d + first * hidden,
                       rows.scales ? rows.scales + first : nullptr,
                       std::min(block, rows.count - first), rows.dx + first * hidden,
                       rows.scaleGradients ? rows.scaleGradients + first : nullptr},
                      back.buffers.scratch.data() + part * partSize);
        }
      });
}

} // namespace switchyard::model
