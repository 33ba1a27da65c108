// Help, usage errors, completion: what a user meets first.

#include <gtest/gtest.h>

#include "tests/app/cli/cli_runner.h"
#include "tests/support/temp_folder.h"

namespace switchyard::tests {
namespace {

class HelpOf : public ::testing::TestWithParam<const char*> {};

TEST_P(HelpOf, EveryVerbHasAHelpTextWithExamples) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : std::string(GetParam()) + " ") {
    if (c != ' ')
      word += c;
    else
      words.push_back(std::exchange(word, {}));
  }
  words.push_back("--help");
  const ProcessResult result = cli(words);
  EXPECT_EQ(result.exitCode, 0);
  EXPECT_NE(result.out.find("Examples:"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find(std::string("switchyard ") + GetParam()), std::string::npos);
  EXPECT_EQ(result.err, "");
}

INSTANTIATE_TEST_SUITE_P(Verbs, HelpOf,
                         ::testing::Values("info", "tokenize", "generate", "capture", "analyze",
                                           "perplexity", "completion", "transform", "similarity",
                                           "plugins list", "plugins info", "plugins check",
                                           "plugins new", "trace info", "trace check",
                                           "trace export", "trace cat", "recipe new",
                                           "recipe new mask", "recipe new random-control", "ablate",
                                           "recipe check", "recipe diff", "recipe show"));

TEST(Cli, WithoutAVerbItSaysWhatToDo) {
  const ProcessResult result = cli({});
  EXPECT_EQ(result.exitCode, 2);
  EXPECT_NE(result.err.find("--help"), std::string::npos);
}

TEST(Cli, UnknownVerbsAndOptionsAreUsageErrors) {
  EXPECT_EQ(cli({"captur"}).exitCode, 2);
  const ProcessResult result = cli({"info", kDemoModel, "--jsn"});
  EXPECT_EQ(result.exitCode, 2);
  EXPECT_NE(result.err.find("--jsn"), std::string::npos);
}

TEST(Cli, PrintsItsVersion) {
  const ProcessResult result = cli({"--version"});
  EXPECT_EQ(result.exitCode, 0);
  EXPECT_EQ(result.out.rfind("switchyard ", 0), 0u);
}

TEST(Cli, ThreadsOutsideTheirRangeAreRefused) {
  const ProcessResult result =
      cli({"perplexity", kDemoModel, "--text", kDemoPrompts, "--threads", "-1"});
  EXPECT_EQ(result.exitCode, 2);
  EXPECT_NE(result.err.find("--threads"), std::string::npos);
}

TEST(Cli, CompletionWorksInBash) {
  const TempFolder folder;
  const auto script = folder.write("completion.bash", cli({"completion", "bash"}).out);
  const auto complete = [&](const std::string& words, int index) {
    const std::string line = "source " + script.string() + "; COMP_WORDS=(" + words +
                             "); COMP_CWORD=" + std::to_string(index) +
                             "; _switchyard; printf '%s\\n' \"${COMPREPLY[@]}\"";
    return run({"/bin/bash", "--norc", "-c", line}).out;
  };
  EXPECT_EQ(complete("switchyard cap", 1), "capture\n");
  EXPECT_EQ(complete("switchyard trace ch", 2), "check\n");
  EXPECT_EQ(complete("switchyard capture model --prom", 3), "--prompts\n");
  EXPECT_EQ(complete("switchyard trace export --form", 3), "--format\n");
  EXPECT_EQ(complete("switchyard recipe sh", 2), "show\n");
  EXPECT_EQ(complete("switchyard recipe new npmi", 3), "npmi-steer\n");
  EXPECT_EQ(complete("switchyard recipe new mask --mo", 4), "--mode\n");
}

} // namespace
} // namespace switchyard::tests
