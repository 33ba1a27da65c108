// `switchyard run` and `results` as a user runs them.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>

#include "tests/app/cli/run_experiment.h"

namespace switchyard::tests {
namespace {

using nlohmann::json;

TEST_F(RunExperiment, RunsEachCellOnceAndSaysWhatTheGridShows) {
  const json first = cliJson(command("a.results"));
  EXPECT_EQ(first["ran"], 6);
  EXPECT_EQ(first["reused"], 0);
  EXPECT_EQ(first["failed"], json::array());
  EXPECT_FALSE(std::filesystem::exists(m_folder / "a.results.work"));
  EXPECT_FALSE(std::filesystem::exists(m_folder / "a.results-wal"));
  const json again = cliJson(command("a.results"));
  EXPECT_EQ(again["ran"], 0);
  EXPECT_EQ(again["reused"], 6);

  const json list = cliJson({"results", "list", m_folder / "a.results"});
  ASSERT_EQ(list["cells"].size(), 6u);
  EXPECT_EQ(list["cells"][0]["cell"], "capture/demo/texts/base");
  EXPECT_EQ(list["cells"][5]["cell"], "evaluate/demo/sums/k=2");
  for (const json& cell : list["cells"])
    EXPECT_EQ(cell["state"], "done");

  // What the grid says is what the single verbs say.
  const json shown = cliJson({"results", "show", m_folder / "a.results"});
  const auto recipe = m_folder.write(
      "k1.json", R"({"name": "k=1", "steps": [{"plugin": "top-k", "options": {"k": 1}}]})");
  const auto recipe2 = m_folder.write(
      "k2.json", R"({"name": "k=2", "steps": [{"plugin": "top-k", "options": {"k": 2}}]})");
  const json evaluation =
      cliJson({"evaluate", kDemoModel, "--tasks", m_folder / "t.jsonl", "--scorer", "numeric",
               "--max-tokens", "10", "--resamples", "50", "--recipe", recipe, "--recipe", recipe2,
               "--store", m_folder / "s.eval"});
  const json& ours = shown["results"]["evaluate"];
  EXPECT_EQ(ours["headlines"], evaluation["result"]["headlines"]);
  EXPECT_EQ(ours["warnings"], evaluation["result"]["warnings"]) << "cells are no looks";
  for (std::size_t i = 1; i < 4; ++i)
    EXPECT_EQ(ours["tables"][i]["rows"], evaluation["result"]["tables"][i]["rows"]) << i;
  ASSERT_EQ(cli({"capture", kDemoModel, "--prompts", m_folder / "p.jsonl", "--recipe", recipe,
                 "--out", m_folder / "k1.swy"})
                .exitCode,
            0);
  const json analysis = cliJson({"analyze", m_folder / "k1.swy", "--with", "load", "--by", "lang"});
  const json cell = cliJson({"results", "show", m_folder / "a.results", "capture/demo/texts/k=1"});
  EXPECT_EQ(cell["results"]["load"], analysis["results"]["load"]);
  EXPECT_TRUE(cell["results"].contains("compare"));
  EXPECT_FALSE(
      cliJson({"results", "show", m_folder / "a.results", "capture/demo/texts/base"})["results"]
          .contains("compare"));
}

TEST_F(RunExperiment, SurvivesKillsAtTwentyMoments) {
  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(cli(command("whole.results")).exitCode, 0);
  const auto alone = std::chrono::steady_clock::now() - start;
  const auto whole = exported("whole.results");
  std::vector<std::string> process = command("killed.results", {"--jobs", "2"});
  process.insert(process.begin(), SY_CLI);
  int kills = 0, finished = 0;
  for (int i = 0; kills < 20 && i < 100; ++i) {
    Process running(process);
    std::this_thread::sleep_for(alone * (20 + i * 7919 % 400) / 800);
    running.signal(i % 5 == 4 ? SIGINT : SIGKILL);
    const int code = running.wait().exitCode;
    kills += code == -SIGKILL || code == 130 ? 1 : 0;
    const ProcessResult list = cli({"results", "list", m_folder / "killed.results"});
    EXPECT_TRUE(list.exitCode == 0 || list.exitCode == 4) << list.err;
    if (code != 0)
      continue;
    ++finished; // before it was killed: the next one begins anew
    EXPECT_EQ(exported("killed.results"), whole);
    std::filesystem::remove(m_folder / "killed.results");
    std::filesystem::remove_all(m_folder / "killed.results.export");
  }
  EXPECT_EQ(kills, 20) << finished << " runs ended before they were killed";
  const json done = cliJson(command("killed.results"));
  EXPECT_EQ(done["ran"].get<int>() + done["reused"].get<int>(), 6);
  EXPECT_EQ(exported("killed.results"), whole);
  EXPECT_FALSE(std::filesystem::exists(m_folder / "killed.results.work"));
}

TEST_F(RunExperiment, SameBytesForAnyNumberOfJobsAndThreads) {
  ASSERT_EQ(cli(command("one.results", {"--jobs", "1", "--threads", "1"})).exitCode, 0);
  ASSERT_EQ(cli(command("many.results", {"--jobs", "3", "--threads", "2"})).exitCode, 0);
  const auto one = exported("one.results");
  EXPECT_EQ(one, exported("many.results"));
  EXPECT_TRUE(one.contains("cells/evaluate/demo/sums/k=1/answers.json"));
  EXPECT_TRUE(one.contains("cells/capture/demo/texts/k=1/load_layers.csv"));
  EXPECT_TRUE(one.contains("summary/analysis.json"));
  const auto report = [&](const std::string& results, const std::string& out) {
    EXPECT_EQ(cli({"report", m_folder / results, "--out", m_folder / out}).exitCode, 0);
    std::string text = slurp(m_folder / out);
    const auto begin = text.find("<!-- machine and times: begin -->");
    const auto end = text.find("<!-- machine and times: end -->");
    EXPECT_LT(begin, end);
    return end == std::string::npos ? text : text.erase(begin, end - begin);
  };
  std::filesystem::copy(m_folder / "one.results", m_folder / "x.results");
  const std::string page = report("x.results", "x.html");
  std::filesystem::copy(m_folder / "many.results", m_folder / "x.results",
                        std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(page, report("x.results", "x.html"));
  EXPECT_NE(page.find("Top k</"), std::string::npos);
  EXPECT_NE(page.find("How many?"), std::string::npos);
  EXPECT_NE(page.find("switchyard run "), std::string::npos);
}

TEST_F(RunExperiment, AFailedCellDoesNotKeepOthersFromRunning) {
  std::string text;
  for (int i = 0; i < 700; ++i)
    text += "1 "; // more than the model's positions
  m_folder.write("long.jsonl", R"({"prompt":")" + text + R"(","answer":"b"})");
  std::string file = slurp(m_folder / "e.json");
  const std::string sums = "\"sums\": {";
  file.replace(file.find(sums), sums.size(), R"("long": "long.jsonl", )" + sums);
  m_folder.write("f.json", file);
  const ProcessResult result = cli(command("f.results", {}, "f.json"));
  EXPECT_EQ(result.exitCode, 1) << result.err;
  EXPECT_NE(result.err.find("failed: evaluate/demo/long/"), std::string::npos) << result.err;
  const json list = cliJson({"results", "list", m_folder / "f.results"});
  int done = 0, failed = 0;
  for (const json& cell : list["cells"]) {
    done += cell["state"] == "done";
    failed += cell["state"] == "failed";
    EXPECT_EQ(cell["state"] == "failed", !cell["error"].get<std::string>().empty());
  }
  EXPECT_EQ(done, 6);
  EXPECT_EQ(failed, 3);
  // Another run tries the failed ones, and only these.
  const json again = cliJson(command("f.results", {}, "f.json"));
  EXPECT_EQ(again["reused"], 6);
  EXPECT_EQ(again["failed"].size(), 3u);
  // The experiment without them has everything it needs.
  const json fixed = cliJson(command("f.results"));
  EXPECT_EQ(fixed["reused"], 6);
  EXPECT_EQ(fixed["ran"], 0);
}

TEST_F(RunExperiment, CellsOfAnOlderVersionAreReused) {
  ASSERT_EQ(cli(command("a.results")).exitCode, 0);
  experiment("e.json", R"("seeds": [0, 5], )");
  const json more = cliJson(command("a.results"));
  EXPECT_EQ(more["cells"], 12);
  EXPECT_EQ(more["reused"], 6);
  EXPECT_EQ(more["ran"], 6);
  const json one = cliJson(command("b.results", {"--cell", "evaluate/*/k=1/seed-5"}));
  EXPECT_EQ(one["ran"], 1);
}

TEST_F(RunExperiment, ComposedJobsGiveWhatTheirVerbsGive) {
  m_folder.write("c.json", R"({"models": {"demo": ")" + kDemoModel + R"("},
    "prompts": {"texts": "p.jsonl"},
    "tasks": {"think": {"path": ")" SY_DATA R"(/tasks/arithmetic.jsonl", "only": "style=think",
              "limit": 4, "scorer": "exact:after=A:", "max-tokens": 40}},
    "steer": {"identify": 25, "multipliers": [16], "controls": 1, "npmi": {"min-expert": 20}},
    "ablate": {"prompts": "texts", "experts": "5:26,5:4", "by": "lang"}})");
  const json done = cliJson(command("c.results", {}, "c.json"));
  EXPECT_EQ(done["failed"], json::array());
  EXPECT_EQ(done["ran"], 2);
  const json steered = cliJson({"results", "show", m_folder / "c.results", "steer/demo/think"});
  const json steering = cliJson({"steer",         kDemoModel,
                                 "--tasks",       SY_DATA "/tasks/arithmetic.jsonl",
                                 "--only",        "style=think",
                                 "--limit",       "4",
                                 "--scorer",      "exact:after=A:",
                                 "--max-tokens",  "40",
                                 "--identify",    "25",
                                 "--multipliers", "16",
                                 "--controls",    "1",
                                 "--min-expert",  "20",
                                 "--out",         m_folder / "s"});
  EXPECT_EQ(steered["results"]["steer"]["tables"], steering["result"]["tables"]);
  EXPECT_EQ(steered["results"]["steer"]["headlines"], steering["result"]["headlines"]);
  const json ablated = cliJson({"results", "show", m_folder / "c.results", "ablate/demo/texts"});
  const json ablation = cliJson({"ablate", kDemoModel, "--text", m_folder / "p.jsonl", "--experts",
                                 "5:26,5:4", "--by", "lang"});
  EXPECT_EQ(ablated["results"]["ablate"], ablation["results"]["ablate"]);
}

TEST_F(RunExperiment, DryRunSaysWhatIsToDoAndWritesNothing) {
  const json plan = cliJson(command("a.results", {"--dry-run"}));
  ASSERT_EQ(plan["cells"].size(), 6u);
  EXPECT_EQ(plan["waiting"], 6);
  EXPECT_GT(plan["seconds"], 0);
  EXPECT_GT(plan["cells"][0]["tokens"], 10);
  EXPECT_FALSE(std::filesystem::exists(m_folder / "a.results"));
  ASSERT_EQ(cli(command("a.results", {"--cell", "capture/*"})).exitCode, 0);
  const json rest = cliJson(command("a.results", {"--dry-run"}));
  EXPECT_EQ(rest["waiting"], 3);
  EXPECT_EQ(rest["cells"][0]["state"], "done");
}

TEST_F(RunExperiment, BadInputIsOneSentence) {
  const auto fails = [&](std::vector<std::string> arguments, int code, const std::string& part) {
    const ProcessResult result = cli(std::move(arguments));
    EXPECT_EQ(result.exitCode, code) << result.err;
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  };
  fails({"run"}, 2, "name the experiment");
  fails({"run", m_folder / "none.json"}, 4, "none.json");
  m_folder.write("bad.json", R"({"modles": {}})");
  fails({"run", m_folder / "bad.json"}, 4, "did you mean \"models\"");
  fails(command("x.results", {"--model", "other=x"}), 2, "other");
  fails(command("x.results", {"--cell", "capture/demo/texts/k=3"}), 2, "did you mean");
  fails(command("x.results", {"--jobs", "0"}), 2, "--jobs");
  m_folder.write("early.json", R"({"models": {"early": {"about": "not shipped"}},
    "prompts": {"p": "p.jsonl"}, "capture": {"with": ["load"]}})");
  fails(command("x.results", {}, "early.json"), 2, "--model early=DIR");
  m_folder.write("plugin.json", R"({"models": {"m": "x"}, "prompts": {"p": "p.jsonl"},
    "capture": {"with": ["laod"]}})");
  fails(command("x.results", {}, "plugin.json"), 4, "laod");
  m_folder.write("notes.results", "not a database");
  fails(command("notes.results"), 4, "notes.results");
  fails({"results", "show", m_folder / "none.results"}, 4, "none.results");
  fails({"results", "diff", m_folder / "none", m_folder / "none"}, 4, "none");
  m_folder.write("r.md", "# A report of somebody else\n");
  fails({"rerun", m_folder / "r.md"}, 4, "does not say how it was made");
  EXPECT_FALSE(std::filesystem::exists(m_folder / "x.results"));
}

} // namespace
} // namespace switchyard::tests
