#include <cmath>
#include <map>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/file.h"
#include "core/plugin/adapters.h"
#include "core/plugin/conformance.h"
#include "tests/plugin/support.h"

namespace switchyard::plugin {
namespace {

using ::testing::HasSubstr;

TEST(SampleSimulator, PricesWhatTheLastStepDidNotUse) {
  const OptionValues options = {{"overlap", OptionType::Number, false, true, {0.25}}};
  auto simulator = makeSimulator(testing::builtIn("sample_simulator"), options, {}).value();
  const std::vector<trace::LayerInfo> layers = {{3, 4, 2}};
  trace::MachineDescription machine;
  machine.expertBytes = 100;
  EXPECT_THAT(simulator->begin(layers, machine).error().message, HasSubstr("load_bandwidth"));

  simulator = makeSimulator(testing::builtIn("sample_simulator"), options, {}).value();
  machine.loadBandwidth = 50;
  machine.loadLatency = 1;
  ASSERT_TRUE(simulator->begin(layers, machine));
  trace::SequenceInfo sequence;
  sequence.tokens = {1, 2, 3};
  const std::vector<std::vector<std::uint16_t>> steps = {{0, 1}, {1, 2}, {3, trace::kNoExpert}};
  for (std::size_t t = 0; t < steps.size(); ++t) {
    trace::RoutingBlock block;
    block.sequence = &sequence;
    block.info = layers[0];
    block.firstToken = static_cast<std::int64_t>(t);
    block.rows = 1;
    block.ids = steps[t];
    ASSERT_TRUE(simulator->add(block));
  }
  const auto result = simulator->result().value();
  const auto& row = result.tables.at(0).rows.at(0);
  EXPECT_EQ(std::get<std::int64_t>(row[2]), 5); // needed: 2 + 2 + 1
  EXPECT_EQ(std::get<std::int64_t>(row[3]), 4); // loads: 0, 1; then 2; then 3
  EXPECT_DOUBLE_EQ(std::get<double>(row[4]), 0.2);
  EXPECT_DOUBLE_EQ(std::get<double>(row[6]), 0.75 * 4 * (1 + 2.0));
  EXPECT_EQ(result.provenance.tokens, 3);
}

/// Four tokens; after token a: a+1 has logit 3, a+2 has 2.9, and what follows a+2 is certain.
class ToyHost final : public session::DecodeHost {
public:
  int vocabulary() const override { return 4; }
  int moeLayers() const override { return 1; }
  int experts() const override { return 2; }
  int k() const override { return 1; }
  base::Result<session::RecipeId> compileRecipe(std::string_view) override {
    return base::fail(base::ErrorCode::Unsupported, "no recipes here");
  }
  base::Result<session::BranchId> open() override { return add({}); }
  base::Result<session::BranchId> fork(session::BranchId from) override {
    return add(branches.at(from));
  }
  base::Result<void> close(session::BranchId branch) override {
    branches.erase(branch);
    return {};
  }
  base::Result<std::int64_t> length(session::BranchId branch) const override {
    return static_cast<std::int64_t>(branches.at(branch).size());
  }
  base::Result<void> step(std::span<const session::BranchStep> steps) override {
    for (const auto& step : steps) {
      auto& tokens = branches.at(step.branch);
      for (const base::TokenId token : step.tokens)
        tokens.push_back(token.value);
      const std::int32_t last = tokens.back();
      std::ranges::fill(step.logits, 0.0f);
      if (last % 2 == 0) {
        step.logits[static_cast<std::size_t>((last + 1) % 4)] = 3.0f;
        step.logits[static_cast<std::size_t>((last + 2) % 4)] = 2.9f;
      }
    }
    most = std::max(most, branches.size());
    return {};
  }
  bool hasGradients() const override { return false; }
  bool keepsRecords() const override { return true; }
  base::Result<void> tokenLogits(session::BranchId, std::span<const base::TokenId>,
                                 std::span<float>) override {
    return base::fail(base::ErrorCode::Unsupported, "logits of whole steps only");
  }
  base::Result<void> rewind(session::BranchId branch, std::int64_t length) override {
    branches.at(branch).resize(static_cast<std::size_t>(length));
    return {};
  }
  base::Result<base::TokenId> sample(std::span<const float> scores) override {
    return base::TokenId(
        static_cast<std::int32_t>(std::ranges::max_element(scores) - scores.begin()));
  }
  base::Result<double> routerGradient(const session::GradientCall&) override {
    return base::fail(base::ErrorCode::Unsupported, "no gradients here");
  }

  std::map<session::BranchId, std::vector<std::int32_t>> branches{{0, {}}};
  std::size_t most = 0;

private:
  base::Result<session::BranchId> add(std::vector<std::int32_t> tokens) {
    branches[++m_last] = std::move(tokens);
    return m_last;
  }
  session::BranchId m_last = 0;
};

TEST(SampleDecoder, LooksOneTokenAhead) {
  const auto firstOf = [](std::int64_t candidates) {
    const OptionValues options = {{"candidates", OptionType::Integer, false, true, {candidates}}};
    auto decoder = makeDecoder(testing::builtIn("sample_decoder"), options, {}).value();
    ToyHost host;
    const std::vector<base::TokenId> prompt = {base::TokenId(0)};
    EXPECT_TRUE(decoder->begin(host, prompt));
    const auto token = decoder->next(host, prompt.back()).value();
    EXPECT_EQ(host.branches.size(), 1u) << "forks are closed";
    EXPECT_EQ(token.record.size(), 2u);
    return token.token.value;
  };
  EXPECT_EQ(firstOf(1), 1); // greedy
  EXPECT_EQ(firstOf(2), 2); // 2 is a little less likely, but what follows it is not
}

TEST(PlainC, APluginNeedsNoCpp) {
  const testing::TempFolder folder;
  const auto sidecar =
      testing::placeHostile(folder.path(), "plain_c", R"("analyzer")", "org.example.plain-c");
  const auto report = checkPlugin(sidecar).value();
  for (const Check& check : report.checks)
    EXPECT_NE(check.verdict, Verdict::Failed) << check.name << ": " << check.detail;
}

TEST(Reference, NamesEveryStructOfTheEdge) {
  const std::filesystem::path root = std::filesystem::path(SY_TEST_DATA).parent_path();
  const std::string abi = base::readTextFile(root / "core/plugin/abi.h", 1u << 20).value();
  const std::string reference =
      base::readTextFile(root / "resources/docs/plugins/reference.md", 1u << 20).value();
  int count = 0;
  const std::string_view marker = "typedef struct ";
  for (std::size_t at = abi.find(marker); at != std::string::npos; at = abi.find(marker, at + 1)) {
    const std::size_t begin = at + marker.size();
    const std::string name = abi.substr(begin, abi.find_first_of(" ;", begin) - begin);
    EXPECT_THAT(reference, HasSubstr("### `" + name + "`"));
    ++count;
  }
  EXPECT_GT(count, 30);
}

} // namespace
} // namespace switchyard::plugin
