#include "app/jobs/evaluate/task_file.h"

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/jobs/fingerprint.h"
#include "app/jobs/text.h"
#include "core/base/file.h"

namespace switchyard::jobs::evaluate {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

constexpr std::uint64_t kMaxBytes = 256u << 20;

Result<std::string> answerText(const nlohmann::json& value, const base::Where& where) {
  if (value.is_string())
    return value.get<std::string>();
  if (value.is_number())
    return value.dump();
  return fail(
      ErrorCode::InvalidFormat,
      fmt::format("\"answer\" holds {}, which is neither a string nor a number", value.dump()),
      where);
}

Result<std::vector<std::string>> readAnswers(const nlohmann::json& value,
                                             const base::Where& where) {
  std::vector<std::string> answers;
  if (!value.is_array()) {
    answers.push_back(SY_TRY(answerText(value, where)));
    return answers;
  }
  for (const nlohmann::json& one : value)
    answers.push_back(SY_TRY(answerText(one, where)));
  return answers;
}

Result<std::vector<std::string>> readChoices(const nlohmann::json& value,
                                             const base::Where& where) {
  std::vector<std::string> choices;
  for (const nlohmann::json& one : value)
    if (one.is_string() && !one.get_ref<const std::string&>().empty())
      choices.push_back(one.get<std::string>());
  if (!value.is_array() || choices.size() != value.size() || choices.size() < 2)
    return fail(ErrorCode::InvalidFormat,
                "\"choices\" is not a list of at least two texts that are not empty", where);
  return choices;
}

/// The choice that "answer" means: its number from 0, or its text.
Result<std::size_t> rightChoice(const nlohmann::json& answer,
                                const std::vector<std::string>& choices, const base::Where& where) {
  if (answer.is_number_unsigned() && answer.get<std::uint64_t>() < choices.size())
    return answer.get<std::size_t>();
  if (answer.is_string())
    if (const auto found = std::ranges::find(choices, answer.get<std::string>());
        found != choices.end())
      return static_cast<std::size_t>(found - choices.begin());
  return fail(ErrorCode::InvalidFormat,
              fmt::format("\"answer\" {} is neither one of the choices nor a number from 0 to {}",
                          answer.dump(), choices.size() - 1),
              where);
}

Scorer defaultScorer(bool hasChoices, bool hasAnswer) {
  Scorer scorer;
  scorer.kind = hasChoices  ? ScorerKind::MultipleChoice
                : hasAnswer ? ScorerKind::Exact
                            : ScorerKind::Perplexity;
  return scorer;
}

Result<void> checkAnswers(const Task& task, const base::Where& where) {
  const ScorerKind kind = task.scorer.kind;
  if (kind == ScorerKind::Exact || kind == ScorerKind::Numeric || kind == ScorerKind::Contains) {
    if (task.answers.empty())
      return fail(ErrorCode::InvalidFormat,
                  fmt::format("scorer {} needs an \"answer\"", name(kind)), where);
    for (const std::string& answer : task.answers) {
      if (kind == ScorerKind::Numeric && !lastNumber(answer))
        return fail(
            ErrorCode::InvalidFormat,
            fmt::format("answer \"{}\" holds no number, which scorer numeric compares", answer),
            where);
      if (kind == ScorerKind::Contains && judgedPart({}, answer).empty())
        return fail(ErrorCode::InvalidFormat, "an empty answer is contained in every text", where);
    }
  }
  if (kind == ScorerKind::Perplexity && task.answers.size() > 1)
    return fail(ErrorCode::InvalidFormat, "scorer perplexity scores one \"answer\", not several",
                where);
  return {};
}

Result<Task> readTask(const JsonlRow& whole, const std::optional<Scorer>& scorer,
                      const ChatRenderer& render) {
  const nlohmann::json& row = whole.json;
  const base::Where& where = whole.where;
  if (!row.is_object())
    return fail(ErrorCode::InvalidFormat, "the row is not a JSON object", where);
  nlohmann::json rest = row;
  if (const auto labels = row.find("labels"); labels != row.end()) {
    if (!labels->is_object())
      return fail(ErrorCode::InvalidFormat, "\"labels\" is not an object", where);
    rest.erase("labels");
    rest.update(*labels);
  }
  for (const char* key : {"answer", "scorer", "choices"})
    rest.erase(key);
  Task task;
  task.prompt = SY_TRY(promptOfRow(rest, whole, render));
  if (const auto own = row.find("scorer"); own != row.end()) {
    auto parsed = parseScorer(*own);
    if (!parsed)
      return fail(ErrorCode::InvalidFormat, parsed.error().message, where);
    task.scorer = std::move(*parsed);
  } else {
    task.scorer = scorer ? *scorer : defaultScorer(row.contains("choices"), row.contains("answer"));
  }
  if (task.scorer.kind == ScorerKind::MultipleChoice) {
    if (!row.contains("choices") || !row.contains("answer"))
      return fail(ErrorCode::InvalidFormat,
                  "scorer multiple-choice needs \"choices\" and an \"answer\"", where);
    task.choices = SY_TRY(readChoices(row["choices"], where));
    task.rightChoice = SY_TRY(rightChoice(row["answer"], task.choices, where));
    return task;
  }
  if (row.contains("answer"))
    task.answers = SY_TRY(readAnswers(row["answer"], where));
  SY_TRY(checkAnswers(task, where));
  return task;
}

bool passes(const Task& task, const TaskFilter& filter) {
  if (filter.label.empty())
    return true;
  const auto label = task.prompt.labels.find(filter.label);
  return label != task.prompt.labels.end() && label->second == filter.value;
}

} // namespace

Result<std::pair<std::string, std::string>> parseLabel(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos)
    return fail(ErrorCode::InvalidArgument, fmt::format("\"{}\" is not LABEL=VALUE", text));
  return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

Result<TaskSet> readTasks(const std::filesystem::path& path, const TaskFilter& filter,
                          const ChatRenderer& render) {
  const std::string content = SY_TRY(base::readTextFile(path, kMaxBytes));
  TaskSet set;
  std::unordered_set<std::string> ids;
  std::size_t passed = 0;
  SY_TRY(forEachRow(path, content, [&](const JsonlRow& row) -> Result<void> {
    if (filter.limit > 0 && set.tasks.size() == filter.limit)
      return {};
    Task task = SY_TRY(readTask(row, filter.scorer, render));
    if (!passes(task, filter) || passed++ < filter.skip)
      return {};
    task.prompt.source = fmt::format("{}:{}", path.filename().string(), row.line);
    if (task.prompt.id.empty())
      task.prompt.id = fmt::format("{}-{}", path.stem().string(), row.line);
    if (!ids.insert(task.prompt.id).second)
      return fail(ErrorCode::InvalidFormat, fmt::format("id \"{}\" appears twice", task.prompt.id),
                  row.where);
    const Measure measure = measureOf(task.scorer.kind);
    if (set.tasks.empty())
      set.measure = measure;
    if (measure != set.measure)
      return fail(ErrorCode::InvalidFormat,
                  "rows scored by perplexity and rows scored right or wrong do "
                  "not add up; put them into two files",
                  row.where);
    set.tasks.push_back(std::move(task));
    return {};
  }));
  if (set.tasks.empty())
    return fail(ErrorCode::InvalidFormat,
                passed > 0 ? fmt::format("all {} tasks are skipped", passed)
                : filter.label.empty()
                    ? "there are no tasks in it"
                    : fmt::format("no task in it has {}={}", filter.label, filter.value),
                {.file = path.string()});
  Fingerprint file;
  file.add(content);
  set.file = file.hex();
  Fingerprint all;
  for (const std::string& part :
       {set.file, filter.scorer ? describe(*filter.scorer) : std::string(), filter.label,
        filter.value, fmt::to_string(filter.skip)})
    all.add(part);
  for (const Task& task : set.tasks)
    if (task.prompt.isChat) // the same rows make other texts with another template
      all.add(task.prompt.text);
  set.hash = all.hex();
  return set;
}

Result<std::string> promptRows(const std::vector<Task>& tasks, const std::filesystem::path& model) {
  std::optional<tokenizer::Tokenizer> tokenizer;
  std::string rows;
  for (const Task& task : tasks) {
    nlohmann::json row = task.prompt.labels;
    row["id"] = task.prompt.id;
    std::vector<base::TokenId> tokens = task.prompt.tokens;
    if (task.prompt.isChat) {
      if (!tokenizer)
        tokenizer = SY_TRY(loadTokenizer(model));
      tokens = SY_TRY(tokenizer->encode(task.prompt.text));
    }
    if (task.prompt.hasTokens || task.prompt.isChat)
      for (const base::TokenId token : tokens)
        row["token_ids"].push_back(token.value);
    else
      row["text"] = task.prompt.text;
    rows += row.dump() + "\n";
  }
  return rows;
}

} // namespace switchyard::jobs::evaluate
