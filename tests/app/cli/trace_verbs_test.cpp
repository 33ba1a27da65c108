// `switchyard trace info|check|export|cat` as a user runs them.

#include <algorithm>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/app/cli/cli_runner.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace switchyard::tests {
namespace {

/// A small trace of the demo model, shared by all tests of this file.
class TraceVerbs : public ::testing::Test {
protected:
  void SetUp() override {
    m_prompts = m_folder.write(
        "p.jsonl",
        "{\"id\":\"one\",\"text\":\"Q: 47+85=? A:\",\"domain\":\"math\"}\n"
        "{\"id\":\"two\",\"text\":\"The ferry left without its bell.\",\"domain\":\"prose\"}\n");
    m_trace = m_folder / "t.swy";
    const ProcessResult result = cli({"capture", kDemoModel, "--prompts", m_prompts, "--out",
                                      m_trace, "--record", "ids,weights,logits,predicted", "-q"});
    ASSERT_EQ(result.exitCode, 0) << result.err;
  }

  TempFolder m_folder;
  std::string m_prompts;
  std::string m_trace;
};

TEST_F(TraceVerbs, InfoSaysWhatIsInIt) {
  const nlohmann::json info = cliJson({"trace", "info", m_trace});
  EXPECT_EQ(info["sequences"], 2);
  EXPECT_EQ(info["complete"], true);
  EXPECT_EQ(info["recorded"], "ids,weights,logits,predicted");
  EXPECT_EQ(info["layers"].size(), 6u);
  EXPECT_EQ(info["layers"][5], (nlohmann::json{{"layer", 5}, {"experts", 32}, {"k", 4}}));
  EXPECT_EQ(info["labels"]["domain"], (nlohmann::json{{"math", 1}, {"prose", 1}}));
  EXPECT_EQ(info["model"]["family"], "qwen3_moe");
  EXPECT_NE(info["command"].get<std::string>().find("switchyard capture"), std::string::npos);
  EXPECT_EQ(cliJson({"info", m_trace}), info);
  EXPECT_EQ(cli({"trace", "info", m_trace}).exitCode, 0);
}

TEST_F(TraceVerbs, ADamagedTraceFailsTheCheck) {
  const ProcessResult good = cli({"trace", "check", m_trace, "-q"});
  EXPECT_EQ(good.exitCode, 0) << good.out;
  EXPECT_NE(good.out.find("verdict: "), std::string::npos);
  // Flip a byte in the middle of the last page, where column data lie.
  std::string bytes = slurp(m_trace);
  std::size_t changed = 0;
  for (std::size_t at = bytes.size() * 3 / 4; at < bytes.size(); at += 997, ++changed)
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
  ASSERT_GT(changed, 0u);
  const auto damaged = m_folder.write("damaged.swy", bytes);
  const ProcessResult bad = cli({"trace", "check", damaged, "-q"});
  EXPECT_TRUE(bad.exitCode == 3 || bad.exitCode == 4) << bad.exitCode << bad.out << bad.err;
}

TEST_F(TraceVerbs, EveryExportFormatHoldsTheSameRouting) {
  for (const char* format : {"safetensors", "npz", "csv", "jsonl"}) {
    const ProcessResult result = cli({"trace", "export", m_trace, "--format", format, "--out",
                                      m_folder / ("x." + std::string(format)), "-q"});
    ASSERT_EQ(result.exitCode, 0) << format << result.err;
  }
  const Reference tensors(m_folder / "x.safetensors");
  std::istringstream lines(cli({"trace", "cat", m_trace, "--json"}).out);
  std::map<std::string, std::vector<std::int64_t>> experts;
  for (std::string line; std::getline(lines, line);) {
    const nlohmann::json row = nlohmann::json::parse(line);
    auto& list = experts["s" + row["sequence"].dump() + ".l" + row["layer"].dump() + ".experts"];
    for (const auto& id : row["experts"])
      list.push_back(id);
  }
  ASSERT_EQ(experts.size(), 12u);
  for (const auto& [name, ids] : experts)
    EXPECT_EQ(tensors.integers(name), ids) << name;
  // npz is a zip of npy files; the names of its members stand in the clear.
  const std::string npz = slurp(m_folder / "x.npz");
  EXPECT_EQ(npz.rfind("PK", 0), 0u);
  for (const auto& [name, ids] : experts)
    EXPECT_NE(npz.find(name + ".npy"), std::string::npos) << name;
  const std::string csv = slurp(m_folder / "x.csv");
  const std::string jsonl = slurp(m_folder / "x.jsonl");
  std::istringstream rows(jsonl);
  int parsed = 0;
  for (std::string line; std::getline(rows, line); ++parsed)
    EXPECT_FALSE(nlohmann::json::parse(line, nullptr, false).is_discarded());
  EXPECT_GT(parsed, 0);
  EXPECT_GT(std::count(csv.begin(), csv.end(), '\n'), 12);
}

TEST_F(TraceVerbs, CatSelectsSequencesLayersAndTokens) {
  const auto lines = [](const ProcessResult& result) {
    return std::count(result.out.begin(), result.out.end(), '\n');
  };
  EXPECT_EQ(lines(cli({"trace", "cat", m_trace, "--sequence", "1", "--tokens", "0:3"})), 18);
  EXPECT_EQ(lines(cli({"trace", "cat", m_trace, "--sequence", "1", "--tokens", "2:3", "--layers",
                       "5,0"})),
            2);
  EXPECT_EQ(lines(cli({"trace", "cat", m_trace, "--limit", "7"})), 7);
  EXPECT_EQ(cli({"trace", "cat", m_trace, "--sequence", "2"}).exitCode, 2);
  EXPECT_EQ(cli({"trace", "cat", m_trace, "--layers", "6"}).exitCode, 2);
  EXPECT_EQ(cli({"trace", "cat", m_trace, "--tokens", "5-7"}).exitCode, 2);
}

TEST_F(TraceVerbs, FilesThatAreNoTraceAreRefused) {
  const auto text = m_folder.write("text.swy", "hello");
  const auto empty = m_folder.write("empty.swy", "");
  for (const char* verb : {"info", "check", "cat"}) {
    for (const auto& file : {text, empty, m_folder / "missing.swy"}) {
      const ProcessResult result = cli({"trace", verb, file});
      EXPECT_EQ(result.exitCode, 4) << verb << " " << file << result.err;
      EXPECT_NE(result.err.find(".swy"), std::string::npos);
    }
  }
}

} // namespace
} // namespace switchyard::tests
