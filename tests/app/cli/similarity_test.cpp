// `switchyard similarity` as a user runs it.

#include <cmath>

#include <gtest/gtest.h>

#include "tests/app/cli/cli_runner.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace switchyard::tests {
namespace {

TEST(Similarity, RouterRowsEqualANaiveCosine) {
  const TempFolder folder;
  const std::string model = kGolden + "/models/qwen3_moe";
  ASSERT_EQ(cli({"similarity", model, "--out", folder / "out", "-q"}).exitCode, 0);
  const Reference weights(model + "/model.safetensors");
  const std::vector<float> rows = weights.floats("model.layers.1.mlp.gate.weight");
  const auto hidden = static_cast<std::size_t>(weights.shape("model.layers.1.mlp.gate.weight")[1]);
  const std::size_t experts = rows.size() / hidden;
  const auto analysis = nlohmann::json::parse(slurp(folder / "out" / "analysis.json"));
  bool found = false;
  for (const auto& figure : analysis["results"]["similarity"]["figures"]) {
    if (figure["name"] != "router_layer_1")
      continue;
    found = true;
    std::size_t at = 0;
    for (std::size_t i = 0; i < experts; ++i)
      for (std::size_t j = 0; j < experts; ++j, ++at) {
        if (i == j)
          continue;
        double dot = 0;
        double a = 0;
        double b = 0;
        for (std::size_t c = 0; c < hidden; ++c) {
          dot += static_cast<double>(rows[i * hidden + c]) * rows[j * hidden + c];
          a += static_cast<double>(rows[i * hidden + c]) * rows[i * hidden + c];
          b += static_cast<double>(rows[j * hidden + c]) * rows[j * hidden + c];
        }
        const nlohmann::json& value =
            figure["values"][0].is_array() ? figure["values"][i][j] : figure["values"][at];
        EXPECT_NEAR(value.get<double>(), dot / std::sqrt(a * b), 1e-6);
      }
  }
  EXPECT_TRUE(found);
  EXPECT_EQ(cli({"similarity", model, "--layers", "9"}).exitCode, 2);
}

} // namespace
} // namespace switchyard::tests
