// `switchyard recipe` as a user runs it, and what a recipe's plugins leave in a trace.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/cli/cli_runner.h"
#include "tests/support/temp_folder.h"

namespace switchyard::tests {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

json read(const std::filesystem::path& path) {
  return json::parse(slurp(path), nullptr, false);
}

TEST(RecipeVerbs, NewWritesWhatWasAsked) {
  const TempFolder folder;
  const std::string ban = folder / "ban.json";
  ASSERT_EQ(cli({"recipe", "new", "ban", "--experts", "5:19,3:7", "--out", ban}).exitCode, 0);
  EXPECT_EQ(read(ban), json::parse(R"({"steps":[{"plugin":"ban",
                                        "options":{"experts":["5:19","3:7"]}}]})"));
  EXPECT_EQ(cli({"recipe", "new", "ban", "--experts", "1", "--out", ban}).exitCode, 2);
  EXPECT_EQ(cli({"recipe", "new", "ban", "--experts", "1", "--out", ban, "--overwrite"}).exitCode,
            0);

  const std::string both = folder / "both.json";
  ASSERT_EQ(cli({"recipe",
                 "new",
                 "top-p",
                 "--p",
                 "0.5",
                 "--renorm",
                 "--layers",
                 "3,4",
                 "--positions",
                 "0:16,64:",
                 "--phase",
                 "generated",
                 "--token-classes",
                 "digits",
                 "--inside",
                 "<think>",
                 "</think>",
                 "--among",
                 "1,3:2",
                 "--after",
                 ban,
                 "--name",
                 "two",
                 "--out",
                 both})
                .exitCode,
            0);
  EXPECT_EQ(read(both), json::parse(R"({"name":"two","steps":[
      {"plugin":"ban","options":{"experts":["1"]}},
      {"plugin":"top-p","options":{"p":0.5,"renorm":true},
       "scope":{"layers":[3,4],"positions":[[0,16],[64,null]],"phase":"generated",
                "token-classes":["digits"],"experts":[1,"3:2"],
                "inside":{"open":"<think>","close":"</think>"}}}]})"));
  const ProcessResult boost = cli({"recipe", "new", "boost", "--from", ban, "--multiplier", "8"});
  EXPECT_EQ(boost.exitCode, 0);
  EXPECT_EQ(json::parse(boost.out)["steps"][0]["options"],
            json::parse(R"({"experts":["1"],"multiplier":8})"));
}

TEST(RecipeVerbs, NewRefusesWhatNoStepTakes) {
  const TempFolder folder;
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"no-such-step"},
                                             {"top-p"},
                                             {"top-p", "--p", "2"},
                                             {"top-p", "--p", "0.5", "--q", "1"},
                                             {"ban", "--experts", "x"},
                                             {"relu", "--positions", "5"},
                                             {"relu", "--positions", "5:x"},
                                             {"relu", "--phase", "decode"},
                                             {"random-control", "--like", "x.json"}}) {
    std::vector<std::string> command{"recipe", "new"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const ProcessResult result = cli(command);
    EXPECT_NE(result.exitCode, 0) << arguments[0];
    EXPECT_NE(result.err, "") << arguments[0];
    EXPECT_EQ(result.out, "") << arguments[0];
  }
  EXPECT_EQ(cli({"recipe", "new", "boost", "--from", "/no/such.json"}).exitCode, 4);
}

TEST(RecipeVerbs, CheckTellsBySentenceAndByExitCode) {
  const TempFolder folder;
  const auto good =
      folder.write("good.json", R"({"steps":[{"plugin":"top-k","options":{"k":2}}]})");
  const auto bad = folder.write("bad.json", R"({"steps":[{"plugin":"relu"},
                                            {"plugin":"rank-r","options":{"rank":40}}]})");
  const ProcessResult fine = cli({"recipe", "check", good, "--model", kDemoModel});
  EXPECT_EQ(fine.exitCode, 0);
  EXPECT_THAT(fine.out, HasSubstr("good: 1 step, fits"));
  EXPECT_EQ(cli({"recipe", "check", bad}).exitCode, 0) << "rank 40 may exist in some model";
  const ProcessResult wrong = cli({"recipe", "check", bad, "--model", kDemoModel});
  EXPECT_EQ(wrong.exitCode, 3);
  EXPECT_THAT(wrong.out, HasSubstr("error: step 2 (rank-r): "));
  const json facts = cliJson({"recipe", "check", bad, "--model", kDemoModel});
  EXPECT_EQ(facts["ok"], false);
  EXPECT_EQ(facts["findings"][0]["step"], 2);
  EXPECT_EQ(cli({"recipe", "check", folder.write("no.json", "{")}).exitCode, 4);
  const auto batch = folder.write("batch.json", R"({"steps":[{"plugin":"expert-choice"}]})");
  const ProcessResult warned = cli({"recipe", "check", batch});
  EXPECT_EQ(warned.exitCode, 0);
  EXPECT_THAT(warned.out, HasSubstr("warning: step 1 (expert-choice): not causal"));
}

TEST(RecipeVerbs, DiffAndShow) {
  const TempFolder folder;
  const auto before = folder.write(
      "a.json", R"({"steps":[{"plugin":"boost","options":{"experts":["3:7"],"multiplier":4}}]})");
  const auto after = folder.write(
      "b.json", R"({"steps":[{"plugin":"boost","options":{"experts":["3:7"],"multiplier":8},
                              "scope":{"phase":"generated"}},{"plugin":"relu"}]})");
  EXPECT_EQ(cli({"recipe", "diff", before, before}).out, "");
  EXPECT_EQ(cli({"recipe", "diff", before, after}).out,
            "~ step 1 (boost): options.multiplier 4 -> 8\n"
            "~ step 1 (boost): scope.phase (default) -> \"generated\"\n"
            "+ step 2 {\"plugin\":\"relu\"}\n");
  const json facts = cliJson({"recipe", "diff", before, after});
  EXPECT_EQ(facts["same"], false);
  EXPECT_EQ(facts["changes"][2]["change"], "added");
  EXPECT_EQ(cliJson({"recipe", "diff", before, before})["same"], true);

  const ProcessResult shown = cli({"recipe", "show", after});
  EXPECT_EQ(shown.exitCode, 0);
  EXPECT_EQ(shown.out, "1. boost 1.0.0\n"
                       "   Multiplies the gate weights of expert 3:7 by 8 where selected; "
                       "selection and other weights stay.\n"
                       "   Acts on tokens generated of every MoE layer.\n"
                       "2. relu 1.0.0\n"
                       "   Takes every expert with a positive router logit, with that logit as "
                       "weight; possibly none.\n"
                       "   Acts on every token of every MoE layer.\n");
  EXPECT_EQ(cliJson({"recipe", "show", after})["steps"][1]["plugin"], "org.switchyard.relu");
}

TEST(RecipeVerbs, ARandomControlRunsAndIsMatchedInLoad) {
  const TempFolder folder;
  const auto prompts = folder.write(
      "p.jsonl", R"({"text":"The carriage had scarcely cleared the gate when the rain began."})");
  const std::string trace = folder / "t.swy";
  ASSERT_EQ(cli({"capture", kDemoModel, "--prompts", prompts, "--out", trace, "-q"}).exitCode, 0);
  const auto like =
      folder.write("r.json", R"({"steps":[{"plugin":"mask","options":{"experts":["5:19"]}}]})");
  const std::string control = folder / "control.json";
  ASSERT_EQ(cli({"recipe", "new", "random-control", "--like", like, "--trace", trace, "--seed", "1",
                 "--out", control, "-q"})
                .exitCode,
            0);
  const json steps = read(control)["steps"];
  EXPECT_EQ(steps[0]["plugin"], "mask");
  EXPECT_THAT(steps[0]["options"]["experts"][0].get<std::string>(), HasSubstr("5:"));
  EXPECT_NE(steps[0]["options"]["experts"][0], "5:19");
  EXPECT_EQ(cli({"recipe", "check", control, "--model", kDemoModel}).exitCode, 0);
  ASSERT_EQ(cli({"analyze", trace, "--with", "load", "--out", folder / "a", "-q"}).exitCode, 0);
  const ProcessResult other = cli({"recipe", "new", "random-control", "--like", like, "--analysis",
                                   folder / "a" / "analysis.json", "--seed", "1"});
  EXPECT_EQ(other.out, slurp(control)) << "trace and analysis say the same";
}

TEST(RecipeVerbs, ATraceSaysWhichPluginsMadeIt) {
  const TempFolder folder;
  const auto prompts = folder.write("p.jsonl", R"({"text":"The carriage had scarcely cleared"})");
  const auto recipe = folder.write(
      "r.json",
      R"({"steps":[{"plugin":"mask","options":{"experts":[3,"5:19"]},"scope":{"layers":[5]}},
                   {"plugin":"relu","enabled":false},
                   {"plugin":"boost","scope":{"experts":["2:1"]},"options":{"multiplier":2}}]})");
  const std::string trace = folder / "t.swy";
  ASSERT_EQ(
      cli({"capture", kDemoModel, "--prompts", prompts, "--out", trace, "--recipe", recipe, "-q"})
          .exitCode,
      0);
  const json options = cliJson({"info", trace})["options"];
  EXPECT_EQ(options["recipe-step-1"], "org.switchyard.mask 1.0.0 experts=3,5:19 mode=zero");
  EXPECT_EQ(options["recipe-step-2"],
            "org.switchyard.boost 1.0.0 experts=2:1 multiplier=2 where=post-norm");
}

TEST(Recipes, ChangeTheRoutingOfEveryVerbThatRunsAModel) {
  const TempFolder folder;
  const auto nothing = folder.write("nothing.json", R"({"steps":[]})");
  const auto one = folder.write("one.json", R"({"steps":[{"plugin":"top-k","options":{"k":1}}]})");
  const auto bad = folder.write("bad.json", R"({"steps":[{"plugin":"no-such-step"}]})");
  const std::vector<std::string> generate = {"generate",     kDemoModel, "--prompt", "The carriage",
                                             "--max-tokens", "12",       "-q"};
  const auto with = [](std::vector<std::string> command, const std::string& recipe) {
    command.insert(command.end(), {"--recipe", recipe});
    return cli(command);
  };
  EXPECT_EQ(with(generate, nothing).out, cli(generate).out);
  EXPECT_NE(with(generate, one).out, cli(generate).out);
  EXPECT_EQ(with(generate, R"({"steps":[{"plugin":"top-k","options":{"k":1}}]})").out,
            with(generate, one).out);
  const ProcessResult refused = with(generate, bad);
  EXPECT_NE(refused.exitCode, 0);
  EXPECT_NE(refused.err.find("no-such-step"), std::string::npos) << refused.err;

  const auto prompts = folder.write("p.jsonl", R"({"text":"The carriage had scarcely cleared"})");
  const std::string trace = folder / "t.swy";
  ASSERT_EQ(with({"capture", kDemoModel, "--prompts", prompts, "--out", trace, "-q"}, one).exitCode,
            0);
  EXPECT_NE(cliJson({"info", trace})["recipe"].get<std::string>().find("top-k"), std::string::npos);
  std::istringstream lines(cli({"trace", "cat", trace, "--json"}).out);
  for (std::string line; std::getline(lines, line);)
    EXPECT_EQ(nlohmann::json::parse(line)["experts"].size(), 1u);
  EXPECT_EQ(cli({"trace", "check", trace, "-q"}).exitCode, 0);

  const std::vector<std::string> perplexity = {"perplexity", kDemoModel, "--text", prompts, "-q"};
  EXPECT_EQ(with(perplexity, nothing).out, cli(perplexity).out);
  EXPECT_NE(with(perplexity, one).out, cli(perplexity).out);
}

} // namespace
} // namespace switchyard::tests
