// `switchyard ablate` as a user runs it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/cli/cli_runner.h"
#include "tests/support/temp_folder.h"

namespace switchyard::tests {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class AblateVerb : public ::testing::Test {
protected:
  std::vector<std::string> command(std::vector<std::string> more) const {
    std::vector<std::string> all{"ablate", kDemoModel,  "--text", kDemoPrompts, "--limit",
                                 "4",      "--context", "128",    "-q"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  static json tableOf(const json& analysis, const std::string& name) {
    for (const json& table : analysis["results"]["ablate"]["tables"])
      if (table["name"] == name)
        return table;
    return {};
  }
  TempFolder folder;
};

TEST_F(AblateVerb, HarmIsTheDifferenceThatPerplexitySays) {
  const json analysis = cliJson(command({"--experts", "top:2", "--mode", "route-around"}));
  const json rows = tableOf(analysis, "ablate_experts")["rows"];
  ASSERT_EQ(rows.size(), 2u);
  // The same four documents through `perplexity`, with and without a recipe.
  std::string lines;
  std::istringstream all(slurp(kDemoPrompts));
  std::string line;
  for (int i = 0; i < 4 && std::getline(all, line); ++i)
    lines += line + "\n";
  const auto texts = folder.write("four.jsonl", lines);
  const std::vector<std::string> perplexity{"perplexity", kDemoModel,  "--text",
                                            texts,        "--context", "128"};
  const double base = cliJson(perplexity)["total"]["mean_nll"];
  for (const json& row : rows) {
    const std::string expert = row[0].dump() + ":" + row[1].dump();
    const auto recipe = folder.write(
        "r.json", R"({"steps":[{"plugin":"mask","options":{"mode":"route-around","experts":[")" +
                      expert + R"("]}}]})");
    auto with = perplexity;
    with.insert(with.end(), {"--recipe", recipe});
    const double without = cliJson(with)["total"]["mean_nll"];
    EXPECT_NEAR(row[2].get<double>(), without - base, 1e-9) << expert;
    EXPECT_GT(row[9].get<int>(), 0) << "uses";
  }
}

TEST_F(AblateVerb, AnInterruptedRunContinuesToTheSameResult) {
  const std::string whole = folder / "whole", cut = folder / "cut";
  const std::vector<std::string> experts{"--experts", "top:4", "--by", "domain"};
  auto first = command(experts);
  first.insert(first.end(), {"--out", whole});
  ASSERT_EQ(cli(first).exitCode, 0);
  for (const char* name : {"analysis.json", "ablate_experts.csv", "ablate_agreement.csv",
                           "ablate_disagreements.csv", "ablate_scatter.svg", "ablation.json"})
    EXPECT_TRUE(std::filesystem::exists(whole + "/" + name)) << name;
  EXPECT_EQ(cli(first).exitCode, 2) << "never over somebody's record";

  // What a kill after two experts leaves.
  json record = json::parse(slurp(whole + "/ablation.json"));
  ASSERT_EQ(record["experts"].size(), 4u);
  record["experts"].erase(3);
  record["experts"].erase(2);
  std::filesystem::create_directories(cut);
  std::ofstream(cut + "/ablation.json") << record.dump();
  auto second = command(experts);
  second.insert(second.end(), {"--out", cut, "--resume"});
  ASSERT_EQ(cli(second).exitCode, 0);
  EXPECT_EQ(slurp(cut + "/analysis.json"), slurp(whole + "/analysis.json"));
  EXPECT_EQ(slurp(cut + "/ablation.json"), slurp(whole + "/ablation.json"));

  auto other = command({"--experts", "top:4", "--mode", "zero-renorm", "--out", cut, "--resume"});
  const ProcessResult refused = cli(other);
  EXPECT_EQ(refused.exitCode, 2);
  EXPECT_THAT(refused.err, HasSubstr("another model, other texts or options"));
}

TEST_F(AblateVerb, TasksTellScoresAndAnswers) {
  const auto tasks = folder.write(
      "t.jsonl",
      "{\"prompt\":\"The carriage had scarcely\",\"answer\":\" x\",\"scorer\":\"exact\"}\n"
      "{\"prompt\":\"Q: 6*7=? A:\",\"answer\":\"42\",\"scorer\":\"contains\"}\n");
  const json analysis = cliJson(
      {"ablate", kDemoModel, "--tasks", tasks, "--experts", "5:19,3:7", "--max-tokens", "8", "-q"});
  const json table = tableOf(analysis, "ablate_experts");
  ASSERT_EQ(table["rows"].size(), 2u);
  EXPECT_EQ(table["columns"][2]["unit"], "score");
  for (const json& row : table["rows"]) {
    EXPECT_GE(row[7].get<double>(), 0.0);
    EXPECT_LE(row[7].get<double>(), 1.0);
  }
  EXPECT_THAT(analysis["results"]["ablate"]["warnings"].dump(), HasSubstr("not enough data"));
}

TEST_F(AblateVerb, AffinitiesOfATraceAndCsv) {
  const std::string trace = folder / "t.swy";
  const auto prompts = folder.write("p.jsonl", R"({"text":"The carriage had scarcely cleared"})");
  ASSERT_EQ(cli({"capture", kDemoModel, "--prompts", prompts, "--out", trace, "-q"}).exitCode, 0);
  const ProcessResult csv =
      cli({"ablate", kDemoModel, "--text", kDemoPrompts, "--limit", "2", "--context", "64",
           "--experts", "5:19", "--trace", trace, "--csv"});
  EXPECT_EQ(csv.exitCode, 0) << csv.err;
  EXPECT_THAT(csv.out, HasSubstr("layer,expert,harm"));
  EXPECT_THAT(csv.out, HasSubstr("\n5,19,"));
}

TEST_F(AblateVerb, RefusesWhatCannotBe) {
  EXPECT_EQ(cli({"ablate", kDemoModel}).exitCode, 2);
  EXPECT_EQ(cli(command({"--experts", "9:1"})).exitCode, 2);
  EXPECT_EQ(cli(command({"--experts", "top:x"})).exitCode, 2);
  EXPECT_EQ(cli(command({"--mode", "swap"})).exitCode, 2);
  EXPECT_EQ(cli(command({"--context", "1"})).exitCode, 2);
  EXPECT_EQ(cli({"ablate", kDemoModel, "--text", "/no/such.txt"}).exitCode, 4);
  EXPECT_EQ(cli(command({"--trace", "/no/such.swy"})).exitCode, 4);
}

} // namespace
} // namespace switchyard::tests
