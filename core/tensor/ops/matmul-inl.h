// The matmul kernels of one target. Included once per target.
#if defined(SWITCHYARD_TENSOR_MATMUL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SWITCHYARD_TENSOR_MATMUL_INL_H_
#undef SWITCHYARD_TENSOR_MATMUL_INL_H_
#else
#define SWITCHYARD_TENSOR_MATMUL_INL_H_
#endif

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "core/tensor/ops/block-inl.h"
#include "core/tensor/ops/weights-inl.h"
#include "core/tensor/packed_matrix.h"

HWY_BEFORE_NAMESPACE();
namespace switchyard::tensor::HWY_NAMESPACE {

/// One call's part for a tile: `rows` of x and y are the tile's own.
template <typename Weight> struct Tile {
  const Weight* weights;      ///< first panel, at the first column of this part of the chain
  std::int64_t panelElements; ///< from one panel to the next
  const float* x;             ///< first row, at the same column
  std::int64_t columns;       ///< length of this part of the chain
  float* y;                   ///< first row, first column of the first panel
  std::int64_t ldx, ldy;
  std::int64_t outputs; ///< output columns that exist from y on; >= 16 except in the last panel
  bool resume;          ///< y holds the chain so far
};

/// How far ahead of its use a line of weights is asked for, in bytes of one panel: few panels read
/// slowly need the greater distance to keep as many lines on their way.
constexpr std::int64_t prefetchBytes(int rows) {
  return rows <= 2 ? 1024 : 4096;
}

/// kRows x kPanels blocks of y in registers; every step of c is one FMA on each of them.
/// kLdx: the stride of x if known when compiling, else 0.
template <int kRows, int kPanels, int kLdx, typename Weight>
HWY_NOINLINE void runTile(const Tile<Weight>& tile) {
  Block sums[kRows][kPanels];
  const std::int64_t lastOutputs =
      std::min<std::int64_t>(tile.outputs - (kPanels - 1) * kBlock, kBlock);
  const auto outputsOf = [&](int panel) HWY_ATTR {
    return static_cast<std::size_t>(panel == kPanels - 1 ? lastOutputs : kBlock);
  };
  HWY_UNROLL(16)
  for (int r = 0; r < kRows; ++r)
    HWY_UNROLL(16)
  for (int p = 0; p < kPanels; ++p)
    sums[r][p] =
        tile.resume ? loadPart(tile.y + r * tile.ldy + p * kBlock, outputsOf(p)) : zeroBlock();
  const Weight* weights = tile.weights;
  const float* x = tile.x;
  const std::int64_t panelElements = tile.panelElements;
  const std::int64_t ldx = kLdx != 0 ? kLdx : tile.ldx;
  constexpr int kColumnsPerLine = 4 / static_cast<int>(sizeof(Weight));
  static_assert(kColumnsPerLine * kBlock * sizeof(Weight) == 64);
  // Of x and the weights, the fewer stay in registers while the others pass by.
  const auto step = [&]<bool kOdd>(std::int64_t c) HWY_ATTR {
    if constexpr (kPanels <= kRows) {
      Block columns[kPanels];
      HWY_UNROLL(16)
      for (int p = 0; p < kPanels; ++p)
        columns[p] = loadColumn<kOdd>(weights + p * panelElements, c);
      HWY_UNROLL(16)
      for (int r = 0; r < kRows; ++r) {
        const Block value = broadcast(x[r * ldx + c]);
        HWY_UNROLL(16)
        for (int p = 0; p < kPanels; ++p)
          sums[r][p] = fma(value, columns[p], sums[r][p]);
      }
    } else {
      HWY_UNROLL(16)
      for (int p = 0; p < kPanels; ++p) {
        const Block column = loadColumn<kOdd>(weights + p * panelElements, c);
        HWY_UNROLL(16)
        for (int r = 0; r < kRows; ++r)
          sums[r][p] = fma(broadcast(x[r * ldx + c]), column, sums[r][p]);
      }
    }
  };
  std::int64_t c = 0;
  for (; c + kColumnsPerLine <= tile.columns; c += kColumnsPerLine) {
    HWY_UNROLL(16)
    for (int p = 0; p < kPanels; ++p)
      __builtin_prefetch(reinterpret_cast<const char*>(weights + p * panelElements + c * kBlock) +
                         prefetchBytes(kRows));
    step.template operator()<false>(c);
    if constexpr (kColumnsPerLine == 2)
      step.template operator()<true>(c + 1);
  }
  if (c < tile.columns) // of two columns in a line only the first
    step.template operator()<false>(c);
  HWY_UNROLL(16)
  for (int r = 0; r < kRows; ++r)
    HWY_UNROLL(16)
  for (int p = 0; p < kPanels; ++p)
    storePart(sums[r][p], tile.y + r * tile.ldy + p * kBlock, outputsOf(p));
}

/// Most rows in one tile, and from how many on a part of x is copied into kStride rows first: rows
/// a power of two apart would fall into the same cache sets.
constexpr int kTileRows = kScalar ? 2 : kWideRegisters ? 12 : 6;
constexpr int kDirectRows = kScalar ? 2 : kWideRegisters ? 4 : 2;
constexpr std::int64_t kPartColumns = 256;
constexpr int kStride = kPartColumns + kBlock;
/// Rows of kStride floats that fit in the copy.
constexpr std::int64_t kCopyRows = 96;

/// Panels in one tile: as many as the registers hold, the weights that pass by included.
constexpr int panelsFor(int rows) {
  if (kScalar)
    return 1;
  if (kWideRegisters)
    return rows <= 3 ? 8 : rows <= 6 ? 4 : 2;
  return rows == 1 ? 4 : rows == 2 ? 2 : 1;
}

/// Runs tiles of kRows rows over the panels [first, first + count).
template <int kRows, int kPanels, int kLdx, typename Weight>
HWY_INLINE void runPanels(Tile<Weight> tile, std::int64_t count) {
  const auto advance = [&] {
    tile.weights += kPanels * tile.panelElements;
    tile.y += kPanels * kBlock;
    tile.outputs -= kPanels * kBlock;
    count -= kPanels;
  };
  while (count >= kPanels) {
    runTile<kRows, kPanels, kLdx>(tile);
    advance();
  }
  if constexpr (kPanels > 1)
    runPanels<kRows, kPanels / 2, kLdx>(tile, count);
}

template <int kRows, int kLdx, typename Weight>
void runRows(const Tile<Weight>& tile, std::int64_t panels) {
  runPanels<kRows, panelsFor(kRows), kLdx>(tile, panels);
}

template <typename Weight> using RowsFunction = void (*)(const Tile<Weight>&, std::int64_t);

template <int kLdx, typename Weight, int... kIndex>
constexpr std::array<RowsFunction<Weight>, sizeof...(kIndex)>
rowsTable(std::integer_sequence<int, kIndex...>) {
  return {&runRows<kIndex + 1, kLdx, Weight>...};
}

/// y = x W^T where x may be read in place: few rows.
template <typename Weight>
void multiplyDirect(const Tile<Weight>& tile, std::int64_t rows, std::int64_t panels) {
  static constexpr auto kTable =
      rowsTable<0, Weight>(std::make_integer_sequence<int, kDirectRows>());
  kTable[static_cast<std::size_t>(rows - 1)](tile, panels);
}

/// Many rows. x is copied in parts of kPartColumns columns; each group of panels then meets all
/// rows while its weights are in the nearest cache.
template <typename Weight>
void multiplyCopied(const Tile<Weight>& whole, std::int64_t rows, std::int64_t panels) {
  static constexpr auto kTable =
      rowsTable<kStride, Weight>(std::make_integer_sequence<int, kTileRows>());
  HWY_ALIGN float copy[kCopyRows * kStride];
  const std::int64_t bands = (rows + kTileRows - 1) / kTileRows;
  const std::int64_t group = panelsFor(static_cast<int>(rows / bands));
  const std::int64_t parts = std::max<std::int64_t>(1, kCopyRows / rows);
  for (std::int64_t start = 0; start < whole.columns || start == 0; start += parts * kPartColumns) {
    const std::int64_t end = std::min(whole.columns, start + parts * kPartColumns);
    for (std::int64_t c = start; c < end; c += kPartColumns)
      for (std::int64_t r = 0; r < rows; ++r)
        std::memcpy(copy + ((c - start) / kPartColumns * rows + r) * kStride,
                    whole.x + r * whole.ldx + c,
                    static_cast<std::size_t>(std::min(kPartColumns, end - c)) * sizeof(float));
    for (std::int64_t panel = 0; panel < panels; panel += group) {
      for (std::int64_t c = start; c < end; c += kPartColumns) {
        for (std::int64_t band = 0; band < bands; ++band) {
          const std::int64_t firstRow = rows * band / bands;
          Tile<Weight> tile = whole;
          tile.weights += panel * whole.panelElements + c * kBlock;
          tile.x = copy + ((c - start) / kPartColumns * rows + firstRow) * kStride;
          tile.columns = std::min(kPartColumns, end - c);
          tile.y += firstRow * whole.ldy + panel * kBlock;
          tile.outputs -= panel * kBlock;
          tile.resume = c > 0;
          const std::int64_t count = rows * (band + 1) / bands - firstRow;
          kTable[static_cast<std::size_t>(count - 1)](tile, std::min(group, panels - panel));
        }
      }
    }
  }
}

template <typename Weight>
void multiplyTyped(const PackedMatrix& w, const float* x, std::int64_t m, std::int64_t ldx,
                   float* y, std::int64_t ldy, std::int64_t firstPanel, std::int64_t lastPanel) {
  Tile<Weight> tile{.weights = reinterpret_cast<const Weight*>(w.panel(firstPanel)),
                    .panelElements = w.panelElements(),
                    .x = x,
                    .columns = w.columns(),
                    .y = y + firstPanel * kBlock,
                    .ldx = ldx,
                    .ldy = ldy,
                    .outputs = w.rows() - firstPanel * kBlock,
                    .resume = false};
  for (std::int64_t row = 0; row < m;) {
    // Equal chunks: a short last one would leave registers idle.
    const std::int64_t chunks = (m - row + kCopyRows - 1) / kCopyRows;
    const std::int64_t rows = (m - row + chunks - 1) / chunks;
    tile.x = x + row * ldx;
    tile.y = y + row * ldy + firstPanel * kBlock;
    if (rows <= kDirectRows)
      multiplyDirect(tile, rows, lastPanel - firstPanel);
    else
      multiplyCopied(tile, rows, lastPanel - firstPanel);
    row += rows;
  }
}

void multiply(const PackedMatrix& w, const float* x, std::int64_t m, std::int64_t ldx, float* y,
              std::int64_t ldy, std::int64_t firstPanel, std::int64_t lastPanel) {
  switch (w.dtype()) {
  case DType::BF16:
    return multiplyTyped<hwy::bfloat16_t>(w, x, m, ldx, y, ldy, firstPanel, lastPanel);
  case DType::F16:
    return multiplyTyped<hwy::float16_t>(w, x, m, ldx, y, ldy, firstPanel, lastPanel);
  default:
    return multiplyTyped<float>(w, x, m, ldx, y, ldy, firstPanel, lastPanel);
  }
}

const char* targetName() {
  return hwy::TargetName(HWY_TARGET);
}

} // namespace switchyard::tensor::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
