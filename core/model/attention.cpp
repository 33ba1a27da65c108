#include "core/model/attention.h"

#include <algorithm>

#include "core/model/linear.h"
#include "core/model/rope.h"
#include "core/tensor/ops/vector_ops.h"

namespace switchyard::model {

namespace {

struct RowSpans {
  std::span<const float> cosines;
  std::span<const float> sines;
};

RowSpans anglesOf(const LayerPass& pass, std::int64_t row) {
  const std::size_t pairs = static_cast<std::size_t>(pass.config.rope.rotaryDim / 2);
  const std::size_t at = static_cast<std::size_t>(row) * pairs;
  return {std::span(pass.work.cosines).subspan(at, pairs),
          std::span(pass.work.sines).subspan(at, pairs)};
}

/// Where row `row` of the pass belongs: its segment, and its position in that sequence.
struct Place {
  const Segment* segment;
  std::int64_t position;
};

Place placeOf(const LayerPass& pass, std::int64_t row) {
  for (const Segment& segment : pass.segments) {
    const auto count = static_cast<std::int64_t>(segment.tokens.size());
    if (row < count)
      return {&segment, segment.cache->length() + row};
    row -= count;
  }
  return {nullptr, 0};
}

/// Normalises, clips and rotates one row of q|k|v and stores k and v in the cache.
void finishGqaRow(const LayerPass& pass, const AttentionWeights& weights, std::int64_t row) {
  const ModelConfig& c = pass.config;
  const std::size_t qWidth = static_cast<std::size_t>(c.heads * c.headDim);
  const std::size_t kvWidth = static_cast<std::size_t>(c.kvHeads * c.headDim);
  const std::size_t width = qWidth + 2 * kvWidth;
  const std::span<float> all(pass.work.projected.data() + static_cast<std::size_t>(row) * width,
                             width);
  const std::span<float> q = all.first(qWidth);
  const std::span<float> k = all.subspan(qWidth, kvWidth);
  const std::span<float> v = all.last(kvWidth);
  if (c.qkNorm != QkNorm::None) {
    normHeads(q, weights.qNorm, c.qkNorm, c.normEps);
    normHeads(k, weights.kNorm, c.qkNorm, c.normEps);
  }
  if (c.clipQkv)
    tensor::clampInPlace(all, *c.clipQkv);
  const RowSpans angles = anglesOf(pass, row);
  const std::size_t headDim = static_cast<std::size_t>(c.headDim);
  for (std::size_t at = 0; at < qWidth + kvWidth; at += headDim)
    applyRope(all.subspan(at, headDim), angles.cosines, angles.sines, c.rope.interleaved);
  const Place place = placeOf(pass, row);
  KvCache& cache = *place.segment->cache;
  float* const keys = cache.keys(pass.layer) + place.position * cache.keyStride();
  float* const values = cache.values(pass.layer) + place.position * cache.valueStride();
  for (std::int64_t head = 0; head < c.kvHeads; ++head) {
    const std::size_t at = static_cast<std::size_t>(head) * headDim;
    std::ranges::copy(k.subspan(at, headDim), keys + head * cache.capacity() * cache.keyStride());
    std::ranges::copy(v.subspan(at, headDim),
                      values + head * cache.capacity() * cache.valueStride());
  }
}

/// Rotates one row's queries and shared key, expands keys and values per head into the cache.
/// expanded: this row of kv_b's output, per head nope key | value.
void finishMlaRow(const LayerPass& pass, std::int64_t row, std::span<float> q,
                  std::span<float> sharedKey, std::span<const float> expanded) {
  const ModelConfig& c = pass.config;
  const auto nope = static_cast<std::size_t>(c.mla.nopeDim);
  const auto rope = static_cast<std::size_t>(c.mla.ropeDim);
  const auto value = static_cast<std::size_t>(c.mla.valueDim);
  const RowSpans angles = anglesOf(pass, row);
  applyRope(sharedKey, angles.cosines, angles.sines, c.rope.interleaved);
  const Place place = placeOf(pass, row);
  KvCache& cache = *place.segment->cache;
  float* keys = cache.keys(pass.layer) + place.position * cache.keyStride();
  float* values = cache.values(pass.layer) + place.position * cache.valueStride();
  for (std::size_t head = 0; head < static_cast<std::size_t>(c.heads); ++head) {
    applyRope(q.subspan(head * (nope + rope) + nope, rope), angles.cosines, angles.sines,
              c.rope.interleaved);
    const std::span<const float> source = expanded.subspan(head * (nope + value), nope + value);
    std::copy_n(source.data(), nope, keys);
    std::copy_n(sharedKey.data(), rope, keys + nope);
    std::copy_n(source.data() + nope, value, values);
    keys += cache.capacity() * cache.keyStride();
    values += cache.capacity() * cache.valueStride();
  }
}

void projectGqa(const LayerPass& pass, const AttentionWeights& weights, const float* input) {
  const base::ThreadContext& threads = pass.context.threads;
  const std::int64_t width = weights.input.weight.rows();
  pass.work.projected.resize(static_cast<std::size_t>(pass.rows * width));
  apply(threads, weights.input, input, pass.rows, pass.config.hidden, pass.work.projected.data(),
        width);
  if (pass.rawProjection)
    *pass.rawProjection = pass.work.projected;
  threads.parallelRanges(pass.rows, partsFor(threads, pass.rows * width * 64),
                         [&](std::int64_t, std::int64_t begin, std::int64_t end) {
                           for (std::int64_t row = begin; row < end; ++row)
                             finishGqaRow(pass, weights, row);
                         });
}

void projectMla(const LayerPass& pass, const AttentionWeights& weights, const float* input) {
  const ModelConfig& c = pass.config;
  const base::ThreadContext& threads = pass.context.threads;
  Workspace& work = pass.work;
  const std::int64_t width = weights.input.weight.rows();
  const std::int64_t kvLatent = c.mla.kvLoraRank;
  const std::int64_t kvOffset = width - kvLatent - c.mla.ropeDim; // q or q_a comes first
  const std::int64_t qWidth = static_cast<std::int64_t>(c.heads) * c.headDim;
  work.projected.resize(static_cast<std::size_t>(pass.rows * width));
  apply(threads, weights.input, input, pass.rows, c.hidden, work.projected.data(), width);
  if (pass.rawProjection)
    *pass.rawProjection = work.projected;
  const auto rowOf = [&](std::int64_t row) { return work.projected.data() + row * width; };

  for (std::int64_t row = 0; row < pass.rows; ++row) {
    const std::span<float> kv(rowOf(row) + kvOffset, static_cast<std::size_t>(kvLatent));
    tensor::rmsNorm(kv, weights.kvLatentNorm, kLatentNormEps, kv);
    if (c.mla.qLoraRank > 0) {
      const std::span<float> q(rowOf(row), static_cast<std::size_t>(kvOffset));
      tensor::rmsNorm(q, weights.qLatentNorm, kLatentNormEps, q);
    }
  }
  work.queries.resize(static_cast<std::size_t>(pass.rows * qWidth));
  if (c.mla.qLoraRank > 0)
    apply(threads, weights.qUp, work.projected.data(), pass.rows, width, work.queries.data(),
          qWidth);
  else
    for (std::int64_t row = 0; row < pass.rows; ++row)
      std::copy_n(rowOf(row), qWidth, work.queries.data() + row * qWidth);
  const std::int64_t expandedWidth = weights.kvUp.weight.rows();
  work.latent.resize(static_cast<std::size_t>(pass.rows * expandedWidth));
  apply(threads, weights.kvUp, work.projected.data() + kvOffset, pass.rows, width,
        work.latent.data(), expandedWidth);

  for (std::int64_t row = 0; row < pass.rows; ++row)
    finishMlaRow(
        pass, row, {work.queries.data() + row * qWidth, static_cast<std::size_t>(qWidth)},
        {rowOf(row) + kvOffset + kvLatent, static_cast<std::size_t>(c.mla.ropeDim)},
        {work.latent.data() + row * expandedWidth, static_cast<std::size_t>(expandedWidth)});
}

/// Heads of a group that go over their keys and values together: two, where they are even.
constexpr std::int64_t kHeadsTogether = 2;

/// Softmax attention of every (row, head) over the cache, into work.attended.
void attend(const LayerPass& pass, const AttentionWeights& weights, const float* queries,
            std::int64_t queryStride) {
  const ModelConfig& c = pass.config;
  Workspace& work = pass.work;
  const bool mla = c.attention == AttentionKind::Mla;
  const std::int64_t valueDim = mla ? c.mla.valueDim : c.headDim;
  const std::int64_t outWidth = c.heads * valueDim;
  const std::int64_t groups = c.heads / c.kvHeads;
  const int window = c.window[static_cast<std::size_t>(pass.layer)];
  std::int64_t longest = 0;
  std::int64_t capacity = 0; // so that the scratch does not grow token by token
  for (const Segment& segment : pass.segments) {
    longest = std::max(longest,
                       segment.cache->length() + static_cast<std::int64_t>(segment.tokens.size()));
    capacity = std::max(capacity, segment.cache->capacity());
  }
  work.attended.resize(static_cast<std::size_t>(pass.rows * outWidth));

  const base::ThreadContext& threads = pass.context.threads;
  const std::int64_t together = groups % kHeadsTogether == 0 ? kHeadsTogether : 1;
  const std::int64_t tasks = pass.rows * (c.heads / together);
  const std::int64_t parts =
      std::min(tasks, partsFor(threads, pass.rows * c.heads * longest * c.headDim * 4));
  work.scores.resize(static_cast<std::size_t>(parts * together * capacity));
  threads.parallelRanges(
      tasks, parts, [&](std::int64_t part, std::int64_t begin, std::int64_t end) {
        const std::span<float> scratch(work.scores.data() + part * together * capacity,
                                       static_cast<std::size_t>(together * longest));
        for (std::int64_t task = begin; task < end; ++task) {
          // All rows of one group after the other, while its keys and values are in the cache.
          const std::int64_t head = task / pass.rows * together;
          const std::int64_t row = task % pass.rows;
          const Place place = placeOf(pass, row);
          KvCache& cache = *place.segment->cache;
          const std::int64_t first =
              window > 0 ? std::max<std::int64_t>(0, place.position + 1 - window) : 0;
          const std::int64_t count = place.position + 1 - first;
          const std::int64_t kvHead = head / groups;
          tensor::attendHeads(
              static_cast<int>(together),
              {queries + row * queryStride + head * c.headDim,
               static_cast<std::size_t>(together * c.headDim)},
              cache.keys(pass.layer) + (kvHead * cache.capacity() + first) * cache.keyStride(),
              cache.keyStride(),
              cache.values(pass.layer) + (kvHead * cache.capacity() + first) * cache.valueStride(),
              cache.valueStride(), count, c.attentionScale,
              c.sinks ? &weights.sinks[static_cast<std::size_t>(head)] : nullptr,
              scratch.first(static_cast<std::size_t>(together * count)),
              {work.attended.data() + row * outWidth + head * valueDim,
               static_cast<std::size_t>(together * valueDim)});
        }
      });
}

} // namespace

void normHeads(std::span<float> row, std::span<const float> weight, QkNorm kind, float eps) {
  if (kind == QkNorm::Full)
    return tensor::rmsNorm(row, weight, eps, row);
  for (std::size_t at = 0; at < row.size(); at += weight.size()) {
    const std::span<float> head = row.subspan(at, weight.size());
    tensor::rmsNorm(head, weight, eps, head);
  }
}

void projectAttention(const LayerPass& pass, const AttentionWeights& weights, const float* input) {
  if (pass.config.attention == AttentionKind::Mla)
    projectMla(pass, weights, input);
  else
    projectGqa(pass, weights, input);
}

void attention(const LayerPass& pass, const AttentionWeights& weights, const float* input) {
  Workspace& work = pass.work;
  projectAttention(pass, weights, input);
  if (pass.config.attention == AttentionKind::Mla)
    attend(pass, weights, work.queries.data(),
           static_cast<std::int64_t>(pass.config.heads) * pass.config.headDim);
  else
    attend(pass, weights, work.projected.data(), weights.input.weight.rows());
  apply(pass.context.threads, weights.output, work.attended.data(), pass.rows,
        weights.output.weight.columns(), work.blockOut.data(), pass.config.hidden);
}

} // namespace switchyard::model
