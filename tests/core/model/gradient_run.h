#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/model/backward.h"

namespace switchyard::model::test {

inline std::shared_ptr<const Model> loadModel(const std::filesystem::path& folder,
                                              const base::ThreadContext& threads) {
  auto model = Model::load(folder, threads);
  EXPECT_TRUE(model) << model.error().describe();
  return model ? *model : nullptr;
}

inline std::vector<base::TokenId> tokenIds(const std::vector<std::int64_t>& values) {
  std::vector<base::TokenId> ids;
  for (const std::int64_t value : values)
    ids.emplace_back(static_cast<std::int32_t>(value));
  return ids;
}

inline std::size_t offsetCount(const Model& model) {
  return static_cast<std::size_t>(model.config().moeLayers()) *
         static_cast<std::size_t>(model.config().moe.gate.experts);
}

struct GradientRun {
  double loss = 0;
  std::vector<float> gradient;
};

inline GradientRun runGradient(const Model& model, const base::ThreadContext& threads,
                               std::span<const base::TokenId> tokens,
                               std::span<const float> offsets = {},
                               std::span<hooks::Observer* const> observers = {}) {
  GradientWorkspace buffers;
  GradientRun run;
  run.gradient.resize(offsetCount(model));
  const auto loss = routerGradient(model, {.threads = threads, .observers = observers},
                                   {.tokens = tokens, .offsets = offsets}, buffers, run.gradient);
  EXPECT_TRUE(loss) << loss.error().describe();
  run.loss = loss.value_or(0.0);
  return run;
}

} // namespace switchyard::model::test
