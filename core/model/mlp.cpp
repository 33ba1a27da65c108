#include "core/model/mlp.h"

#include <algorithm>

#include "core/model/linear.h"
#include "core/tensor/ops/vector_ops.h"

namespace switchyard::model {

void activatePanels(const MlpWeights& mlp, const MoeConfig& moe, Activation activation,
                    const float* x, std::int64_t m, std::int64_t ldx, float* hidden, float* other,
                    std::int64_t firstPanel, std::int64_t lastPanel) {
  const std::int64_t width = mlp.gate.weight.rows();
  applyPanels(mlp.gate, x, m, ldx, hidden, width, firstPanel, lastPanel);
  applyPanels(mlp.up, x, m, ldx, other, width, firstPanel, lastPanel);
  const std::int64_t first = firstPanel * tensor::PackedMatrix::kPanel;
  const std::int64_t last = std::min(lastPanel * tensor::PackedMatrix::kPanel, width);
  for (std::int64_t row = 0; row < m; ++row) {
    const std::span<float> gate(hidden + row * width + first,
                                static_cast<std::size_t>(last - first));
    const std::span<const float> up(other + row * width + first, gate.size());
    if (activation == Activation::ClampedGlu)
      tensor::clampedGluMul(gate, up, moe.gluAlpha, moe.gluLimit, gate);
    else
      tensor::siluMul(gate, up, gate);
  }
}

void denseMlp(const LayerPass& pass, const MlpWeights& mlp, const float* x, float* out) {
  const base::ThreadContext& threads = pass.context.threads;
  const std::int64_t width = mlp.gate.weight.rows();
  const std::int64_t hidden = pass.config.hidden;
  Workspace& work = pass.work;
  work.mlpHidden.resize(static_cast<std::size_t>(pass.rows * width));
  work.mlpOther.resize(static_cast<std::size_t>(pass.rows * width));
  threads.parallelRanges(
      mlp.gate.weight.panels(), partsFor(threads, 2 * pass.rows * width * hidden),
      [&](std::int64_t, std::int64_t begin, std::int64_t end) {
        activatePanels(mlp, pass.config.moe, Activation::SiluGlu, x, pass.rows, hidden,
                       work.mlpHidden.data(), work.mlpOther.data(), begin, end);
      });
  apply(threads, mlp.down, work.mlpHidden.data(), pass.rows, width, out, hidden);
}

} // namespace switchyard::model
