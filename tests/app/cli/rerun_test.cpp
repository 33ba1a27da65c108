// `switchyard rerun` as a user runs it.

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "tests/app/cli/run_experiment.h"

namespace switchyard::tests {
namespace {

using nlohmann::json;

class Rerun : public RunExperiment {
protected:
  /// Interrupts reruns of `given` at several moments, until it was in time five times.
  void stopsWithoutAClaim(const std::string& given) {
    const auto start = std::chrono::steady_clock::now();
    ASSERT_EQ(cli({"rerun", given}).exitCode, 0);
    const auto alone = std::chrono::steady_clock::now() - start;
    int stopped = 0;
    for (int i = 0; stopped < 5 && i < 50; ++i) {
      Process running({SY_CLI, "rerun", given});
      std::this_thread::sleep_for(alone * (5 + i * 7 % 40) / 50);
      running.signal(i % 2 == 0 ? SIGTERM : SIGINT); // to this process only
      const ProcessResult result = running.wait();
      if (result.exitCode != 130) // too early for the handler, or too late
        continue;
      ++stopped;
      EXPECT_EQ(result.out, "") << "nothing is said of numbers that were not made";
      EXPECT_NE(result.err.find("stopped: 0 of 1 results were run to their end and compared\n"),
                std::string::npos)
          << result.err;
    }
    EXPECT_EQ(stopped, 5);
  }
};

TEST_F(Rerun, FindsTheSameNumbersOrSaysWhichDiffer) {
  ASSERT_EQ(cli(command("a.results")).exitCode, 0);
  const json same = cliJson({"rerun", m_folder / "a.results"});
  EXPECT_EQ(same["identical"], true);
  EXPECT_GT(same["parts"][0]["numbers"]["same"], 500);
  // An export and both kinds of report carry what it takes.
  exported("a.results");
  EXPECT_EQ(cli({"rerun", m_folder / "a.results.export"}).exitCode, 0);
  for (const char* out : {"r.html", "r.md"}) {
    ASSERT_EQ(cli({"report", m_folder / "a.results", "--out", m_folder / out}).exitCode, 0);
    const json report = cliJson({"rerun", m_folder / out});
    EXPECT_EQ(report["identical"], true) << out;
    EXPECT_GT(report["parts"][0]["numbers"]["same"], 50) << out;
  }
  // A number that is not what comes out.
  const std::filesystem::path file =
      m_folder / "a.results.export" / "cells/capture/demo/texts/k=1/analysis.json";
  json analysis = json::parse(slurp(file));
  const double before = analysis["results"]["load"]["headlines"][0]["value"];
  analysis["results"]["load"]["headlines"][0]["value"] = before + 0.5;
  std::ofstream(file) << analysis.dump();
  const json differs = cliJson({"rerun", m_folder / "a.results.export"});
  EXPECT_EQ(differs["identical"], false);
  ASSERT_EQ(differs["parts"][0]["numbers"]["changed"].size(), 1u);
  EXPECT_NEAR(differs["parts"][0]["numbers"]["changed"][0]["by"], -0.5, 1e-12);
  EXPECT_EQ(cli({"rerun", m_folder / "a.results.export"}).exitCode, 1);
  EXPECT_EQ(
      cli({"results", "diff", m_folder / "a.results", m_folder / "a.results.export"}).exitCode, 1);
}

TEST_F(Rerun, RefusesOtherTexts) {
  ASSERT_EQ(cli(command("a.results", {"--cell", "*/k=1"})).exitCode, 0);
  m_folder.write("p.jsonl", R"({"id":"a","text":"Another text.","lang":"en"})");
  const ProcessResult refused = cli({"rerun", m_folder / "a.results"});
  EXPECT_EQ(refused.exitCode, 2);
  EXPECT_NE(refused.err.find("prompts \"texts\""), std::string::npos) << refused.err;
  EXPECT_EQ(refused.err.find("tasks \"sums\""), std::string::npos) << refused.err;
  const json anyway = cliJson({"rerun", m_folder / "a.results", "--anyway"});
  EXPECT_EQ(anyway["identical"], false);
  EXPECT_FALSE(anyway["parts"][0]["changes"].empty());
}

TEST_F(Rerun, RunsAgainWhatAVerbWrote) {
  const std::string tasks = (m_folder / "t.jsonl").string();
  ASSERT_EQ(cli({"evaluate", kDemoModel, "--tasks", tasks, "--scorer", "numeric", "--max-tokens",
                 "8", "--store", m_folder / "s.eval", "--out", m_folder / "evaluation"})
                .exitCode,
            0);
  const json evaluation = cliJson({"rerun", m_folder / "evaluation"});
  EXPECT_EQ(evaluation["identical"], true);
  ASSERT_EQ(
      cli({"capture", kDemoModel, "--prompts", m_folder / "p.jsonl", "--out", m_folder / "t.swy"})
          .exitCode,
      0);
  ASSERT_EQ(cli({"analyze", m_folder / "t.swy", "--with", "load", "--out", m_folder / "analysis"})
                .exitCode,
            0);
  ASSERT_EQ(
      cli({"report", m_folder / "analysis", m_folder / "evaluation", "--out", m_folder / "r.html"})
          .exitCode,
      0);
  const json report = cliJson({"rerun", m_folder / "r.html"});
  EXPECT_EQ(report["identical"], true);
  EXPECT_EQ(report["parts"].size(), 2u);
  ASSERT_EQ(cli({"capture", kDemoModel, "--prompts", m_folder / "p.jsonl", "--limit", "2", "--out",
                 m_folder / "t.swy", "--overwrite"})
                .exitCode,
            0);
  const ProcessResult refused = cli({"rerun", m_folder / "analysis"});
  EXPECT_EQ(refused.exitCode, 2);
  EXPECT_NE(refused.err.find("the trace is another one"), std::string::npos) << refused.err;
}

TEST_F(Rerun, OfAnExperimentSaysThatItWasStopped) {
  ASSERT_EQ(cli(command("a.results")).exitCode, 0);
  stopsWithoutAClaim((m_folder / "a.results").string());
}

TEST_F(Rerun, OfAVerbSaysThatItWasStopped) {
  const std::string tasks = SY_DATA "/tasks/arithmetic.jsonl";
  ASSERT_EQ(
      cli({"evaluate", kDemoModel, "--tasks", tasks, "--limit", "20", "--scorer",
           "exact:after=A:", "--store", m_folder / "s.eval", "--out", m_folder / "evaluation"})
          .exitCode,
      0);
  stopsWithoutAClaim((m_folder / "evaluation").string());
}

} // namespace
} // namespace switchyard::tests
