// `switchyard steer` from end to end, and each of its files made again alone.

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/app/cli/cli_runner.h"
#include "tests/support/temp_folder.h"

namespace switchyard::tests {
namespace {

const std::string kTasks = SY_DATA "/tasks/arithmetic.jsonl";

/// `more` replaces flags or adds them.
std::vector<std::string> command(const std::string& out, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {
      "steer",        kDemoModel, "--tasks",       kTasks,           "--only",     "style=think",
      "--limit",      "12",       "--scorer",      "exact:after=A:", "--identify", "30",
      "--out",        out,        "--multipliers", "2,16",           "--controls", "2",
      "--max-tokens", "60"};
  for (std::size_t i = 0; i + 1 < more.size(); i += 2) {
    const auto flag = std::ranges::find(arguments, more[i]);
    if (flag != arguments.end())
      flag[1] = more[i + 1];
    else
      arguments.insert(arguments.end(), {more[i], more[i + 1]});
  }
  return arguments;
}

nlohmann::json parse(const std::filesystem::path& path) {
  return nlohmann::json::parse(slurp(path), nullptr, false);
}

TEST(Steer, FromResponsesToACurveWithControls) {
  const TempFolder folder;
  const std::string out = folder / "s";
  const nlohmann::json first = cliJson(command(out));
  ASSERT_TRUE(first.is_object());
  const nlohmann::json& tables = first["result"]["tables"];
  ASSERT_EQ(tables[0]["name"], "curve");
  EXPECT_EQ(tables[0]["rows"].size(), 4u); // two multipliers, steered and controls
  EXPECT_EQ(tables[1]["rows"].size(), 2u);
  EXPECT_EQ(first["machine"]["ran"], 12 * 7); // base, 2 steered, 4 controls

  // Recipes name the experts of the analysis, controls others of the same layers.
  const auto experts = [&](const std::string& name) {
    const auto recipe = parse(folder / "s" / "recipes" / (name + ".json"));
    return recipe["steps"][0]["options"]["experts"].get<std::vector<std::string>>();
  };
  const auto layers = [](std::vector<std::string> list) {
    for (std::string& expert : list)
      expert.resize(expert.find(':'));
    std::ranges::sort(list);
    return list;
  };
  const auto chosen = experts("npmi-x2");
  EXPECT_EQ(chosen.size(), 2u);
  EXPECT_EQ(experts("npmi-x16"), chosen);
  EXPECT_EQ(experts("control-1-x2"), experts("control-1-x16"));
  for (const char* name : {"control-1-x2", "control-2-x2"}) {
    EXPECT_EQ(layers(experts(name)), layers(chosen));
    for (const std::string& expert : experts(name))
      EXPECT_EQ(std::ranges::count(chosen, expert), 0) << expert;
  }
  const auto ranking = parse(folder / "s" / "analysis" / "analysis.json");
  // rank, layer, expert, score, uses, supported: the two best of those that are supported.
  std::vector<std::string> best;
  for (const auto& row : ranking["results"]["npmi"]["tables"][0]["rows"])
    if (row[5] == 1 && best.size() < 2)
      best.push_back(row[1].dump() + ":" + row[2].dump());
  EXPECT_EQ(best, chosen);

  // Tasks that identified the experts are not evaluated.
  const std::string prompts = slurp(folder / "s" / "prompts.jsonl");
  EXPECT_EQ(std::ranges::count(prompts, '\n'), 30);
  EXPECT_EQ(slurp(folder / "s" / "evaluation" / "evaluate_items.csv").find("arithmetic-530,"),
            std::string::npos);
  EXPECT_NE(prompts.find("\"arithmetic-530\""), std::string::npos);

  // Again: everything is there, and the same.
  const nlohmann::json again = cliJson(command(out));
  EXPECT_EQ(again["machine"]["ran"], 0);
  EXPECT_EQ(again["result"].dump(), first["result"].dump());
  for (const char* file : {"steer_curve.csv", "steer_curve.svg", "steer_against_controls.csv",
                           "steer_experts.csv", "steer_thinking.svg", "steering.json"})
    EXPECT_TRUE(std::filesystem::exists(folder / "s" / file)) << file;

  // Alone: an analysis of its trace, and from its trace.
  EXPECT_EQ(cli({"analyze", out + "/trace.swy", "--with", "npmi", "--out", folder / "npmi", "-q"})
                .exitCode,
            0);
  EXPECT_EQ(slurp(folder / "npmi" / "npmi_ranking.csv"),
            slurp(folder / "s" / "analysis" / "npmi_ranking.csv"));
  const nlohmann::json traced =
      cliJson(command(folder / "t", {"--trace", out + "/trace.swy", "--skip", "30"}));
  EXPECT_EQ(traced["result"]["tables"].dump(), first["result"]["tables"].dump());
}

TEST(Steer, BadInputIsOneSentence) {
  const TempFolder folder;
  const std::string out = folder / "s";
  const auto fails = [&](std::vector<std::string> more, int code, const std::string& part) {
    const ProcessResult result = cli(command(out, std::move(more)));
    EXPECT_EQ(result.exitCode, code) << result.err;
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
  };
  fails({"--controls", "0"}, 2, "control sets");
  fails({"--multipliers", "4,2"}, 2, "ascend");
  fails({"--multipliers", "0"}, 2, "multiplier");
  fails({"--trace", folder / "none.swy"}, 4, "none.swy");
  fails({"--top", "x"}, 2, "top");
  fails({"--identify", "500"}, 4, "skipped");
  fails({"--marker", "neverseen=1"}, 2, "recommends no expert");
}

} // namespace
} // namespace switchyard::tests
