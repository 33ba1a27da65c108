// `switchyard evaluate` as a user runs it.

#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>

#include "tests/app/cli/cli_runner.h"
#include "tests/support/temp_folder.h"

namespace switchyard::tests {
namespace {

const std::string kTasks = SY_DATA "/tasks/arithmetic.jsonl";

class Evaluate : public ::testing::Test {
protected:
  std::vector<std::string> command(const std::string& tasks, const std::string& store,
                                   std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"evaluate", kDemoModel, "--tasks",
                                          tasks,      "--store",  m_folder / store};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  nlohmann::json json(const std::vector<std::string>& arguments) {
    nlohmann::json result = cliJson(arguments);
    EXPECT_TRUE(result.is_object());
    return result;
  }
  static nlohmann::json table(const nlohmann::json& evaluation, const std::string& name) {
    for (const auto& table : evaluation["result"]["tables"])
      if (table["name"] == name)
        return table;
    return {};
  }
  static std::size_t column(const nlohmann::json& table, const std::string& name) {
    for (std::size_t i = 0; i < table["columns"].size(); ++i)
      if (table["columns"][i]["name"] == name)
        return i;
    ADD_FAILURE() << "no column " << name;
    return 0;
  }
  static nlohmann::json cell(const nlohmann::json& table, std::size_t row,
                             const std::string& name) {
    return table["rows"][row][column(table, name)];
  }

  TempFolder m_folder;
};

TEST_F(Evaluate, GivesTheAnswersAndVerdictsOfTheReference) {
  // eval.samples.json: every answer of an independent implementation, cut off at 12 new tokens
  // where there is no thinking.
  const auto samples = nlohmann::json::parse(slurp(kDemoModel + "/eval.samples.json"));
  std::ifstream file(kTasks);
  std::string rows, line;
  std::vector<nlohmann::json> expected;
  for (std::size_t i = 0; i < samples.size() && std::getline(file, line); ++i)
    if (i < 60 || (samples[i]["style"] == "think" && expected.size() < 100)) {
      rows += line + "\n";
      expected.push_back(samples[i]);
    }
  const auto tasks = m_folder.write("t.jsonl", rows);
  const nlohmann::json result =
      json(command(tasks, "s.eval", {"--scorer", "exact:after=A:", "--max-tokens", "150"}));
  const nlohmann::json items = table(result, "items");
  ASSERT_EQ(items["rows"].size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const std::string output = expected[i]["output"];
    std::string text = cell(items, i, "text");
    if (expected[i]["style"] == "direct") {
      EXPECT_EQ(text.substr(0, output.size()), output) << i;
      if (text != output)
        continue; // the reference was cut off
    }
    EXPECT_EQ(cell(items, i, "score") == 1, expected[i]["correct"].get<bool>()) << i;
    if (expected[i]["style"] == "think") {
      const std::string thinking = output.substr(0, output.find(" </think>"));
      EXPECT_EQ(text.substr(0, thinking.size()), thinking) << i;
      EXPECT_GT(cell(items, i, "thinking"), 0);
    } else {
      EXPECT_EQ(cell(items, i, "thinking"), 0);
    }
  }
}

TEST_F(Evaluate, ARecipeThatDoesNothingChangesNothing) {
  const auto nothing = m_folder.write("nothing.json", R"({"steps":[]})");
  const auto one =
      m_folder.write("one.json", R"({"name":"k1","steps":[{"plugin":"top-k","options":{"k":1}}]})");
  const nlohmann::json result =
      json(command(kTasks, "s.eval",
                   {"--limit", "30", "--scorer", "numeric", "--max-tokens", "24", "--recipe",
                    nothing, "--recipe", one, "--out", m_folder / "out"}));
  const nlohmann::json comparisons = table(result, "comparisons");
  EXPECT_EQ(cell(comparisons, 0, "variant"), "nothing");
  for (const char* zero : {"difference", "low", "high", "tokens_difference", "higher", "lower"})
    EXPECT_EQ(cell(comparisons, 0, zero), 0) << zero;
  EXPECT_EQ(cell(comparisons, 0, "p"), 1);
  EXPECT_EQ(cell(comparisons, 1, "variant"), "k1");
  EXPECT_GT(cell(comparisons, 1, "lower"), 0);
  EXPECT_EQ(
      cell(comparisons, 1, "difference").get<double>(),
      (cell(comparisons, 1, "higher").get<double>() - cell(comparisons, 1, "lower").get<double>()) /
          30);
  const nlohmann::json items = table(result, "items");
  for (std::size_t i = 0; i < 30; ++i)
    EXPECT_EQ(cell(items, 3 * i, "text"), cell(items, 3 * i + 1, "text"));
  for (const char* name : {"evaluation.json", "evaluate_variants.csv", "evaluate_comparisons.csv",
                           "evaluate_labels.csv", "evaluate_items.csv", "evaluate_scores.svg",
                           "evaluate_differences.svg", "machine_speed.csv"})
    EXPECT_TRUE(std::filesystem::exists(m_folder / "out" / name)) << name;
  EXPECT_NE(result["command"].get<std::string>().find("--recipe"), std::string::npos);
}

TEST_F(Evaluate, SameBytesForAnyNumberOfJobsAndOnASecondRun) {
  const std::vector<std::string> options = {"--limit",       "12", "--scorer",  "numeric",
                                            "--max-tokens",  "20", "--repeats", "2",
                                            "--temperature", "1",  "--seed",    "3"};
  const auto run = [&](const std::string& store, const std::string& jobs) {
    auto arguments = command(kTasks, store, options);
    arguments.insert(arguments.end(), {"--jobs", jobs, "--threads", "4"});
    return json(arguments);
  };
  const nlohmann::json one = run("one.eval", "1");
  EXPECT_EQ(one["machine"]["ran"], 24);
  const nlohmann::json three = run("three.eval", "3");
  EXPECT_EQ(one["result"].dump(), three["result"].dump());
  const nlohmann::json again = run("one.eval", "2");
  EXPECT_EQ(again["machine"]["ran"], 0);
  EXPECT_EQ(one["result"].dump(), again["result"].dump());
  // Repeats of an item are other draws.
  const nlohmann::json items = table(one, "items");
  int differ = 0;
  for (std::size_t i = 0; i < 12; ++i)
    differ += cell(items, 2 * i, "text") != cell(items, 2 * i + 1, "text");
  EXPECT_GT(differ, 0);
}

TEST_F(Evaluate, SurvivesKillsAtAnyMoment) {
  const auto one =
      m_folder.write("one.json", R"({"name":"k1","steps":[{"plugin":"top-k","options":{"k":1}}]})");
  const std::vector<std::string> options = {"--limit",      "60", "--scorer", "numeric",
                                            "--max-tokens", "40", "--recipe", one};
  const auto start = std::chrono::steady_clock::now();
  const nlohmann::json whole = json(command(kTasks, "whole.eval", options));
  const auto alone = std::chrono::steady_clock::now() - start;
  const auto killed = command(kTasks, "killed.eval", options);
  std::vector<std::string> process = killed;
  process.insert(process.begin(), SY_CLI);
  int kills = 0, finished = 0;
  for (int i = 0; kills < 12 && i < 60; ++i) {
    Process running(process);
    std::this_thread::sleep_for(alone * (i < 3 ? 20 + 60 * i : 160 + i * 7919 % 400) / 800);
    running.signal(i % 4 == 3 ? SIGINT : SIGKILL);
    const int code = running.wait().exitCode;
    kills += code == -SIGKILL || code == 130 ? 1 : 0;
    if (code != 0)
      continue;
    ++finished; // before it was killed: the next one begins anew
    std::filesystem::remove(m_folder / "killed.eval");
  }
  EXPECT_EQ(kills, 12) << finished << " runs ended before they were killed";
  const nlohmann::json resumed = json(killed);
  EXPECT_EQ(resumed["machine"]["ran"].get<int>() + resumed["machine"]["reused"].get<int>(), 120);
  EXPECT_GT(resumed["machine"]["reused"], 0);
  EXPECT_EQ(resumed["result"].dump(), whole["result"].dump());
}

TEST_F(Evaluate, LooksAreCountedAndFewItemsWarnedOf) {
  const auto one =
      m_folder.write("one.json", R"({"name":"k1","steps":[{"plugin":"top-k","options":{"k":1}}]})");
  const std::vector<std::string> options = {"--limit",      "5", "--scorer", "numeric",
                                            "--max-tokens", "8"};
  const nlohmann::json first = json(command(kTasks, "s.eval", options));
  EXPECT_EQ(first["result"]["warnings"].dump().find("evaluation 2"), std::string::npos);
  EXPECT_NE(first["result"]["warnings"].dump().find("5 items"), std::string::npos);
  auto second = options;
  second.insert(second.end(), {"--recipe", one});
  const nlohmann::json other = json(command(kTasks, "s.eval", second));
  EXPECT_EQ(other["machine"]["reused"], 5); // the base was there
  EXPECT_NE(other["result"]["warnings"].dump().find("evaluation 2"), std::string::npos);
}

TEST_F(Evaluate, MultipleChoiceAndLossAgreeWithPerplexity) {
  const auto choices = m_folder.write(
      "c.jsonl", R"({"id":"c","prompt":"Q: 4+4=? A:","choices":[" 8"," 3"," 888888"],"answer":0})");
  const nlohmann::json chosen = json(command(choices, "c.eval"));
  EXPECT_EQ(cell(table(chosen, "items"), 0, "text"), " 8");
  EXPECT_EQ(cell(table(chosen, "variants"), 0, "accuracy"), 1);
  EXPECT_TRUE(cell(table(chosen, "variants"), 0, "accuracy_by_length").is_number());

  const auto texts =
      m_folder.write("p.jsonl", R"({"text":"The carriage had scarcely cleared the gate."})"
                                "\n"
                                R"({"text":"static int count = 0; return count;"})");
  const nlohmann::json loss = json(command(texts, "p.eval"));
  const nlohmann::json reference = cliJson({"perplexity", kDemoModel, "--text", texts});
  const nlohmann::json items = table(loss, "items");
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_NEAR(cell(items, i, "score").get<double>(),
                reference["documents"][i]["mean_nll"].get<double>(), 1e-12);
    EXPECT_EQ(cell(items, i, "tokens"), reference["documents"][i]["scored"]);
  }
  EXPECT_NEAR(cell(table(loss, "variants"), 0, "perplexity").get<double>(),
              reference["total"]["perplexity"].get<double>(), 1e-9);
}

TEST_F(Evaluate, ADecoderUnderARecipeIsAVariant) {
  const auto two =
      m_folder.write("two.json", R"({"steps":[{"plugin":"top-k","options":{"k":2}}]})");
  const nlohmann::json result =
      json(command(kTasks, "p.eval",
                   {"--limit", "8", "--scorer", "numeric", "--max-tokens", "12", "--recipe", two,
                    "--pair", two, "self-contrast:beta=0"}));
  const nlohmann::json variants = table(result, "variants");
  EXPECT_EQ(cell(variants, 1, "variant"), "two");
  EXPECT_EQ(cell(variants, 2, "variant"), "two + self-contrast:beta=0");
  // Without contrast the pair answers as the recipe alone.
  const nlohmann::json items = table(result, "items");
  for (std::size_t i = 0; i < 8; ++i)
    EXPECT_EQ(cell(items, 3 * i + 1, "text"), cell(items, 3 * i + 2, "text"));
}

TEST_F(Evaluate, DecodersAreVariantsToo) {
  // Without contrast the plausible token of the best score is the likeliest one.
  const nlohmann::json result =
      json(command(kTasks, "s.eval",
                   {"--limit", "10", "--scorer", "numeric", "--max-tokens", "12", "--decoder",
                    "self-contrast:beta=0,weak=top", "--decoder", "self-contrast:weak=random",
                    "--self-contrast.beta", "2"}));
  const nlohmann::json variants = table(result, "variants");
  EXPECT_EQ(cell(variants, 1, "variant"), "self-contrast:beta=0,weak=top");
  EXPECT_EQ(cell(variants, 2, "variant"), "self-contrast:weak=random,beta=2");
  EXPECT_EQ(cell(variants, 2, "decoder_options"), R"({"beta":2.0,"weak":"random"})");
  const nlohmann::json items = table(result, "items");
  int changed = 0;
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(cell(items, 3 * i, "text"), cell(items, 3 * i + 1, "text"));
    changed += cell(items, 3 * i, "text") != cell(items, 3 * i + 2, "text");
  }
  EXPECT_GT(changed, 0);

  // The loss of an answer after its prompt under a decoder is what `perplexity` says of it.
  const std::string text = "The carriage had scarcely cleared the gate when the rain began again.";
  const auto split = m_folder.write("a.jsonl", R"({"prompt":"The carriage had scarcely cleared",)"
                                               R"("answer":" the gate when the rain began again.",)"
                                               R"("scorer":"perplexity"})");
  const nlohmann::json tokens =
      cliJson({"tokenize", kDemoModel, "--text", "The carriage had scarcely cleared"});
  const std::string prefix = std::to_string(tokens["ids"].size());
  const nlohmann::json loss =
      json(command(split, "a.eval", {"--decoder", "rerouting:interval=0,steps=2"}));
  for (std::size_t i = 0; i < 2; ++i) {
    std::vector<std::string> same = {
        "perplexity", kDemoModel, "--text", m_folder.write("a.txt", text), "--prefix", prefix};
    if (i == 1)
      same.insert(same.end(), {"--decoder", "rerouting", "--rerouting.interval", "0",
                               "--rerouting.steps", "2"});
    EXPECT_NEAR(cell(table(loss, "items"), i, "score").get<double>(),
                cliJson(same)["total"]["mean_nll"].get<double>(), 1e-12)
        << i;
  }
}

TEST_F(Evaluate, BadInputIsOneSentence) {
  const auto fails = [&](std::vector<std::string> arguments, int code, const std::string& part) {
    const ProcessResult result = cli(std::move(arguments));
    EXPECT_EQ(result.exitCode, code) << result.err;
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  };
  const auto bad = m_folder.write("bad.jsonl", "{\"prompt\":\"a\",\"answer\":\"b\"}\nnonsense\n");
  fails(command(bad, "s.eval"), 4, "bad.jsonl:2");
  fails(command(m_folder / "none.jsonl", "s.eval"), 4, "none.jsonl");
  fails(command(kTasks, "s.eval", {"--scorer", "fuzzy"}), 2, "fuzzy");
  fails(command(kTasks, "s.eval", {"--recipe", m_folder / "none.json"}), 4, "none.json");
  fails(command(kTasks, "s.eval", {"--decoder", "no-such"}), 4, "no-such");
  fails(command(kTasks, "s.eval", {"--decoder", "self-contrast:beta=x"}), 2, "beta");
  fails(command(kTasks, "s.eval", {"--self-contrast.beta", "1"}), 2, "self-contrast");
  fails(command(kTasks, "s.eval", {"--repeats", "0"}), 2, "repeats");
  fails(command(kTasks, "s.eval", {"--temperature", "-1"}), 2, "temperature");
  fails(command(kTasks, "bad.jsonl"), 4, "SQLite");
  std::string text;
  for (int i = 0; i < 700; ++i)
    text += "1 ";
  const auto large = m_folder.write("l.jsonl", R"({"prompt":")" + text + R"(","answer":"b"})");
  fails(command(large, "s.eval"), 6, "l.jsonl:1");
}

} // namespace
} // namespace switchyard::tests
