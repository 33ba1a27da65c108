#include <algorithm>

#include "core/model/backward_gate.h"
#include "core/model/backward_pass.h"
#include "core/model/linear.h"
#include "core/model/moe_layer.h"
#include "core/model/route_rows.h"
#include "core/tensor/ops/vector_ops.h"

namespace switchyard::model {

namespace {

/// Cuts each active expert's rows into blocks.
void planBlocks(const BackwardPass& back) {
  const Workspace& work = back.pass.work;
  const auto rows =
      static_cast<std::int32_t>(rowsPerBlock(back.pass.context.threads, work.expertBegin.back()));
  back.buffers.blocks.clear();
  for (const std::int32_t expert : work.activeExperts) {
    const std::int32_t end = work.expertBegin[static_cast<std::size_t>(expert) + 1];
    for (std::int32_t begin = work.expertBegin[static_cast<std::size_t>(expert)]; begin < end;
         begin += rows)
      back.buffers.blocks.push_back({expert, begin, std::min(rows, end - begin)});
  }
}

/// Every active expert: buffers.expertIn [S, hidden] and buffers.slotWeights [S], expert order.
void expertGradients(const BackwardPass& back, const MoeWeights& weights, const float* x,
                     const float* d) {
  const LayerPass& pass = back.pass;
  const Workspace& work = pass.work;
  GradientWorkspace& buffers = back.buffers;
  const std::int64_t hidden = pass.config.hidden;
  const std::int64_t width = pass.config.moe.width;
  const std::int64_t slots = work.expertBegin.back();
  planBlocks(back);
  resizeTo(buffers.expertIn, slots * hidden);
  resizeTo(buffers.slotWeights, slots);
  const auto blocks = static_cast<std::int64_t>(buffers.blocks.size());
  const base::ThreadContext& threads = pass.context.threads;
  const std::int64_t parts = std::min(blocks, partsFor(threads, slots * width * hidden * 6));
  const std::int64_t rows = rowsPerBlock(threads, slots);
  const std::int64_t partSize = rows * (2 * hidden + 3 * width + 1);
  resizeTo(buffers.scratch, parts * partSize);
  threads.parallelRanges(
      blocks, parts, [&](std::int64_t part, std::int64_t begin, std::int64_t end) {
        float* const gatheredX = buffers.scratch.data() + part * partSize;
        float* const gatheredD = gatheredX + rows * hidden;
        float* const scales = gatheredD + rows * hidden;
        for (std::int64_t at = begin; at < end; ++at) {
          const ExpertBlock& block = buffers.blocks[static_cast<std::size_t>(at)];
          for (std::int32_t i = 0; i < block.count; ++i) {
            const std::int64_t row = work.slotRow[static_cast<std::size_t>(block.begin + i)];
            std::copy_n(x + row * hidden, hidden, gatheredX + i * hidden);
            std::copy_n(d + row * hidden, hidden, gatheredD + i * hidden);
            for (std::int64_t rank = 0; rank < work.slots; ++rank)
              if (const auto slot = static_cast<std::size_t>(row * work.slots + rank);
                  work.slotOf[slot] == block.begin + i)
                scales[i] = work.weights[slot];
          }
          mlpGradient(weights.experts[static_cast<std::size_t>(block.expert)], pass.config.moe,
                      pass.config.moe.activation,
                      {gatheredX, gatheredD, scales, block.count,
                       buffers.expertIn.data() + block.begin * hidden,
                       buffers.slotWeights.data() + block.begin},
                      scales + rows);
        }
      });
}

/// The shared experts' part of dx.
void sharedGradient(const BackwardPass& back, const MoeWeights& weights, const float* x,
                    const float* d, float* dx) {
  const LayerPass& pass = back.pass;
  GradientWorkspace& buffers = back.buffers;
  const std::int64_t hidden = pass.config.hidden;
  if (pass.config.moe.shared == SharedKind::None) {
    std::fill_n(dx, pass.rows * hidden, 0.0f);
    return;
  }
  if (pass.config.moe.shared == SharedKind::Plain)
    return denseMlpGradient(back, weights.shared, {x, d, nullptr, pass.rows, dx, nullptr});
  resizeTo(buffers.sharedScales, pass.rows);
  resizeTo(buffers.sharedLogits, pass.rows);
  applyPanels(weights.sharedGate, x, pass.rows, hidden, buffers.sharedScales.data(), 1, 0, 1);
  std::ranges::transform(buffers.sharedScales, buffers.sharedScales.begin(), tensor::sigmoid);
  denseMlpGradient(back, weights.shared,
                   {x, d, buffers.sharedScales.data(), pass.rows, dx, buffers.sharedLogits.data()});
  for (std::size_t row = 0; row < buffers.sharedScales.size(); ++row)
    buffers.sharedLogits[row] *= buffers.sharedScales[row] * (1.0f - buffers.sharedScales[row]);
  applyTransposed(pass.context.threads, weights.sharedGate.weight, buffers.sharedLogits.data(),
                  pass.rows, 1, dx, hidden, tensor::Into::Add);
}

/// dx += the selected experts' parts, in rank order.
void addExpertInputs(const BackwardPass& back, float* dx) {
  const Workspace& work = back.pass.work;
  const std::int64_t hidden = back.pass.config.hidden;
  const std::int64_t k = work.slots;
  const base::ThreadContext& threads = back.pass.context.threads;
  threads.parallelRanges(
      back.pass.rows, partsFor(threads, back.pass.rows * k * hidden * 4),
      [&](std::int64_t, std::int64_t begin, std::int64_t end) {
        for (std::int64_t slot = begin * k; slot < end * k; ++slot)
          if (const std::int32_t place = work.slotOf[static_cast<std::size_t>(slot)];
              place != hooks::kNoExpert)
            tensor::addInPlace(
                {dx + slot / k * hidden, static_cast<std::size_t>(hidden)},
                {back.buffers.expertIn.data() + place * hidden, static_cast<std::size_t>(hidden)});
      });
}

/// buffers.routerLogits [T, E] from buffers.slotWeights.
void gateGradients(const BackwardPass& back) {
  const LayerPass& pass = back.pass;
  const Workspace& work = pass.work;
  GradientWorkspace& buffers = back.buffers;
  const auto experts = static_cast<std::size_t>(pass.config.moe.gate.experts);
  const auto slots = static_cast<std::size_t>(work.slots);
  // What the gate ran on in the end: with offsets and edits, if there were some.
  const SegmentRouting& routing = pass.segments.front().routing;
  const bool edited = !routing.offsets.empty() || routing.policy != nullptr;
  const std::span<const float> logits = edited ? work.draft.logits : work.routerLogits;
  buffers.routerLogits.resize(logits.size());
  const base::ThreadContext& threads = pass.context.threads;
  const std::int64_t parts = partsFor(threads, pass.rows * static_cast<std::int64_t>(experts) * 64);
  const std::int64_t partSize = work.slots;
  resizeTo(buffers.scratch, std::max<std::int64_t>(1, parts) * partSize);
  threads.parallelRanges(
      pass.rows, parts, [&](std::int64_t part, std::int64_t begin, std::int64_t end) {
        const std::span<float> byRank(buffers.scratch.data() + part * partSize, slots);
        for (auto row = static_cast<std::size_t>(begin); row < static_cast<std::size_t>(end);
             ++row) {
          for (std::size_t rank = 0; rank < slots; ++rank) {
            const std::int32_t place = work.slotOf[row * slots + rank];
            byRank[rank] = place == hooks::kNoExpert
                               ? 0.0f
                               : buffers.slotWeights[static_cast<std::size_t>(place)];
          }
          gateGradient(pass.config.moe.gate, logits.subspan(row * experts, experts),
                       std::span(work.ids).subspan(row * slots, slots), byRank,
                       std::span(buffers.routerLogits).subspan(row * experts, experts));
        }
      });
}

} // namespace

base::Result<void> moeGradient(const BackwardPass& back, const MoeWeights& weights, const float* x,
                               const float* d, float* dx, std::span<float> offsetGradient) {
  const LayerPass& pass = back.pass;
  SY_TRY(routeRows(pass, weights, x));
  groupByExpert(pass.work, pass.rows, pass.config.moe.gate.experts, pass.work.slots);
  sharedGradient(back, weights, x, d, dx);
  expertGradients(back, weights, x, d);
  addExpertInputs(back, dx);
  gateGradients(back);
  const std::size_t experts = offsetGradient.size();
  for (std::size_t e = 0; e < experts; ++e) {
    double sum = 0.0;
    for (std::size_t at = e; at < back.buffers.routerLogits.size(); at += experts)
      sum += back.buffers.routerLogits[at];
    offsetGradient[e] = static_cast<float>(sum);
  }
  applyTransposed(pass.context.threads, weights.router.weight, back.buffers.routerLogits.data(),
                  pass.rows, pass.config.moe.gate.experts, dx, pass.config.hidden,
                  tensor::Into::Add);
  return {};
}

} // namespace switchyard::model
