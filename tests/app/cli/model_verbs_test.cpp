// `switchyard info`, `tokenize`, `generate` and `perplexity` as a user runs them.

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/app/cli/cli_runner.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace switchyard::tests {
namespace {

nlohmann::json readJson(const std::string& path) {
  return nlohmann::json::parse(std::ifstream(path));
}

TEST(Info, TheDemoModelIsDescribedAsItsReadmeSays) {
  const nlohmann::json info = cliJson({"info", kDemoModel});
  EXPECT_EQ(info["family"], "qwen3_moe");
  EXPECT_EQ(info["layers"], 6);
  EXPECT_EQ(info["experts"], 32);
  EXPECT_EQ(info["experts_per_token"], 4);
  EXPECT_EQ(info["vocabulary"], 4096);
  EXPECT_EQ(info["tokenizer"]["vocabulary"], 4096);
  EXPECT_EQ(info["dtype"], "BF16");
  // "16.44 M total, 4.05 M active per token (tied embedding included)"
  EXPECT_NEAR(info["parameters"].get<double>(), 16.44e6, 0.005e6);
  EXPECT_NEAR(info["active_parameters"].get<double>(), 4.05e6, 0.005e6);
  const ProcessResult text = cli({"info", kDemoModel});
  EXPECT_EQ(text.exitCode, 0);
  EXPECT_NE(text.out.find("32 per layer, 4 per token"), std::string::npos) << text.out;
}

TEST(Info, EveryGoldenFamilyIsKnown) {
  for (const auto& entry : std::filesystem::directory_iterator(kGolden + "/models")) {
    if (!entry.is_directory())
      continue;
    const nlohmann::json info = cliJson({"info", entry.path()});
    ASSERT_TRUE(info.is_object()) << entry.path();
    EXPECT_EQ(info["family"], readJson(entry.path() / "config.json")["model_type"]);
    // No tokenizer.json there: token ids can be run, and info says why text cannot.
    EXPECT_TRUE(info["tokenizer"].contains("problem"));
  }
}

TEST(Info, AFileThatIsNoTraceIsRefused) {
  const TempFolder folder;
  const ProcessResult result = cli({"info", folder.write("x.swy", "not a trace")});
  EXPECT_EQ(result.exitCode, 4);
  EXPECT_NE(result.err.find("x.swy"), std::string::npos);
  EXPECT_EQ(cli({"info", folder / "nothing"}).exitCode, 4);
}

TEST(Tokenize, EqualsTheReferenceTokenizer) {
  std::ifstream vectors(kGolden + "/tokenizer/demo.jsonl");
  const TempFolder folder;
  std::string rows;
  std::vector<nlohmann::json> expected;
  for (std::string line; std::getline(vectors, line);) {
    const nlohmann::json vector = nlohmann::json::parse(line);
    if (vector["text"] == "")
      continue;
    rows += nlohmann::json{{"id", vector["id"]}, {"text", vector["text"]}}.dump() + "\n";
    expected.push_back(vector);
  }
  ASSERT_GT(expected.size(), 500u);
  const auto file = folder.write("texts.jsonl", rows);
  for (const bool specialAsText : {false, true}) {
    std::vector<std::string> command = {"tokenize", kDemoModel, "--jsonl", file, "--json"};
    if (specialAsText)
      command.push_back("--special-as-text");
    const ProcessResult result = cli(command);
    ASSERT_EQ(result.exitCode, 0) << result.err;
    std::istringstream lines(result.out);
    std::size_t at = 0;
    for (std::string line; std::getline(lines, line); ++at) {
      const nlohmann::json row = nlohmann::json::parse(line);
      const nlohmann::json& want = expected.at(at);
      ASSERT_EQ(row["id"], want["id"]);
      const bool other = specialAsText && want.contains("ids_special_as_text");
      EXPECT_EQ(row["ids"], other ? want["ids_special_as_text"] : want["ids"]) << row["id"];
      if (!other) {
        EXPECT_EQ(row["bytes"], want["bytes"]) << row["id"];
      }
    }
    EXPECT_EQ(at, expected.size());
  }
}

TEST(Tokenize, TakesTextFilesAndTokenizerFiles) {
  const TempFolder folder;
  const auto file = folder.write("a.txt", "Q: 47+85=? A:");
  const nlohmann::json fromText =
      cliJson({"tokenize", kDemoModel + "/tokenizer.json", "--text", "Q: 47+85=? A:"});
  const nlohmann::json fromFile = cliJson({"tokenize", kDemoModel, file});
  EXPECT_EQ(fromText["ids"], fromFile["ids"]);
  EXPECT_GT(fromText["ids"].size(), 5u);
  const ProcessResult people = cli({"tokenize", kDemoModel, "--text", "hé"});
  EXPECT_EQ(people.exitCode, 0);
  EXPECT_NE(people.out.find("tokens"), std::string::npos) << people.out;
}

TEST(Tokenize, BadInputIsNamed) {
  const TempFolder folder;
  EXPECT_EQ(cli({"tokenize", kDemoModel}).exitCode, 2);
  EXPECT_EQ(cli({"tokenize", folder / "none", "--text", "x"}).exitCode, 4);
  const auto latin1 = folder.write("latin1.txt", "caf\xe9");
  const ProcessResult result = cli({"tokenize", kDemoModel, latin1});
  EXPECT_EQ(result.exitCode, 4);
  EXPECT_NE(result.err.find("UTF-8"), std::string::npos) << result.err;
}

TEST(Generate, GreedyTextEqualsTheReference) {
  const Reference reference(kGolden + "/models/olmoe/reference.safetensors");
  std::string ids;
  for (const std::int64_t id : reference.integers("p0.ids"))
    ids += (ids.empty() ? "" : ",") + std::to_string(id);
  const nlohmann::json result = cliJson({"generate", kGolden + "/models/olmoe", "--token-ids", ids,
                                         "--max-tokens", "16", "--ignore-eos", "--quiet"});
  EXPECT_EQ(result["ids"].get<std::vector<std::int64_t>>(), reference.integers("p0.greedy"));
}

TEST(Generate, StreamsTextAndStops) {
  const ProcessResult result =
      cli({"generate", kDemoModel, "--prompt", "Q: 6+7=? A:", "--max-tokens", "24", "--stop",
           "Q:", "--quiet"});
  EXPECT_EQ(result.exitCode, 0) << result.err;
  EXPECT_EQ(result.out.find("Q:"), std::string::npos);
  EXPECT_EQ(result.err, "");
  const nlohmann::json json =
      cliJson({"generate", kDemoModel, "--prompt", "Q: 6+7=? A:", "--max-tokens", "24", "--stop",
               "Q:", "--quiet"});
  EXPECT_EQ(json["text"].get<std::string>() + "\n", result.out);
}

TEST(Generate, TheSeedDecides) {
  const auto text = [](const char* seed) {
    return cli({"generate", kDemoModel, "--prompt", "The carriage", "--temperature", "1",
                "--max-tokens", "20", "--seed", seed, "--quiet"})
        .out;
  };
  EXPECT_EQ(text("1"), text("1"));
  EXPECT_NE(text("1"), text("2"));
}

TEST(Generate, BadOptionsAreUsageErrors) {
  EXPECT_EQ(cli({"generate", kDemoModel}).exitCode, 2);
  EXPECT_EQ(cli({"generate", kDemoModel, "--prompt", "x", "--top-p", "1.5"}).exitCode, 2);
  EXPECT_EQ(cli({"generate", kDemoModel, "--prompt", "x", "--token-ids", "1"}).exitCode, 2);
  const ProcessResult result = cli({"generate", kDemoModel, "--token-ids", "4096"});
  EXPECT_EQ(result.exitCode, 2);
  EXPECT_NE(result.err.find("vocabulary"), std::string::npos) << result.err;
}

TEST(Perplexity, EqualsTheReferencePerDocument) {
  const nlohmann::json golden = readJson(kGolden + "/demo/perplexity.json");
  const nlohmann::json result =
      cliJson({"perplexity", kDemoModel, "--text", kDemoPrompts, "--quiet"});
  std::map<std::string, nlohmann::json> mine;
  for (const auto& document : result["documents"])
    mine[document["id"]] = document;
  int compared = 0;
  for (const auto& document : golden["documents"]) {
    const auto found = mine.find(document["id"]);
    if (found == mine.end() || document["tokens"] > 512)
      continue;
    EXPECT_NEAR(found->second["sum_nll"].get<double>(), document["sum_nll"].get<double>(), 2e-3)
        << document["id"];
    EXPECT_EQ(found->second["scored"], document["scored"]);
    ++compared;
  }
  EXPECT_GT(compared, 20);
}

} // namespace
} // namespace switchyard::tests
