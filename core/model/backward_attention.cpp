#include <algorithm>
#include <span>

#include "core/model/attention.h"
#include "core/model/backward_pass.h"
#include "core/model/linear.h"
#include "core/tensor/ops/gradient_ops.h"
#include "core/tensor/ops/vector_ops.h"

namespace switchyard::model {

namespace {

/// Query rows whose probabilities are held together while their keys and values collect gradients.
constexpr std::int64_t kQueryRows = 16;

/// Rows of one head, `stride` apart.
struct Rows {
  const float* data;
  std::int64_t stride;
  std::size_t width;

  const float* at(std::int64_t row) const { return data + row * stride; }
  std::span<const float> row(std::int64_t index) const { return {at(index), width}; }
};

struct GradientRows {
  float* data;
  std::int64_t stride;
  std::size_t width;

  std::span<float> row(std::int64_t index) const { return {data + index * stride, width}; }
};

/// One query head of the layer.
struct Head {
  Rows queries, keys, values, d; ///< d: gradient of the head's output
  GradientRows dQueries, dKeys, dValues;
  std::int64_t rows;
  std::int64_t window; ///< 0: full attention
  float scale;
  const float* sink;

  std::int64_t firstKey(std::int64_t row) const {
    return window > 0 ? std::max<std::int64_t>(0, row + 1 - window) : 0;
  }
};

std::int64_t scratchSize(std::int64_t rows) {
  return 2 * kQueryRows * rows + rows + 1;
}

/// Probabilities and score gradients of one query over its keys [first, row], and the query's
/// gradient. probabilities, dScores: [row + 1 - first]; scores: scratch, one more.
void queryGradient(const Head& head, std::int64_t row, std::span<float> scores,
                   std::span<float> probabilities, std::span<float> dScores) {
  const std::int64_t first = head.firstKey(row);
  const std::size_t count = probabilities.size();
  const std::span<float> s = scores.first(count + (head.sink ? 1 : 0));
  tensor::dotRows(head.queries.row(row), head.keys.at(first), head.keys.stride, head.scale,
                  s.first(count));
  if (head.sink) // takes its share of the probability and passes nothing back
    s.back() = *head.sink;
  tensor::softmaxInPlace(s);
  std::ranges::copy(s.first(count), probabilities.begin());
  tensor::dotRows(head.d.row(row), head.values.at(first), head.values.stride, 1.0f, dScores);
  const float mean = tensor::dot(probabilities, dScores);
  for (std::size_t j = 0; j < count; ++j)
    dScores[j] = probabilities[j] * (dScores[j] - mean) * head.scale;
  const std::span<float> dQuery = head.dQueries.row(row);
  std::ranges::fill(dQuery, 0.0f);
  tensor::addWeightedRows(dScores.data(), 1, head.keys.at(first), head.keys.stride,
                          static_cast<std::int64_t>(count), dQuery);
}

void headGradients(const Head& head, std::span<float> scratch) {
  for (std::int64_t row = 0; row < head.rows; ++row) {
    std::ranges::fill(head.dKeys.row(row), 0.0f);
    std::ranges::fill(head.dValues.row(row), 0.0f);
  }
  const std::int64_t ld = head.rows;
  float* const probabilities = scratch.data();
  float* const dScores = probabilities + kQueryRows * ld;
  const std::span<float> scores = scratch.last(static_cast<std::size_t>(ld + 1));
  for (std::int64_t begin = 0; begin < head.rows; begin += kQueryRows) {
    const std::int64_t count = std::min(kQueryRows, head.rows - begin);
    const std::int64_t firstKey = head.firstKey(begin);
    const std::int64_t keys = begin + count - firstKey;
    for (std::int64_t i = 0; i < count; ++i) {
      // Zero where this query does not look, so that all keys meet all queries of the block.
      float* const p = probabilities + i * ld;
      float* const d = dScores + i * ld;
      std::fill_n(p, keys, 0.0f);
      std::fill_n(d, keys, 0.0f);
      const std::int64_t row = begin + i;
      const std::int64_t skipped = head.firstKey(row) - firstKey;
      const auto seen = static_cast<std::size_t>(row + 1 - head.firstKey(row));
      queryGradient(head, row, scores, {p + skipped, seen}, {d + skipped, seen});
    }
    for (std::int64_t key = 0; key < keys; ++key) {
      tensor::addWeightedRows(dScores + key, ld, head.queries.at(begin), head.queries.stride, count,
                              head.dKeys.row(firstKey + key));
      tensor::addWeightedRows(probabilities + key, ld, head.d.at(begin), head.d.stride, count,
                              head.dValues.row(firstKey + key));
    }
  }
}

} // namespace

void attendGradient(const BackwardPass& back, const AttentionWeights& weights) {
  const LayerPass& pass = back.pass;
  const ModelConfig& c = pass.config;
  Workspace& work = pass.work;
  GradientWorkspace& buffers = back.buffers;
  const bool mla = c.attention == AttentionKind::Mla;
  const std::int64_t headDim = c.headDim;
  const std::int64_t valueDim = mla ? c.mla.valueDim : headDim;
  const auto keyWidth = static_cast<std::size_t>(headDim);
  const auto valueWidth = static_cast<std::size_t>(valueDim);
  const std::int64_t queryWidth = c.heads * headDim;
  const std::int64_t outWidth = c.heads * valueDim;
  const float* const queries = mla ? work.queries.data() : work.projected.data();
  const std::int64_t queryStride = mla ? queryWidth : weights.input.weight.rows();
  KvCache& cache = *pass.segments.front().cache;
  const float* const keys = cache.keys(pass.layer);
  const float* const values = cache.values(pass.layer);
  resizeTo(buffers.queries, pass.rows * queryWidth);
  resizeTo(buffers.keys, pass.rows * queryWidth);
  resizeTo(buffers.values, pass.rows * outWidth);
  const base::ThreadContext& threads = pass.context.threads;
  const std::int64_t parts = std::min<std::int64_t>(
      c.heads, partsFor(threads, c.heads * pass.rows * pass.rows * headDim * 3));
  resizeTo(buffers.scratch, parts * scratchSize(pass.rows));
  threads.parallelRanges(
      c.heads, parts, [&](std::int64_t part, std::int64_t begin, std::int64_t end) {
        for (std::int64_t h = begin; h < end; ++h) {
          const std::int64_t kvHead = h / (c.heads / c.kvHeads);
          const Head head{.queries = {queries + h * headDim, queryStride, keyWidth},
                          .keys = {keys + kvHead * cache.capacity() * cache.keyStride(),
                                   cache.keyStride(), keyWidth},
                          .values = {values + kvHead * cache.capacity() * cache.valueStride(),
                                     cache.valueStride(), valueWidth},
                          .d = {buffers.attended.data() + h * valueDim, outWidth, valueWidth},
                          .dQueries = {buffers.queries.data() + h * headDim, queryWidth, keyWidth},
                          .dKeys = {buffers.keys.data() + h * headDim, queryWidth, keyWidth},
                          .dValues = {buffers.values.data() + h * valueDim, outWidth, valueWidth},
                          .rows = pass.rows,
                          .window = c.window[static_cast<std::size_t>(pass.layer)],
                          .scale = c.attentionScale,
                          .sink = c.sinks ? &weights.sinks[static_cast<std::size_t>(h)] : nullptr};
          headGradients(head, {buffers.scratch.data() + part * scratchSize(pass.rows),
                               static_cast<std::size_t>(scratchSize(pass.rows))});
        }
      });
}

void attentionGradient(const BackwardPass& back, const AttentionWeights& weights, const float* x,
                       const float* d, float* dx) {
  const LayerPass& pass = back.pass;
  const base::ThreadContext& threads = pass.context.threads;
  GradientWorkspace& buffers = back.buffers;
  const std::int64_t outWidth = weights.output.weight.columns();
  const std::int64_t width = weights.input.weight.rows();
  projectAttention(pass, weights, x);
  resizeTo(buffers.attended, pass.rows * outWidth);
  applyTransposed(threads, weights.output.weight, d, pass.rows, pass.config.hidden,
                  buffers.attended.data(), outWidth, tensor::Into::Replace);
  attendGradient(back, weights);
  resizeTo(buffers.projection, pass.rows * width);
  if (pass.config.attention == AttentionKind::Mla)
    mlaProjectionGradient(back, weights);
  else
    gqaProjectionGradient(back, weights);
  applyTransposed(threads, weights.input.weight, buffers.projection.data(), pass.rows, width, dx,
                  pass.config.hidden, tensor::Into::Replace);
}

} // namespace switchyard::model
