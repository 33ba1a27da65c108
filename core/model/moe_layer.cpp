#include "core/model/moe_layer.h"

#include <algorithm>

#include "core/model/linear.h"
#include "core/model/mlp.h"
#include "core/model/route_rows.h"
#include "core/tensor/ops/vector_ops.h"

namespace switchyard::model {

namespace {

using hooks::Point;

template <typename T> void resize(std::vector<T>& buffer, std::int64_t count) {
  buffer.resize(static_cast<std::size_t>(count));
}

/// Runs every active expert over its rows: work.expertOut [S, hidden] in expert order.
void runExperts(const LayerPass& pass, const MoeWeights& weights, const float* input) {
  Workspace& work = pass.work;
  const ModelConfig& c = pass.config;
  const base::ThreadContext& threads = pass.context.threads;
  const std::int64_t hidden = c.hidden;
  const std::int64_t width = c.moe.width;
  const std::int64_t slots = work.expertBegin.back();
  const auto active = static_cast<std::int64_t>(work.activeExperts.size());
  if (active == 0)
    return;
  resize(work.expertHidden, slots * width);
  resize(work.expertUp, slots * width);
  resize(work.expertOut, slots * hidden);
  const bool gather = pass.rows > 1;
  if (gather) {
    resize(work.gathered, slots * hidden);
    threads.parallelRanges(slots, partsFor(threads, slots * hidden * 4),
                           [&](std::int64_t, std::int64_t begin, std::int64_t end) {
                             for (std::int64_t place = begin; place < end; ++place)
                               std::copy_n(input + work.slotRow[static_cast<std::size_t>(place)] *
                                                       hidden,
                                           hidden, work.gathered.data() + place * hidden);
                           });
  }
  // Few experts (decoding): split each one's panels, so that all threads have work.
  const std::int64_t parts =
      std::max<std::int64_t>(1, partsFor(threads, slots * width * hidden) / active);
  const auto forParts = [&](std::int64_t panels, auto&& body) {
    const std::int64_t split = std::min(parts, panels);
    threads.parallelFor(active * split, [&](std::int64_t task) {
      const auto e =
          static_cast<std::size_t>(work.activeExperts[static_cast<std::size_t>(task / split)]);
      const std::int64_t part = task % split;
      const std::int64_t begin = work.expertBegin[e];
      body(weights.experts[e], begin, work.expertBegin[e + 1] - begin, panels * part / split,
           panels * (part + 1) / split);
    });
  };
  const std::int64_t widthPanels = weights.experts.front().gate.weight.panels();
  forParts(widthPanels, [&](const MlpWeights& expert, std::int64_t begin, std::int64_t count,
                            std::int64_t firstPanel, std::int64_t lastPanel) {
    const float* x = gather ? work.gathered.data() + begin * hidden : input;
    activatePanels(expert, c.moe, c.moe.activation, x, count, hidden,
                   work.expertHidden.data() + begin * width, work.expertUp.data() + begin * width,
                   firstPanel, lastPanel);
  });
  const std::int64_t outPanels = weights.experts.front().down.weight.panels();
  forParts(outPanels, [&](const MlpWeights& expert, std::int64_t begin, std::int64_t count,
                          std::int64_t firstPanel, std::int64_t lastPanel) {
    applyPanels(expert.down, work.expertHidden.data() + begin * width, count, width,
                work.expertOut.data() + begin * hidden, hidden, firstPanel, lastPanel);
  });
}

/// blockOut = weighted sum of the expert outputs; norms of the unweighted outputs where wanted.
void combine(const LayerPass& pass) {
  Workspace& work = pass.work;
  const std::int64_t hidden = pass.config.hidden;
  const std::int64_t k = work.slots;
  const bool norms = hooks::contains(pass.wanted, Point::ExpertNorms);
  resize(work.norms, norms ? pass.rows * k : 0);
  const base::ThreadContext& threads = pass.context.threads;
  threads.parallelRanges(pass.rows, partsFor(threads, pass.rows * k * hidden * 4),
                         [&](std::int64_t, std::int64_t begin, std::int64_t end) {
                           for (std::int64_t row = begin; row < end; ++row) {
                             const std::span<float> out(work.blockOut.data() + row * hidden,
                                                        static_cast<std::size_t>(hidden));
                             std::ranges::fill(out, 0.0f);
                             for (std::int64_t rank = 0; rank < k; ++rank) {
                               const auto slot = static_cast<std::size_t>(row * k + rank);
                               const std::int32_t place = work.slotOf[slot];
                               if (norms)
                                 work.norms[slot] = 0.0f;
                               if (place == hooks::kNoExpert)
                                 continue;
                               const std::span<const float> expert(
                                   work.expertOut.data() + place * hidden,
                                   static_cast<std::size_t>(hidden));
                               tensor::addScaled(out, expert, work.weights[slot]);
                               if (norms)
                                 work.norms[slot] = tensor::l2Norm(expert);
                             }
                           }
                         });
}

void addShared(const LayerPass& pass, const MoeWeights& weights, const float* input) {
  Workspace& work = pass.work;
  const std::int64_t hidden = pass.config.hidden;
  resize(work.sharedOut, pass.rows * hidden);
  denseMlp(pass, weights.shared, input, work.sharedOut.data());
  for (std::int64_t row = 0; row < pass.rows; ++row) {
    const std::span<float> out(work.blockOut.data() + row * hidden,
                               static_cast<std::size_t>(hidden));
    const std::span<const float> shared(work.sharedOut.data() + row * hidden, out.size());
    if (pass.config.moe.shared == SharedKind::SigmoidGated) {
      float logit = 0.0f;
      applyPanels(weights.sharedGate, input + row * hidden, 1, hidden, &logit, 1, 0, 1);
      tensor::addScaled(out, shared, tensor::sigmoid(logit));
    } else {
      tensor::addInPlace(out, shared);
    }
  }
}

base::Result<void> report(const LayerPass& pass, const float* input) {
  const Workspace& work = pass.work;
  const auto cells = static_cast<std::size_t>(pass.rows * pass.config.hidden);
  const hooks::RouterEvent event{.layer = base::LayerId(pass.layer),
                                 .rows = work.rows,
                                 .experts = pass.config.moe.gate.experts,
                                 .k = work.slots,
                                 .input = {input, cells},
                                 .logits = work.routerLogits,
                                 .probs = work.probs,
                                 .biasedScores = work.biased,
                                 .ids = work.ids,
                                 .rawWeights = work.rawWeights,
                                 .weights = work.weights,
                                 .norms = work.norms,
                                 .output = {work.blockOut.data(), cells}};
  for (hooks::Observer* observer : pass.context.observers)
    SY_TRY(observer->onRouter(event));
  return {};
}

} // namespace

void groupByExpert(Workspace& work, std::int64_t rows, int experts, int k) {
  work.expertBegin.assign(static_cast<std::size_t>(experts) + 1, 0);
  for (const std::int32_t id : work.ids)
    if (id != hooks::kNoExpert)
      ++work.expertBegin[static_cast<std::size_t>(id) + 1];
  work.activeExperts.clear();
  for (std::size_t e = 0; e < static_cast<std::size_t>(experts); ++e) {
    if (work.expertBegin[e + 1] > 0)
      work.activeExperts.push_back(static_cast<std::int32_t>(e));
    work.expertBegin[e + 1] += work.expertBegin[e];
  }
  resize(work.slotOf, rows * k);
  resize(work.slotRow, rows * k);
  // expertBegin doubles as the write cursor and is shifted back afterwards.
  for (std::int64_t slot = 0; slot < rows * k; ++slot) {
    const std::int32_t id = work.ids[static_cast<std::size_t>(slot)];
    if (id == hooks::kNoExpert) {
      work.slotOf[static_cast<std::size_t>(slot)] = hooks::kNoExpert;
      continue;
    }
    const std::int32_t place = work.expertBegin[static_cast<std::size_t>(id)]++;
    work.slotOf[static_cast<std::size_t>(slot)] = place;
    work.slotRow[static_cast<std::size_t>(place)] = static_cast<std::int32_t>(slot / k);
  }
  for (std::size_t e = static_cast<std::size_t>(experts); e > 0; --e)
    work.expertBegin[e] = work.expertBegin[e - 1];
  work.expertBegin[0] = 0;
}

base::Result<void> moeLayer(const LayerPass& pass, const MoeWeights& weights, const float* input) {
  SY_TRY(routeRows(pass, weights, input));
  groupByExpert(pass.work, pass.rows, pass.config.moe.gate.experts, pass.work.slots);
  runExperts(pass, weights, input);
  combine(pass);
  if (pass.config.moe.shared != SharedKind::None)
    addShared(pass, weights, input);
  if (pass.wanted != 0)
    return report(pass, input);
  return {};
}

} // namespace switchyard::model
