#include "core/tensor/ops/matmul_transposed.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "core/tensor/ops/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/tensor/ops/matmul_transposed.cpp"
#include <hwy/foreach_target.h>

#include "core/tensor/ops/block-inl.h"
#include "core/tensor/ops/score-inl.h"
#include "core/tensor/ops/weights-inl.h"

HWY_BEFORE_NAMESPACE();
namespace switchyard::tensor::HWY_NAMESPACE {

/// Columns and rows of dx whose sums are in registers together.
constexpr int kColumns = 4;
constexpr int kSumRows = kScalar ? 1 : kWideRegisters ? 6 : 3;
/// Panels whose weights of kColumns columns are widened at a time; they then meet kChunkRows rows.
constexpr std::int64_t kPartPanels = 64;
constexpr std::int64_t kChunkRows = 48;

/// Some panels' part of the sums of a few rows.
struct Part {
  const float* weights; ///< [panels][kColumns][16]
  std::int64_t panels;
  const float* dy; ///< first row, at the first of the panels
  std::int64_t ldy;
  float* sums; ///< [rows][kColumns][16], the chains
  bool resume; ///< sums holds the chains so far
};

/// Lane by lane of a block, so that narrow vectors keep as many chains in registers as wide ones.
template <int kRows> HWY_NOINLINE void sumPanels(const Part& part) {
  for (int lane = 0; lane < kBlock; lane += kLanes) {
    Vector sums[kRows][kColumns];
    HWY_UNROLL(16)
    for (int r = 0; r < kRows; ++r)
      HWY_UNROLL(16)
    for (int c = 0; c < kColumns; ++c)
      sums[r][c] = part.resume ? hn::LoadU(Floats(), part.sums + (r * kColumns + c) * kBlock + lane)
                               : hn::Zero(Floats());
    const float* weights = part.weights + lane;
    const float* dy = part.dy + lane;
    for (std::int64_t panel = 0; panel < part.panels; ++panel) {
      Vector rows[kRows];
      HWY_UNROLL(16)
      for (int r = 0; r < kRows; ++r)
        rows[r] = hn::LoadU(Floats(), dy + r * part.ldy + panel * kBlock);
      HWY_UNROLL(16)
      for (int c = 0; c < kColumns; ++c) {
        const Vector column = hn::LoadU(Floats(), weights + (panel * kColumns + c) * kBlock);
        HWY_UNROLL(16)
        for (int r = 0; r < kRows; ++r)
          sums[r][c] = fma(rows[r], column, sums[r][c]);
      }
    }
    HWY_UNROLL(16)
    for (int r = 0; r < kRows; ++r)
      HWY_UNROLL(16)
    for (int c = 0; c < kColumns; ++c)
      hn::StoreU(sums[r][c], Floats(), part.sums + (r * kColumns + c) * kBlock + lane);
  }
}

template <int... kIndex>
constexpr std::array<void (*)(const Part&), sizeof...(kIndex)>
sumTable(std::integer_sequence<int, kIndex...>) {
  return {&sumPanels<kIndex + 1>...};
}

/// All `rows` rows, kSumRows at a time.
void sumRows(Part part, std::int64_t rows) {
  static constexpr auto kTable = sumTable(std::make_integer_sequence<int, kSumRows>());
  for (std::int64_t row = 0; row < rows; row += kSumRows) {
    const std::int64_t count = std::min<std::int64_t>(kSumRows, rows - row);
    kTable[static_cast<std::size_t>(count - 1)](part);
    part.dy += count * part.ldy;
    part.sums += count * kColumns * kBlock;
  }
}

/// Adds up the chains of one row and puts the sums of `count` columns into dx.
HWY_INLINE void finishRow(const float* sums, int count, Into into, float* dx) {
  const Block chains[kColumns] = {loadBlock(sums), loadBlock(sums + kBlock),
                                  loadBlock(sums + 2 * kBlock), loadBlock(sums + 3 * kBlock)};
  float totals[kColumns];
  const Folded folded[] = {fold(chains[0]), fold(chains[1]), fold(chains[2]), fold(chains[3])};
  storeSums(folded, 1.0f, totals);
  for (int c = 0; c < count; ++c)
    dx[c] = into == Into::Add ? dx[c] + totals[c] : totals[c];
}

/// Widens `count` columns of panels [first, first + panels); a column beyond repeats the last one.
template <typename Weight>
void widen(const PackedMatrix& w, std::int64_t first, std::int64_t panels, std::int64_t column,
           int count, float* out) {
  const auto* from = reinterpret_cast<const Weight*>(w.panel(first));
  for (std::int64_t panel = 0; panel < panels; ++panel, from += w.panelElements()) {
    // The next columns of this panel, which are wanted after all rows have met these.
    __builtin_prefetch(from + (column + count) * kBlock);
    __builtin_prefetch(from + (column + count + 2) * kBlock);
    for (int i = 0; i < kColumns; ++i, out += kBlock) {
      const std::int64_t c = column + std::min(i, count - 1);
      storeBlock(c % 2 == 0 ? loadColumn<false>(from, c) : loadColumn<true>(from, c), out);
    }
  }
}

template <typename Weight>
void multiplyTransposedBy(const PackedMatrix& w, const float* dy, std::int64_t m, std::int64_t ldy,
                          float* dx, std::int64_t ldx, std::int64_t firstColumn,
                          std::int64_t lastColumn, Into into) {
  HWY_ALIGN float weights[kPartPanels * kColumns * kBlock];
  HWY_ALIGN float sums[kChunkRows * kColumns * kBlock];
  HWY_ALIGN float lastPanel[kChunkRows * kBlock];
  const std::int64_t wholePanels = w.rows() / kBlock;
  const auto rest = static_cast<std::size_t>(w.rows() % kBlock);
  for (std::int64_t row = 0; row < m; row += kChunkRows) {
    const std::int64_t rows = std::min(kChunkRows, m - row);
    if (rest > 0)
      for (std::int64_t r = 0; r < rows; ++r)
        storeBlock(loadPart(dy + (row + r) * ldy + wholePanels * kBlock, rest),
                   lastPanel + r * kBlock);
    for (std::int64_t column = firstColumn; column < lastColumn; column += kColumns) {
      const int count = static_cast<int>(std::min<std::int64_t>(kColumns, lastColumn - column));
      for (std::int64_t panel = 0; panel < wholePanels; panel += kPartPanels) {
        const std::int64_t panels = std::min(kPartPanels, wholePanels - panel);
        widen<Weight>(w, panel, panels, column, count, weights);
        sumRows({weights, panels, dy + row * ldy + panel * kBlock, ldy, sums, panel > 0}, rows);
      }
      if (rest > 0) {
        widen<Weight>(w, wholePanels, 1, column, count, weights);
        sumRows({weights, 1, lastPanel, kBlock, sums, wholePanels > 0}, rows);
      }
      for (std::int64_t r = 0; r < rows; ++r)
        finishRow(sums + r * kColumns * kBlock, count, into, dx + (row + r) * ldx + column);
    }
  }
}

void multiplyTransposed(const PackedMatrix& w, const float* dy, std::int64_t m, std::int64_t ldy,
                        float* dx, std::int64_t ldx, std::int64_t firstColumn,
                        std::int64_t lastColumn, Into into) {
  switch (w.dtype()) {
  case DType::BF16:
    return multiplyTransposedBy<hwy::bfloat16_t>(w, dy, m, ldy, dx, ldx, firstColumn, lastColumn,
                                                 into);
  case DType::F16:
    return multiplyTransposedBy<hwy::float16_t>(w, dy, m, ldy, dx, ldx, firstColumn, lastColumn,
                                                into);
  default:
    return multiplyTransposedBy<float>(w, dy, m, ldy, dx, ldx, firstColumn, lastColumn, into);
  }
}

} // namespace switchyard::tensor::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace switchyard::tensor {

namespace {
HWY_EXPORT(multiplyTransposed);
} // namespace

void matmulTransposed(const PackedMatrix& w, const float* dy, std::int64_t m, std::int64_t ldy,
                      float* dx, std::int64_t ldx, std::int64_t firstColumn,
                      std::int64_t lastColumn, Into into) {
  assert(firstColumn >= 0 && lastColumn <= w.columns() && w.rows() > 0);
  HWY_DYNAMIC_DISPATCH(multiplyTransposed)
  (w, dy, m, ldy, dx, ldx, firstColumn, lastColumn, into);
}

} // namespace switchyard::tensor
#endif
