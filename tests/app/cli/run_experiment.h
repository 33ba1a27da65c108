#pragma once

#include <map>

#include <gtest/gtest.h>

#include "tests/app/cli/cli_runner.h"
#include "tests/support/temp_folder.h"

namespace switchyard::tests {

/// A folder with an experiment e.json that takes a second, its texts and its tasks.
class RunExperiment : public ::testing::Test {
protected:
  void SetUp() override {
    m_folder.write("p.jsonl",
                   R"({"id":"a","text":"The carriage had scarcely cleared the gate.","lang":"en"}
{"id":"b","text":"static int count = 0;\nreturn count;","lang":"c"}
{"id":"c","text":"for (i = 0; i < n; i++) total += x[i];","lang":"c"}
)");
    m_folder.write("t.jsonl", R"({"prompt":"Q: 12+7=? A:","answer":19,"kind":"add"}
{"prompt":"Q: 6*7=? A:","answer":42,"kind":"mul"}
{"prompt":"Q: 9-5=? A:","answer":4,"kind":"sub"}
{"prompt":"Q: 8+8=? A:","answer":16,"kind":"add"}
)");
    experiment("e.json", "");
  }

  /// Two recipes beside the base, captured, compared and evaluated: six cells. `more`: further
  /// keys.
  std::filesystem::path experiment(const std::string& name, const std::string& more) {
    return m_folder.write(name, R"({"title": "Top k", "question": "How many?",
      "models": {"demo": ")" + kDemoModel +
                                    R"("},
      "prompts": {"texts": "p.jsonl"},
      "tasks": {"sums": {"path": "t.jsonl", "scorer": "numeric", "max-tokens": 10}},
      "recipes": [{"name": "k={k}", "each": {"k": [1, 2]},
                   "recipe": {"steps": [{"plugin": "top-k", "options": {"k": "{k}"}}]}}],
      "capture": {"with": ["load"], "by": "lang",
                  "compare": {"to": {"recipe": "base"}}},
      )" + more + R"("evaluate": {"resamples": 50}})");
  }

  std::vector<std::string> command(const std::string& out, std::vector<std::string> more = {},
                                   const std::string& file = "e.json") {
    std::vector<std::string> words = {"run", m_folder / file, "--out", m_folder / out};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  /// Every file of an export, by its name there.
  std::map<std::string, std::string> exported(const std::string& results) {
    const std::string out = (m_folder / (results + ".export")).string();
    const ProcessResult done = cli({"results", "export", m_folder / results, "--out", out});
    EXPECT_EQ(done.exitCode, 0) << done.err;
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(out))
      if (entry.is_regular_file())
        files[std::filesystem::relative(entry.path(), out).string()] = slurp(entry.path());
    EXPECT_EQ(files.erase("machine.json"), 1u);
    return files;
  }

  TempFolder m_folder;
};

} // namespace switchyard::tests
