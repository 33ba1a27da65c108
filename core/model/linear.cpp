#include "core/model/linear.h"

#include <algorithm>

#include "core/tensor/ops/matmul.h"

namespace switchyard::model {

namespace {
/// Below this much work a second thread costs more than it saves (about 10 us of one core).
constexpr std::int64_t kMinMultiplyAddsPerPart = 64 * 1024;
/// Parts per thread, so that a thread that starts late still finds work.
constexpr std::int64_t kPartsPerThread = 4;
} // namespace

std::int64_t partsFor(const base::ThreadContext& threads, std::int64_t multiplyAdds) {
  if (threads.threads() == 1)
    return 1;
  return std::clamp<std::int64_t>(multiplyAdds / kMinMultiplyAddsPerPart, 1,
                                  kPartsPerThread * threads.threads());
}

void applyMatrixPanels(const tensor::PackedMatrix& matrix, std::span<const float> bias,
                       const float* x, std::int64_t m, std::int64_t ldx, float* y, std::int64_t ldy,
                       std::int64_t firstPanel, std::int64_t lastPanel) {
  tensor::matmul(matrix, x, m, ldx, y, ldy, firstPanel, lastPanel);
  if (bias.empty())
    return;
  const std::int64_t first = firstPanel * tensor::PackedMatrix::kPanel;
  const std::int64_t last = std::min(lastPanel * tensor::PackedMatrix::kPanel, matrix.rows());
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t j = first; j < last; ++j)
      y[i * ldy + j] += bias[static_cast<std::size_t>(j)];
}

void applyPanels(const Linear& linear, const float* x, std::int64_t m, std::int64_t ldx, float* y,
                 std::int64_t ldy, std::int64_t firstPanel, std::int64_t lastPanel) {
  applyMatrixPanels(linear.weight, linear.bias, x, m, ldx, y, ldy, firstPanel, lastPanel);
}

void applyMatrix(const base::ThreadContext& threads, const tensor::PackedMatrix& matrix,
                 std::span<const float> bias, const float* x, std::int64_t m, std::int64_t ldx,
                 float* y, std::int64_t ldy) {
  threads.parallelRanges(matrix.panels(), partsFor(threads, m * matrix.rows() * matrix.columns()),
                         [&](std::int64_t, std::int64_t begin, std::int64_t end) {
                           applyMatrixPanels(matrix, bias, x, m, ldx, y, ldy, begin, end);
                         });
}

void apply(const base::ThreadContext& threads, const Linear& linear, const float* x, std::int64_t m,
           std::int64_t ldx, float* y, std::int64_t ldy) {
  applyMatrix(threads, linear.weight, linear.bias, x, m, ldx, y, ldy);
}

void applyTransposed(const base::ThreadContext& threads, const tensor::PackedMatrix& matrix,
                     const float* dy, std::int64_t m, std::int64_t ldy, float* dx, std::int64_t ldx,
                     tensor::Into into) {
  // Ranges of whole cache lines, so that no two threads write into one.
  constexpr std::int64_t kLine = 16;
  const std::int64_t columns = matrix.columns();
  threads.parallelRanges((columns + kLine - 1) / kLine,
                         partsFor(threads, m * matrix.rows() * columns),
                         [&](std::int64_t, std::int64_t begin, std::int64_t end) {
                           tensor::matmulTransposed(matrix, dy, m, ldy, dx, ldx, begin * kLine,
                                                    std::min(columns, end * kLine), into);
                         });
}

} // namespace switchyard::model
