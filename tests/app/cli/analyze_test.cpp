// `switchyard analyze` as a user runs it.

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/app/cli/cli_runner.h"
#include "tests/support/temp_folder.h"

namespace switchyard::tests {
namespace {

/// Rows of a CSV file without quoted fields, as header -> value.
std::vector<std::map<std::string, std::string>> readCsv(const std::filesystem::path& path) {
  std::istringstream lines(slurp(path));
  const auto fields = [](const std::string& line) {
    std::vector<std::string> out(1);
    for (const char c : line) {
      if (c == ',')
        out.emplace_back();
      else
        out.back() += c;
    }
    return out;
  };
  std::string line;
  std::getline(lines, line);
  const std::vector<std::string> header = fields(line);
  std::vector<std::map<std::string, std::string>> rows;
  while (std::getline(lines, line)) {
    const std::vector<std::string> values = fields(line);
    rows.emplace_back();
    for (std::size_t i = 0; i < header.size() && i < values.size(); ++i)
      rows.back()[header[i]] = values[i];
  }
  return rows;
}

/// Ten documents of each of the first two domains, captured once per test.
class Analyze : public ::testing::Test {
protected:
  void SetUp() override {
    std::ifstream file(kDemoPrompts);
    std::string rows;
    std::string line;
    for (int i = 0; i < 24 && std::getline(file, line); ++i)
      rows += line + "\n";
    m_prompts = m_folder.write("p.jsonl", rows);
    m_trace = m_folder / "t.swy";
    const ProcessResult result =
        cli({"capture", kDemoModel, "--prompts", m_prompts, "--out", m_trace, "-q"});
    ASSERT_EQ(result.exitCode, 0) << result.err;
  }

  /// Experts of every token at one layer, from `trace cat`: an independent way to the rows.
  std::vector<std::set<int>> selections(int layer) {
    std::istringstream lines(
        cli({"trace", "cat", m_trace, "--layers", std::to_string(layer), "--json"}).out);
    std::vector<std::set<int>> rows;
    for (std::string line; std::getline(lines, line);) {
      const nlohmann::json row = nlohmann::json::parse(line);
      rows.emplace_back();
      for (const auto& id : row["experts"])
        rows.back().insert(id.get<int>());
    }
    return rows;
  }

  TempFolder m_folder;
  std::string m_prompts;
  std::string m_trace;
};

TEST_F(Analyze, ComparesTwoTracesOfTheSameTokens) {
  const std::string out = m_folder / "agreement";
  const ProcessResult same =
      cli({"analyze", m_trace, "--with", "agreement", "--reference", m_trace, "--out", out, "-q"});
  ASSERT_EQ(same.exitCode, 0) << same.err;
  const auto rows = readCsv(std::filesystem::path(out) / "agreement_layers.csv");
  ASSERT_FALSE(rows.empty());
  for (auto row : rows)
    EXPECT_EQ(std::stod(row["identical"]), 1.0);
  const ProcessResult alone = cli({"analyze", m_trace, "--with", "agreement", "-q"});
  EXPECT_NE(alone.exitCode, 0);
  EXPECT_NE(alone.err.find("name the second one"), std::string::npos) << alone.err;
}

TEST_F(Analyze, TablesEqualANaiveCountOfTheRows) {
  const ProcessResult result = cli({"analyze", m_trace, "--with", "load,coactivation", "--out",
                                    m_folder / "out", "--coactivation.top", "10"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  const auto rows = selections(3);
  std::map<int, int> counts;
  std::map<std::pair<int, int>, int> pairs;
  for (const std::set<int>& row : rows)
    for (const int a : row) {
      ++counts[a];
      for (const int b : row)
        ++pairs[{a, b}];
    }
  int compared = 0;
  for (const auto& row : readCsv(m_folder / "out" / "load_experts.csv")) {
    if (row.at("layer") != "3")
      continue;
    EXPECT_EQ(std::stoi(row.at("count")), counts[std::stoi(row.at("expert"))]);
    ++compared;
  }
  EXPECT_EQ(compared, 32);
  compared = 0;
  for (const auto& row : readCsv(m_folder / "out" / "coactivation_pairs.csv")) {
    if (row.at("layer") != "3")
      continue;
    EXPECT_EQ(std::stoi(row.at("n_ij")), (pairs[{std::stoi(row.at("i")), std::stoi(row.at("j"))}]));
    ++compared;
  }
  EXPECT_EQ(compared, 10);
}

TEST_F(Analyze, RowsAndRoutedToLimitWhatIsCounted) {
  const auto rows = selections(3);
  std::map<int, int> inRange, routed;
  for (std::size_t row = 0; row < rows.size(); ++row)
    for (const int expert : rows[row]) {
      inRange[expert] += row >= 100 && row < 400 ? 1 : 0;
      routed[expert] += rows[row].contains(7) ? 1 : 0;
    }
  const auto countsWith = [&](const std::vector<std::string>& flags) {
    std::vector<std::string> arguments = {"analyze", m_trace,          "--with", "load",
                                          "--out",   m_folder / "out", "-q"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    const ProcessResult result = cli(arguments);
    EXPECT_EQ(result.exitCode, 0) << result.err;
    std::map<int, int> counts;
    for (const auto& row : readCsv(m_folder / "out" / "load_experts.csv"))
      if (row.at("layer") == "3")
        counts[std::stoi(row.at("expert"))] = std::stoi(row.at("count"));
    return counts;
  };
  for (int expert = 0; expert < 32; ++expert) // those that were never counted are 0
    inRange[expert] += 0, routed[expert] += 0;
  EXPECT_EQ(countsWith({"--rows", "100:400"}), inRange);
  EXPECT_EQ(countsWith({"--routed-to", "3:7"}), routed);
  const auto analysis = nlohmann::json::parse(slurp(m_folder / "out" / "analysis.json"));
  EXPECT_NE(analysis["command"].get<std::string>().find("--routed-to 3:7"), std::string::npos);
  EXPECT_NE(cli({"analyze", m_trace, "--rows", "4:4"}).exitCode, 0);
  EXPECT_NE(cli({"analyze", m_trace, "--with", "load", "--routed-to", "3:99"}).exitCode, 0);
  EXPECT_NE(cli({"analyze", m_trace, "--with", "expert-cache", "--routed-to", "3:99"}).exitCode, 0);
}

TEST_F(Analyze, ASimulatorUnderAFilterEqualsATraceOfThoseRowsAlone) {
  // The third to the sixth document: as rows of the trace of all, and captured on their own.
  std::istringstream prompts(slurp(m_prompts));
  std::string some, line;
  for (int document = 0; std::getline(prompts, line); ++document)
    if (document >= 2 && document < 6)
      some += line + "\n";
  const std::string alone = m_folder / "alone.swy";
  const ProcessResult captured = cli({"capture", kDemoModel, "--prompts",
                                      m_folder.write("some.jsonl", some), "--out", alone, "-q"});
  ASSERT_EQ(captured.exitCode, 0) << captured.err;
  std::istringstream lines(cli({"trace", "cat", m_trace, "--layers", "3", "--json"}).out);
  int first = -1, last = 0;
  for (int row = 0; std::getline(lines, line); ++row)
    if (const int sequence = nlohmann::json::parse(line)["sequence"].get<int>();
        sequence >= 2 && sequence < 6) {
      first = first < 0 ? row : first;
      last = row + 1;
    }
  const auto figures = [&](const std::string& trace, std::vector<std::string> flags) {
    flags.insert(flags.begin(),
                 {"analyze", trace, "--with", "expert-cache", "--step-tokens", "4",
                  "--expert-cache.capacities", "4,8,16", "--out", m_folder / "out", "-q"});
    const ProcessResult result = cli(flags);
    EXPECT_EQ(result.exitCode, 0) << result.err;
    return slurp(m_folder / "out" / "expert_cache.csv");
  };
  const std::string filtered =
      figures(m_trace, {"--rows", std::to_string(first) + ":" + std::to_string(last)});
  const auto analysis = nlohmann::json::parse(slurp(m_folder / "out" / "analysis.json"));
  EXPECT_EQ(analysis["results"]["expert-cache"]["provenance"]["filter"],
            "tokens " + std::to_string(first) + " to " + std::to_string(last - 1));
  EXPECT_EQ(analysis["results"]["expert-cache"]["provenance"]["tokens"], last - first);
  EXPECT_EQ(filtered, figures(alone, {}));
  EXPECT_NE(filtered, figures(m_trace, {}));
  EXPECT_NE(figures(m_trace, {"--routed-to", "3:7"}), figures(m_trace, {}));
}

TEST_F(Analyze, EveryDefaultAnalyzerWritesJsonTablesAndFigures) {
  ASSERT_EQ(cli({"analyze", m_trace, "--by", "domain", "--out", m_folder / "out", "-q"}).exitCode,
            0);
  const auto analysis = nlohmann::json::parse(slurp(m_folder / "out" / "analysis.json"));
  for (const char* id : {"specialization", "load", "coactivation", "transitions"}) {
    ASSERT_TRUE(analysis["results"].contains(id)) << id;
    const nlohmann::json& result = analysis["results"][id];
    EXPECT_EQ(result["provenance"]["sequences"], 24);
    EXPECT_FALSE(result["tables"].empty());
    EXPECT_FALSE(result["figures"].empty());
  }
  int csv = 0;
  int svg = 0;
  for (const auto& entry : std::filesystem::directory_iterator(m_folder / "out")) {
    csv += entry.path().extension() == ".csv";
    svg += entry.path().extension() == ".svg";
    EXPECT_GT(entry.file_size(), 0u);
  }
  EXPECT_GE(csv, 8);
  EXPECT_GE(svg, 8);
  EXPECT_NE(analysis["command"].get<std::string>().find("--specialization.label domain"),
            std::string::npos);
}

TEST_F(Analyze, TooLittleDataGivesNoVerdict) {
  const auto prompts = m_folder.write("one.jsonl", R"({"text":"Q: 47+85=? A:"})");
  const std::string trace = m_folder / "one.swy";
  ASSERT_EQ(cli({"capture", kDemoModel, "--prompts", prompts, "--out", trace, "-q"}).exitCode, 0);
  const ProcessResult result = cli({"analyze", trace, "--with", "load"});
  EXPECT_EQ(result.exitCode, 0);
  EXPECT_NE(result.out.find("not enough data"), std::string::npos) << result.out;
  EXPECT_EQ(result.out.find("Never selected"), std::string::npos) << result.out;
}

TEST_F(Analyze, WrongNamesAndOptionsAreRefused) {
  const auto refused = [&](std::vector<std::string> arguments, const std::string& says) {
    arguments.insert(arguments.begin(), {"analyze", m_trace});
    const ProcessResult result = cli(arguments);
    EXPECT_TRUE(result.exitCode == 2 || result.exitCode == 4) << result.exitCode;
    EXPECT_NE(result.err.find(says), std::string::npos) << result.err;
  };
  refused({"--with", "lod"}, "lod");
  refused({"--with", "load,load"}, "twice");
  refused({"--with", "coactivation", "--coactivation.top", "0"}, "coactivation.top");
  refused({"--with", "coactivation", "--coactivation.top", "many"}, "coactivation.top");
  refused({"--with", "coactivation", "--coactivation.tops", "3"}, "coactivation.tops");
  refused({"--with", "load", "--coactivation.top", "3"}, "--with coactivation");
  refused({"--with", "sample-router"}, "neither");
}

TEST(Npmi, MarkersAreTextAndTheRecipeSteers) {
  const TempFolder folder;
  std::ifstream tasks(SY_DATA "/tasks/arithmetic.jsonl");
  std::string rows;
  int count = 0;
  for (std::string line; count < 20 && std::getline(tasks, line);)
    if (line.find("\"think\"") != std::string::npos) {
      rows += line + "\n";
      ++count;
    }
  const auto prompts = folder.write("think.jsonl", rows);
  const std::string trace = folder / "t.swy";
  ASSERT_EQ(
      cli({"capture", kDemoModel, "--prompts", prompts, "--generate", "32", "--out", trace, "-q"})
          .exitCode,
      0);
  const ProcessResult result =
      cli({"analyze", trace, "--with", "npmi", "--marker", "<think>=1", "--npmi.min-expert", "1",
           "--npmi.min-both", "1", "--out", folder / "out", "-q"});
  ASSERT_EQ(result.exitCode, 0) << result.err;

  // The best row again, from the rows of the trace.
  const auto table = readCsv(folder / "out" / "npmi_markers.csv");
  ASSERT_FALSE(table.empty());
  const int marker = cliJson({"tokenize", kDemoModel, "--text", "<think>"})["ids"][0];
  double tokens = 0;
  double occurrences = 0;
  double uses = 0;
  double both = 0;
  std::istringstream lines(
      cli({"trace", "cat", trace, "--layers", table[0].at("layer"), "--json"}).out);
  for (std::string line; std::getline(lines, line);) {
    const nlohmann::json row = nlohmann::json::parse(line);
    const auto experts = row["experts"].get<std::vector<int>>();
    const bool used = std::ranges::count(experts, std::stoi(table[0].at("expert"))) > 0;
    const bool marked = row["token"] == marker;
    tokens += 1;
    occurrences += marked;
    uses += used;
    both += used && marked;
  }
  EXPECT_EQ(occurrences, 20);
  const double npmi =
      (std::log2(both / occurrences) + std::log2(tokens / uses)) / std::log2(tokens / both);
  EXPECT_NEAR(std::stod(table[0].at("npmi")), npmi, 1e-12);

  const std::string recipe = folder / "out" / "npmi-steer.json";
  EXPECT_NE(slurp(recipe).find("\"multiplier\": 64"), std::string::npos);
  EXPECT_EQ(cli({"generate", kDemoModel, "--prompt", "Q: 47+85=? <think>", "--recipe", recipe,
                 "--max-tokens", "8", "-q"})
                .exitCode,
            0);
}

TEST_F(Analyze, ACacheOfEverythingMissesEachExpertOnce) {
  const ProcessResult result =
      cli({"analyze", m_trace, "--with", "expert-cache", "--expert-cache.capacities", "32", "--out",
           m_folder / "out", "-q"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  // With room for all 32 experts of a layer, only the first use of each expert misses.
  std::map<int, std::set<int>> used;
  double assignments = 0;
  for (int layer = 0; layer < 6; ++layer)
    for (const std::set<int>& row : selections(layer)) {
      used[layer].insert(row.begin(), row.end());
      assignments += static_cast<double>(row.size());
    }
  std::size_t misses = 0;
  for (const auto& [layer, experts] : used)
    misses += experts.size();
  int policies = 0;
  for (const auto& row : readCsv(m_folder / "out" / "expert_cache.csv")) {
    EXPECT_EQ(row.at("capacity"), "32");
    EXPECT_EQ(std::stod(row.at("accesses")), assignments);
    EXPECT_EQ(std::stod(row.at("misses")), static_cast<double>(misses)) << row.at("policy");
    ++policies;
  }
  EXPECT_EQ(policies, 4);
}

TEST_F(Analyze, AMachineIsAFileOrItsText) {
  const std::string text = R"({"expert_bytes": 1000, "load_bandwidth": 2000})";
  const auto priced = [&](const std::string& machine) {
    const ProcessResult result = cli({"analyze", m_trace, "--with", "expert-cache", "--machine",
                                      machine, "--out", m_folder / "out", "-q"});
    EXPECT_EQ(result.exitCode, 0) << result.err;
    return slurp(m_folder / "out" / "expert_cache.csv");
  };
  const std::string fromText = priced(text);
  EXPECT_EQ(fromText, priced(m_folder.write("m.json", text)));
  const auto analysis = nlohmann::json::parse(slurp(m_folder / "out" / "analysis.json"));
  EXPECT_NE(analysis["command"].get<std::string>().find(
                R"( --machine '{"load_bandwidth":2000.0,"expert_bytes":1000.0}')"),
            std::string::npos)
      << analysis["command"];
  EXPECT_NE(fromText, priced("{}"));
  const ProcessResult bad =
      cli({"analyze", m_trace, "--with", "expert-cache", "--machine", R"({"wheels": 4})", "-q"});
  EXPECT_NE(bad.exitCode, 0);
  EXPECT_NE(bad.err.find("\"wheels\": 4 is no field of a machine"), std::string::npos) << bad.err;
}

TEST_F(Analyze, ATransformWritesACheckpointThatRuns) {
  const std::string smaller = m_folder / "smaller";
  const ProcessResult result = cli(
      {"transform", kDemoModel, "--with", "drop-experts", "--trace", m_trace, "--out", smaller});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_EQ(cliJson({"info", smaller})["experts"], 31);
  EXPECT_EQ(
      cli({"generate", smaller, "--prompt", "The carriage", "--max-tokens", "4", "-q"}).exitCode,
      0);
  EXPECT_EQ(
      cli({"transform", kDemoModel, "--with", "drop-experts", "--trace", m_trace, "--out", smaller})
          .exitCode,
      2); // never over an existing checkpoint
}

TEST(Analyses, LogitsOfASigmoidRouterAreReadAsSuch) {
  const TempFolder folder;
  const std::string model = kGolden + "/models/deepseek_v3";
  const auto prompts = folder.write("p.jsonl", R"({"token_ids":[5,9,200,31,77,12,3,250]})");
  const std::string trace = folder / "t.swy";
  ASSERT_EQ(cli({"capture", model, "--prompts", prompts, "--record", "ids,weights,logits", "--out",
                 trace, "-q"})
                .exitCode,
            0);
  const nlohmann::json analysis = cliJson({"analyze", trace, "--with", "load,entropy"});
  for (const char* id : {"load", "entropy"})
    EXPECT_EQ(analysis["results"][id]["provenance"]["options"]["probabilities"], "sigmoid") << id;
}

} // namespace
} // namespace switchyard::tests
