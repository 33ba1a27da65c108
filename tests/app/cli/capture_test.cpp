// `switchyard capture` and `switchyard generate --trace` as a user runs them.

#include <chrono>
#include <csignal>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "tests/app/cli/cli_runner.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace switchyard::tests {
namespace {

/// The first `count` rows of the demo prompts.
/// One row of token ids per golden prompt of a checkpoint.
std::string goldenPrompts(const Reference& reference, int count) {
  std::string rows;
  for (int p = 0; p < count; ++p) {
    nlohmann::json row;
    row["id"] = "p" + std::to_string(p);
    row["token_ids"] = reference.integers("p" + std::to_string(p) + ".ids");
    rows += row.dump() + "\n";
  }
  return rows;
}

TEST(Capture, TheExportedTraceEqualsTheReferenceImplementation) {
  const TempFolder folder;
  const std::string model = kGolden + "/models/qwen3_moe";
  const Reference reference(model + "/reference.safetensors");
  const auto prompts = folder.write("p.jsonl", goldenPrompts(reference, 3));
  const std::string trace = folder / "t.swy";
  const ProcessResult captured =
      cli({"capture", model, "--prompts", prompts, "--out", trace, "--record",
           "ids,weights,logits,norms,hidden,lm-logits", "--quiet"});
  ASSERT_EQ(captured.exitCode, 0) << captured.err;
  const std::string exported = folder / "t.safetensors";
  ASSERT_EQ(cli({"trace", "export", trace, "--format", "safetensors", "--out", exported}).exitCode,
            0);
  const Reference got(exported);
  for (int p = 0; p < 3; ++p) {
    const std::string from = "p" + std::to_string(p) + ".";
    const std::string to = "s" + std::to_string(p) + ".";
    EXPECT_EQ(got.integers(to + "ids"), reference.integers(from + "ids"));
    const auto logits = reference.floats(from + "logits");
    EXPECT_LE(largestDifference(got.floats(to + "lm_logits"), logits), 1e-4 * range(logits));
    for (int l = 0; reference.has(from + "l" + std::to_string(l) + ".experts"); ++l) {
      const std::string layer = "l" + std::to_string(l) + ".";
      EXPECT_EQ(got.integers(to + layer + "experts"), reference.integers(from + layer + "experts"));
      EXPECT_LE(largestDifference(got.floats(to + layer + "weights"),
                                  reference.floats(from + layer + "weights")),
                1e-5);
      EXPECT_LE(largestDifference(got.floats(to + layer + "router_logits"),
                                  reference.floats(from + layer + "router_logits")),
                1e-4);
      const auto norms = reference.floats(from + layer + "norms");
      EXPECT_LE(largestDifference(got.floats(to + layer + "norms"), norms),
                1e-4 * largestMagnitude(norms));
    }
    if (reference.has(from + "hidden")) {
      const auto hidden = reference.floats(from + "hidden");
      EXPECT_LE(largestDifference(got.floats(to + "hidden"), hidden),
                1e-5 * std::max(1.0, largestMagnitude(hidden)));
    }
  }
}

TEST(Capture, BytesDoNotDependOnThreads) {
  const TempFolder folder;
  const auto prompts = folder.write("p.jsonl", somePrompts(6));
  for (const char* threads : {"1", "2", "5"}) {
    const std::string n = threads;
    ASSERT_EQ(
        cli({"capture", kDemoModel, "--prompts", prompts, "--out", folder / ("t" + n + ".swy"),
             "--record", "ids,weights,logits,norms,predicted", "--threads", n, "--quiet"})
            .exitCode,
        0);
    const ProcessResult analyzed =
        cli({"analyze", folder / ("t" + n + ".swy"), "--with",
             "load,coactivation,transitions,specialization", "--by", "domain", "--out",
             folder / ("a" + n), "--threads", n, "--quiet"});
    ASSERT_EQ(analyzed.exitCode, 0) << analyzed.err;
  }
  const std::string trace = slurp(folder / "t1.swy");
  ASSERT_FALSE(trace.empty());
  EXPECT_EQ(trace, slurp(folder / "t2.swy"));
  EXPECT_EQ(trace, slurp(folder / "t5.swy"));
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "a1")) {
    const std::string name = entry.path().filename();
    std::string one = slurp(folder / "a1" / name);
    for (const char* n : {"2", "5"}) {
      std::string other = slurp(folder / ("a" + std::string(n)) / name);
      // Only the name of the trace itself may differ.
      for (std::size_t at; (at = other.find("t" + std::string(n) + ".swy")) != std::string::npos;)
        other.replace(at, 6, "t1.swy");
      EXPECT_EQ(one, other) << name;
    }
    ++files;
  }
  EXPECT_GT(files, 4);
}

TEST(Capture, KilledAtTwentyMomentsItResumesToTheSameBytes) {
  const TempFolder folder;
  const auto prompts = folder.write("p.jsonl", somePrompts(24));
  const auto start = std::chrono::steady_clock::now();
  const std::string whole = folder / "whole.swy";
  ASSERT_EQ(cli({"capture", kDemoModel, "--prompts", prompts, "--out", whole, "--quiet"}).exitCode,
            0);
  const auto took = std::chrono::steady_clock::now() - start;
  const std::string expected = slurp(whole);
  std::mt19937 random(20261126);
  std::uniform_real_distribution<double> share(0.02, 0.95);
  int interrupted = 0;
  // A run that ends before it is killed does not count.
  for (int round = 0; interrupted < 20 && round < 100; ++round) {
    const std::string trace = folder / ("t" + std::to_string(round) + ".swy");
    {
      Process process(
          {SY_CLI, "capture", kDemoModel, "--prompts", prompts, "--out", trace, "--quiet"});
      std::this_thread::sleep_for(took * share(random));
      process.signal(SIGKILL);
      interrupted += process.wait().exitCode == -SIGKILL ? 1 : 0;
    }
    if (std::filesystem::exists(trace)) {
      const nlohmann::json check = cliJson({"trace", "check", trace, "--files-only", "--quiet"});
      ASSERT_TRUE(check.is_object());
      for (const auto& finding : check["findings"])
        EXPECT_NE(finding["verdict"], "bad") << finding.dump();
    }
    const ProcessResult resumed =
        cli({"capture", kDemoModel, "--prompts", prompts, "--out", trace, "--resume", "--quiet"});
    ASSERT_EQ(resumed.exitCode, 0) << resumed.err;
    EXPECT_TRUE(slurp(trace) == expected) << "round " << round;
    std::filesystem::remove(trace);
  }
  EXPECT_EQ(interrupted, 20) << "the kills came too late";
}

TEST(Capture, CtrlCKeepsWhatIsDone) {
  const TempFolder folder;
  const std::string trace = folder / "t.swy";
  const auto prompts = folder.write("p.jsonl", somePrompts(1360));
  Process process({SY_CLI, "capture", kDemoModel, "--prompts", prompts, "--out", trace});
  for (int i = 0; i < 200 && !std::filesystem::exists(trace); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  process.signal(SIGINT);
  const ProcessResult result = process.wait();
  EXPECT_EQ(result.exitCode, 130);
  EXPECT_NE(result.err.find("--resume"), std::string::npos) << result.err;
  const nlohmann::json info = cliJson({"info", trace});
  EXPECT_FALSE(info["complete"]);
  EXPECT_GT(info["sequences"], 0);
  EXPECT_LT(info["sequences"], 1360);
}

TEST(Capture, AnExistingTraceIsNotReplacedUnasked) {
  const TempFolder folder;
  const auto prompts = folder.write("p.jsonl", somePrompts(1));
  const std::vector<std::string> command = {"capture", kDemoModel,       "--prompts", prompts,
                                            "--out",   folder / "t.swy", "--quiet"};
  ASSERT_EQ(cli(command).exitCode, 0);
  const ProcessResult again = cli(command);
  EXPECT_EQ(again.exitCode, 2);
  EXPECT_NE(again.err.find("--overwrite"), std::string::npos);
  std::vector<std::string> replace = command;
  replace.push_back("--overwrite");
  EXPECT_EQ(cli(replace).exitCode, 0);
  // Something that is no trace is never replaced.
  folder.write("notes.txt", "mine");
  const ProcessResult foreign = cli({"capture", kDemoModel, "--prompts", prompts, "--out",
                                     folder / "notes.txt", "--overwrite", "--quiet"});
  EXPECT_NE(foreign.exitCode, 0);
  EXPECT_EQ(slurp(folder / "notes.txt"), "mine");
}

TEST(Capture, ResumingWithOtherInputsIsRefused) {
  const TempFolder folder;
  const auto prompts = folder.write("p.jsonl", somePrompts(2));
  const std::string trace = folder / "t.swy";
  ASSERT_EQ(cli({"capture", kDemoModel, "--prompts", prompts, "--out", trace, "-q"}).exitCode, 0);
  folder.write("p.jsonl", somePrompts(3));
  const ProcessResult result =
      cli({"capture", kDemoModel, "--prompts", prompts, "--out", trace, "--resume", "-q"});
  EXPECT_EQ(result.exitCode, 2);
  EXPECT_NE(result.err.find("prompts"), std::string::npos) << result.err;
}

TEST(Capture, GeneratedTokensArePartOfTheSequence) {
  const TempFolder folder;
  const auto prompts =
      folder.write("p.jsonl", R"({"id":"sum","text":"Q: 47+85=? A:","domain":"math"})");
  const std::string trace = folder / "t.swy";
  ASSERT_EQ(cli({"capture", kDemoModel, "--prompts", prompts, "--out", trace, "--generate", "4",
                 "--quiet"})
                .exitCode,
            0);
  const nlohmann::json info = cliJson({"info", trace});
  const nlohmann::json generated = cliJson(
      {"generate", kDemoModel, "--prompt", "Q: 47+85=? A:", "--max-tokens", "4", "--quiet"});
  const std::size_t made = generated["ids"].size();
  EXPECT_EQ(info["generated_tokens"], made);
  const ProcessResult cat = cli({"trace", "cat", trace, "--layers", "0", "--json"});
  std::vector<int> tokens;
  std::istringstream lines(cat.out);
  for (std::string line; std::getline(lines, line);)
    tokens.push_back(nlohmann::json::parse(line)["token"]);
  std::vector<int> expected = generated["prompt_ids"];
  for (const int id : generated["ids"])
    expected.push_back(id);
  EXPECT_EQ(tokens, expected);
}

TEST(Capture, LongTextsAreCutIntoWindows) {
  const TempFolder folder;
  const auto text = folder.write("book.txt", std::string(4000, 'a') + " " + std::string(4000, 'b'));
  const std::string trace = folder / "t.swy";
  ASSERT_EQ(
      cli({"capture", kDemoModel, "--prompts", text, "--context", "100", "--out", trace, "--quiet"})
          .exitCode,
      0);
  const nlohmann::json info = cliJson({"info", trace});
  const nlohmann::json ids = cliJson({"tokenize", kDemoModel, text})["ids"];
  EXPECT_EQ(info["tokens"], ids.size());
  EXPECT_EQ(info["sequences"], (ids.size() + 99) / 100);
}

TEST(Capture, TheMemoryBoundIsKeptOrRefused) {
  const TempFolder folder;
  const auto prompts = folder.write("p.jsonl", somePrompts(1));
  const ProcessResult result = cli({"capture", kDemoModel, "--prompts", prompts, "--out",
                                    folder / "t.swy", "--max-memory", "20M", "--quiet"});
  EXPECT_EQ(result.exitCode, 6);
  EXPECT_NE(result.err.find("MiB"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder / "t.swy"));
  EXPECT_EQ(cli({"capture", kDemoModel, "--prompts", prompts, "--out", folder / "t.swy",
                 "--max-memory", "1G", "--quiet"})
                .exitCode,
            0);
}

TEST(Capture, BadInputsAreNamedAndLeaveNothingBehind) {
  const TempFolder folder;
  const auto good = folder.write("good.jsonl", somePrompts(1));
  const auto bad = folder.write("bad.jsonl", somePrompts(1) + "{\"text\": 5}\n");
  const std::string out = folder / "t.swy";
  struct Case {
    std::vector<std::string> arguments;
    int exitCode;
    std::string says;
  };
  const std::vector<Case> cases = {
      {{"capture", folder / "no-model", "--prompts", good}, 4, "no-model"},
      {{"capture", kDemoModel, "--prompts", folder / "no-prompts.jsonl"}, 4, "no-prompts"},
      {{"capture", kDemoModel, "--prompts", bad}, 4, "bad.jsonl:2"},
      {{"capture", kDemoModel, "--prompts", good, "--record", "ids,wieghts"}, 2, "wieghts"},
      {{"capture", kDemoModel, "--prompts", good, "--context", "100000"}, 2, "512"},
      {{"capture", kDemoModel, "--prompts", good, "--temperature", "-1"}, 2, "temperature"},
      {{"capture", kDemoModel, "--prompts", good, "--generate", "512"}, 2, "room"},
  };
  for (const Case& c : cases) {
    std::vector<std::string> arguments = c.arguments;
    arguments.insert(arguments.end(), {"--out", out, "--quiet"});
    const ProcessResult result = cli(arguments);
    EXPECT_EQ(result.exitCode, c.exitCode) << result.err;
    EXPECT_NE(result.err.find(c.says), std::string::npos) << result.err;
    EXPECT_FALSE(std::filesystem::exists(out));
  }
}

TEST(Capture, DenseModelsAreRefusedBeforeAnyWeightIsRead) {
  const TempFolder folder;
  folder.write("config.json", R"({"architectures":["LlamaForCausalLM"],"model_type":"llama"})");
  const auto prompts = folder.write("p.jsonl", somePrompts(1));
  const ProcessResult result =
      cli({"capture", folder.path(), "--prompts", prompts, "--out", folder / "t.swy", "--quiet"});
  EXPECT_EQ(result.exitCode, 5);
  EXPECT_NE(result.err.find("LlamaForCausalLM"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("qwen3_moe"), std::string::npos) << result.err;
}

} // namespace
} // namespace switchyard::tests
