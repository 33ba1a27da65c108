#include "core/model/loader.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>

#include <fmt/format.h>

#include "core/checkpoint/dequantize.h"
#include "core/model/load_plan.h"
#include "core/model/model.h"
#include "core/model/plan_weights.h"

namespace switchyard::model {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

Result<void> fillMatrix(const MatrixTask& task) {
  std::int64_t rows = 0;
  for (const MatrixPiece& piece : task.pieces)
    rows += piece.rows;
  const tensor::DType dtype = commonDType(task.pieces);
  *task.target = SY_TRY(tensor::PackedMatrix::create(rows, task.columns, dtype));
  std::vector<std::byte> stored;
  std::vector<std::byte> wide;
  std::int64_t row = 0;
  for (const MatrixPiece& piece : task.pieces) {
    SY_TRY(piece.read(stored));
    if (piece.dtype != dtype) {
      const auto count = static_cast<std::size_t>(piece.rows * task.columns);
      wide.resize(count * sizeof(float));
      SY_TRY(
          checkpoint::toF32(piece.dtype, stored, {reinterpret_cast<float*>(wide.data()), count}));
      stored.swap(wide);
    }
    task.target->pack(row, stored);
    row += piece.rows;
  }
  if (task.checkFinite) {
    std::vector<float> values(static_cast<std::size_t>(task.columns));
    for (std::int64_t r = 0; r < rows; ++r) {
      task.target->unpackRow(r, values);
      for (const float value : values)
        if (!std::isfinite(value))
          return fail(ErrorCode::NonFinite,
                      fmt::format("row {} holds NaN or infinity; no routing can be computed", r),
                      {.tensor = task.name});
    }
  }
  return {};
}

Result<void> fillVector(const checkpoint::Checkpoint& source, const VectorTask& task) {
  std::int64_t all = 1;
  for (const std::int64_t dim : task.info->shape)
    all *= dim;
  const auto size = static_cast<std::size_t>(tensor::bitsOf(task.info->dtype)) / 8;
  std::vector<std::byte> stored(static_cast<std::size_t>(all) * size);
  SY_TRY(source.read(*task.info, 0, stored));
  std::vector<float> values(static_cast<std::size_t>(all));
  SY_TRY(checkpoint::toF32(task.info->dtype, stored, values));
  if (task.checkFinite && !std::ranges::all_of(values, [](float v) { return std::isfinite(v); }))
    return fail(ErrorCode::NonFinite, "holds NaN or infinity; no routing can be computed",
                {.tensor = task.info->name});
  if (!task.append)
    task.target->clear();
  for (std::int64_t i = 0; i < task.count; ++i)
    task.target->push_back(values[static_cast<std::size_t>(task.offset + i * task.stride)]);
  return {};
}

Result<void> fillMatrices(const LoadPlan& plan, const base::ThreadContext& threads,
                          const base::RunControl& control) {
  const auto total = static_cast<std::int64_t>(plan.matrices().size());
  std::mutex mutex;
  base::Error error;
  std::atomic<bool> failed = false;
  // In batches, so that progress is reported from this thread.
  const std::int64_t batch = 16 * threads.threads();
  for (std::int64_t first = 0; first < total && !failed; first += batch) {
    SY_TRY(control.check());
    threads.parallelFor(std::min(batch, total - first), [&](std::int64_t i) {
      if (failed)
        return;
      auto filled = fillMatrix(plan.matrices()[static_cast<std::size_t>(first + i)]);
      if (filled)
        return;
      const std::lock_guard lock(mutex);
      if (!failed.exchange(true))
        error = std::move(filled).error();
    });
    control.report(std::min(total, first + batch), total, "tensors");
  }
  if (failed)
    return tl::unexpected<base::Error>(std::move(error));
  return {};
}

} // namespace

Result<LoadPlanFacts> inspectWeights(const checkpoint::Checkpoint& checkpoint,
                                     const ModelConfig& config) {
  LoadPlan plan(checkpoint, config);
  ModelWeights unused;
  SY_TRY(planWeights(plan, config, unused));
  const auto& moe = config.moe;
  const auto perExpert =
      static_cast<std::uint64_t>(3 * static_cast<std::int64_t>(moe.width) * config.hidden) +
      (moe.expertBias ? static_cast<std::uint64_t>(2 * moe.width + config.hidden) : 0);
  const auto idle = static_cast<std::uint64_t>(moe.gate.experts - moe.gate.k) *
                    static_cast<std::uint64_t>(config.moeLayers()) * perExpert;
  return LoadPlanFacts{plan.parameters(), plan.parameters() - idle, plan.weightBytes()};
}

Result<ModelWeights> loadWeights(const std::filesystem::path& folder, const ModelConfig& config,
                                 const base::ThreadContext& threads, const LoadOptions& options,
                                 const base::RunControl& control) {
  const checkpoint::Checkpoint checkpoint = SY_TRY(checkpoint::Checkpoint::open(folder));
  LoadPlan plan(checkpoint, config);
  ModelWeights weights;
  SY_TRY(planWeights(plan, config, weights));
  if (options.maxMemory && plan.weightBytes() > *options.maxMemory)
    return fail(ErrorCode::LimitExceeded,
                fmt::format("the weights take {} MiB in memory, but only {} MiB are allowed; raise "
                            "the memory limit",
                            plan.weightBytes() >> 20, *options.maxMemory >> 20),
                {.file = folder.string()});
  for (const VectorTask& task : plan.vectors())
    SY_TRY(fillVector(checkpoint, task));
  SY_TRY(fillMatrices(plan, threads, control));
  return weights;
}

} // namespace switchyard::model
