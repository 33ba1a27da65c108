#include "app/jobs/experiment/rerun_command.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

#include <fmt/format.h>

#include "app/jobs/chat_renderer.h"
#include "app/jobs/evaluate/task_file.h"
#include "app/jobs/fingerprint.h"
#include "app/jobs/prompts.h"
#include "app/jobs/read_analysis.h"
#include "app/jobs/trace_meta.h"
#include "core/trace/reader.h"

namespace switchyard::jobs::experiment {

namespace {

using base::ErrorCode;
using base::Result;
using Words = std::vector<std::string>;

constexpr int kInterrupted = 130; // what every verb ends with then

/// The value behind a flag; empty if it is not there.
std::string valueOf(const Words& words, std::string_view flag) {
  const auto found = std::ranges::find(words, flag);
  return found == words.end() || found + 1 == words.end() ? std::string() : *(found + 1);
}

std::size_t countOf(const Words& words, std::string_view flag) {
  const std::string text = valueOf(words, flag);
  std::size_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

Result<evaluate::TaskFilter> taskFilter(const Words& words) {
  evaluate::TaskFilter filter;
  if (const std::string scorer = valueOf(words, "--scorer"); !scorer.empty())
    filter.scorer = SY_TRY(evaluate::parseScorer(std::string_view(scorer)));
  if (const std::string only = valueOf(words, "--only"); !only.empty())
    std::tie(filter.label, filter.value) = SY_TRY(evaluate::parseLabel(only));
  filter.skip = countOf(words, "--skip");
  filter.limit = countOf(words, "--limit");
  return filter;
}

/// Of an ablation: the hash of what it reads, as the job makes it.
Result<std::string> ablationInput(const Words& words) {
  evaluate::TaskFilter filter = SY_TRY(taskFilter(words));
  if (const std::string tasks = valueOf(words, "--tasks"); !tasks.empty())
    return SY_TRY(evaluate::readTasks(tasks, filter, chatRenderer(words[1]))).hash;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i + 1 < words.size(); ++i)
    if (words[i] == "--text")
      texts.push_back(words[i + 1]);
  PromptSet set = SY_TRY(readAllPrompts(texts, chatRenderer(words[1])));
  SY_TRY(
      filterPrompts(set, {.label = filter.label, .value = filter.value, .skip = filter.skip}, {}));
  return set.hash;
}

} // namespace

Result<Words> wordsOf(const std::string& command) {
  Words words;
  bool inside = false, begun = false;
  std::string word;
  for (std::size_t i = 0; i < command.size(); ++i) {
    const char c = command[i];
    if (c == '\'') {
      inside = !inside;
      begun = true;
    } else if (!inside && c == '\\' && i + 1 < command.size()) {
      word += command[++i];
      begun = true;
    } else if (!inside && c == ' ') {
      if (begun)
        words.push_back(std::move(word));
      word.clear();
      begun = false;
    } else {
      word += c;
      begun = true;
    }
  }
  if (inside)
    return base::fail(ErrorCode::InvalidFormat, "a quote of the command line is not closed");
  if (begun)
    words.push_back(std::move(word));
  return words;
}

std::map<std::string, std::string> recordedInputs(const Analysis& analysis) {
  std::map<std::string, std::string> inputs;
  if (!analysis.traceId.empty())
    inputs["trace"] = analysis.traceId;
  if (!analysis.results.empty())
    for (const auto& [name, value] : analysis.results.front().provenance.options)
      if (value.size() >= 32 && (name == "model" || name == "tasks" || name == "input"))
        inputs[name] = value;
  return inputs;
}

Result<ResultCommand> resultCommand(const std::string& command) {
  Words words = SY_TRY(wordsOf(command));
  if (words.size() < 3 || words.front() != "switchyard")
    return base::fail(ErrorCode::InvalidFormat,
                      "it does not name the command that made it, so it cannot be run again");
  words.erase(words.begin());
  constexpr std::array<std::string_view, 5> kVerbs = {"analyze", "evaluate", "steer", "ablate",
                                                      "similarity"};
  if (std::ranges::find(kVerbs, words.front()) == kVerbs.end())
    return base::fail(
        ErrorCode::Unsupported,
        fmt::format("results of \"switchyard {}\" cannot be run again from here", words.front()));
  for (const std::string_view flag : {"--out", "--store"})
    if (const auto found = std::ranges::find(words, flag); found != words.end())
      words.erase(found, found + 1 == words.end() ? words.end() : found + 2);
  return ResultCommand{std::move(words)};
}

Result<std::map<std::string, std::string>> currentInputs(const ResultCommand& command) {
  const Words& words = command.words;
  const std::string& verb = words[0];
  const std::filesystem::path subject = words[1];
  std::map<std::string, std::string> inputs;
  if (verb == "analyze") {
    inputs["trace"] = SY_TRY(trace::Trace::open(subject))->id();
    return inputs;
  }
  const trace::TraceMeta meta = SY_TRY(describeModel(SY_TRY(model::readConfig(subject)), subject));
  if (verb == "similarity") {
    inputs["trace"] = meta.modelFingerprint; // that is how it tells what it read
    return inputs;
  }
  if (verb == "ablate") {
    inputs["model"] = meta.modelFingerprint;
    inputs["input"] = SY_TRY(ablationInput(words));
    return inputs;
  }
  inputs["model"] = meta.modelFingerprint + meta.tokenizerFingerprint;
  evaluate::TaskFilter filter = SY_TRY(taskFilter(words));
  if (verb == "steer" && valueOf(words, "--trace").empty() && valueOf(words, "--prompts").empty())
    filter.skip += countOf(words, "--identify");
  inputs["tasks"] =
      SY_TRY(evaluate::readTasks(valueOf(words, "--tasks"), filter, chatRenderer(subject))).hash;
  return inputs;
}

Result<Analysis> runAgain(const ResultCommand& command, const std::filesystem::path& folder,
                          const RunProgram& program, std::stop_token stop) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  Words words = command.words;
  const std::filesystem::path out = folder / "out";
  words.insert(words.end(), {"--out", out.string(), "--quiet"});
  if (words.front() == "evaluate")
    words.insert(words.end(), {"--store", (folder / "answers.eval").string()});
  const int code = SY_TRY(program(words, stop));
  if (code != 0)
    return base::fail(
        code == kInterrupted ? ErrorCode::Cancelled : ErrorCode::Internal,
        fmt::format("switchyard {} ended with {} when it was run again", words.front(), code));
  return readAnalysis(out);
}

} // namespace switchyard::jobs::experiment
