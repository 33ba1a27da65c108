#include "app/studio/steer/paired_run.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <QTemporaryDir>

#include "app/jobs/capture.h"
#include "app/jobs/fingerprint.h"
#include "app/jobs/recipe_controls.h"
#include "app/jobs/text.h"
#include "app/studio/live/token_texts.h"
#include "core/base/file.h"

namespace switchyard::studio {

namespace {

using base::Result;
using jobs::evaluate::Measured;

constexpr std::uint64_t kControlSeed = 0;
constexpr std::size_t kBefore = 8; ///< tokens shown before the first difference
constexpr std::size_t kShown = 40; ///< tokens shown of a changed answer
constexpr std::size_t kMostKinds = 12;

/// A recipe's file in `folder`, named by its content: equal recipes share it.
Result<std::filesystem::path> keep(const routing::Recipe& recipe,
                                   const std::filesystem::path& folder) {
  const std::string text = routing::toJson(recipe);
  jobs::Fingerprint fingerprint;
  fingerprint.add(text);
  const std::filesystem::path path =
      folder / fmt::format("recipe-{}.json", fingerprint.hex().substr(0, 12));
  SY_TRY(base::writeFileAtomically(path, text));
  return path;
}

/// How often experts are selected on the task set's prompts, by the model's own routing.
Result<jobs::ExpertLoads> loadsOn(const PairedRequest& request,
                                  const jobs::evaluate::TaskFilter& filter,
                                  const base::ThreadContext& threads,
                                  const base::RunControl& control) {
  const auto tasks =
      SY_TRY(jobs::evaluate::readTasks(request.tasks, filter, jobs::chatRenderer(request.model)));
  const QTemporaryDir scratch(QString::fromStdString((request.folder / "loads-XXXXXX").string()));
  if (!scratch.isValid())
    return base::fail(base::ErrorCode::Io, "no folder could be made here",
                      {.file = request.folder.string()});
  const std::filesystem::path folder = scratch.path().toStdString();
  SY_TRY(base::writeFileAtomically(folder / "prompts.jsonl",
                                   SY_TRY(jobs::evaluate::promptRows(tasks.tasks, request.model))));
  jobs::CaptureOptions options;
  options.model = request.model;
  options.prompts = folder / "prompts.jsonl";
  options.out = folder / "loads.swy";
  options.registry = request.registry;
  const auto captured = SY_TRY(jobs::capture(options, threads, control));
  if (!captured.complete)
    return base::fail(base::ErrorCode::Cancelled, "stopped on request");
  return jobs::loadsOfTrace(options.out, threads, control);
}

const trace::Cell* cellOf(const trace::Table& table, std::size_t row, std::string_view column) {
  const auto found = std::ranges::find(table.columns, column, &trace::Column::name);
  return found == table.columns.end() || row >= table.rows.size()
             ? nullptr
             : &table.rows[row][static_cast<std::size_t>(found - table.columns.begin())];
}

PairedNumbers numbersOf(const trace::AnalysisResult& result, std::size_t variant) {
  PairedNumbers numbers;
  const auto table = std::ranges::find(result.tables, "comparisons", &trace::Table::name);
  if (table == result.tables.end())
    return numbers;
  const auto number = [&](std::string_view column) {
    const trace::Cell* cell = cellOf(*table, variant, column);
    const double* value = cell ? std::get_if<double>(cell) : nullptr;
    return value ? *value : 0;
  };
  numbers.difference = number("difference");
  numbers.interval = {number("low"), number("high")};
  numbers.p = number("p");
  if (const trace::Cell* cell = cellOf(*table, variant, "test"))
    if (const std::string* test = std::get_if<std::string>(cell))
      numbers.test = *test;
  return numbers;
}

/// "kind", or else the first label that splits the problems into few values.
std::string groupingLabel(const Measured& measured) {
  std::map<std::string, std::map<std::string, int>> values;
  for (const jobs::evaluate::Task& task : measured.tasks)
    for (const auto& [label, value] : task.prompt.labels)
      ++values[label][value];
  if (values.contains("kind"))
    return "kind";
  for (const auto& [label, counts] : values)
    if (counts.size() > 1 && counts.size() <= kMostKinds)
      return label;
  return {};
}

std::vector<KindRow> kindsOf(const Measured& measured, const std::string& label) {
  std::map<std::string, KindRow> rows;
  for (std::size_t i = 0; i < measured.tasks.size(); ++i) {
    const auto& labels = measured.tasks[i].prompt.labels;
    const auto found = labels.find(label);
    KindRow& row = rows[found == labels.end() ? std::string() : found->second];
    ++row.problems;
    row.a += measured.outcomes[0][i].score;
    row.b += measured.outcomes[1][i].score;
  }
  std::vector<KindRow> list;
  for (auto& [kind, row] : rows) {
    row.kind = kind;
    list.push_back(row);
  }
  return list;
}

/// From shortly before the first difference on.
std::vector<DiffPiece> excerpt(const std::vector<base::TokenId>& tokens,
                               const std::vector<bool>& differs, std::size_t from,
                               const TokenTexts& texts) {
  std::vector<DiffPiece> pieces;
  if (from > 0)
    pieces.push_back({QString(QChar(0x2026)), false});
  for (std::size_t i = from; i < std::min(tokens.size(), from + kShown); ++i)
    pieces.push_back({texts.piece(tokens[i].value), differs[i]});
  return pieces;
}

Result<std::vector<ChangedProblem>> changesOf(const PairedRequest& request,
                                              const Measured& measured) {
  std::vector<ChangedProblem> changed;
  const auto tokenizer = jobs::loadTokenizer(request.model);
  const TokenTexts texts(tokenizer ? std::make_shared<const tokenizer::Tokenizer>(*tokenizer)
                                   : nullptr);
  for (std::size_t i = 0; i < measured.tasks.size(); ++i) {
    const auto& a = measured.outcomes[0][i];
    const auto& b = measured.outcomes[1][i];
    if (a.text == b.text && a.score == b.score)
      continue;
    ChangedProblem problem;
    problem.item = static_cast<std::int64_t>(i);
    problem.prompt = QString::fromStdString(measured.tasks[i].prompt.text);
    problem.rightA = a.score > 0.5;
    problem.rightB = b.score > 0.5;
    if (tokenizer) {
      const auto left = SY_TRY(tokenizer->encode(a.text));
      const auto right = SY_TRY(tokenizer->encode(b.text));
      const TokenDiff diff = diffTokens(left, right);
      const auto first = static_cast<std::size_t>(std::max<std::int64_t>(diff.first, 0));
      const std::size_t from = first > kBefore ? first - kBefore : 0;
      problem.a = excerpt(left, diff.a, from, texts);
      problem.b = excerpt(right, diff.b, from, texts);
    } else {
      problem.a = {{QString::fromStdString(a.text), true}};
      problem.b = {{QString::fromStdString(b.text), true}};
    }
    changed.push_back(std::move(problem));
  }
  std::ranges::stable_sort(changed, [](const ChangedProblem& x, const ChangedProblem& y) {
    return (x.rightA != x.rightB) > (y.rightA != y.rightB);
  });
  return changed;
}

} // namespace

Result<PairedOutcome> runPaired(const PairedRequest& request, const base::ThreadContext& threads,
                                const base::RunControl& control) {
  std::error_code ignored;
  std::filesystem::create_directories(request.folder, ignored);
  PairedOutcome outcome;
  jobs::evaluate::Options options;
  options.model = request.model;
  options.tasks = request.tasks;
  options.filter.limit = request.limit;
  if (!request.scorer.empty())
    options.filter.scorer = SY_TRY(jobs::evaluate::parseScorer(std::string_view(request.scorer)));
  if (!request.only.empty())
    std::tie(options.filter.label, options.filter.value) =
        SY_TRY(jobs::evaluate::parseLabel(request.only));
  options.registry = request.registry;
  options.store = request.folder / fmt::format("{}.eval", request.tasks.stem().string());
  std::filesystem::path recipe = request.recipeFile;
  if (recipe.empty())
    recipe = SY_TRY(keep(*request.recipe, request.folder));
  options.variants.push_back(SY_TRY(jobs::evaluate::recipeVariant(recipe)));
  if (request.control) {
    const auto loads = SY_TRY(loadsOn(request, options.filter, threads, control));
    const routing::Recipe drawn = SY_TRY(jobs::randomControl(*request.recipe, loads, kControlSeed));
    outcome.controlRecipe = drawn.description;
    const std::filesystem::path file = SY_TRY(keep(drawn, request.folder));
    options.variants.push_back(SY_TRY(jobs::evaluate::recipeVariant(file)));
  }
  outcome.evaluation = SY_TRY(jobs::evaluate::evaluate(options, threads, control));
  if (!outcome.evaluation.complete)
    return outcome;
  const Measured& measured = outcome.evaluation.measured;
  outcome.recipe = numbersOf(outcome.evaluation.result, 0);
  if (request.control)
    outcome.control = numbersOf(outcome.evaluation.result, 1);
  outcome.accuracy = measured.measure == jobs::evaluate::Measure::Accuracy;
  if (outcome.accuracy)
    for (std::size_t i = 0; i < measured.tasks.size(); ++i)
      ++outcome.table[measured.outcomes[0][i].score > 0.5 ? 1 : 0]
                     [measured.outcomes[1][i].score > 0.5 ? 1 : 0];
  outcome.label = groupingLabel(measured);
  outcome.kinds = kindsOf(measured, outcome.label);
  if (outcome.accuracy)
    outcome.changed = SY_TRY(changesOf(request, measured));
  return outcome;
}

std::optional<AbVerdict> verdictOf(const AbOutcome& outcome, const std::string& prompt,
                                   const tokenizer::Tokenizer& tokenizer,
                                   const std::vector<jobs::evaluate::Task>& tasks) {
  const auto task = std::ranges::find_if(tasks, [&](const jobs::evaluate::Task& candidate) {
    return candidate.prompt.text == prompt && jobs::evaluate::generates(candidate.scorer.kind);
  });
  if (task == tasks.end() || task->answers.empty())
    return {};
  const auto markers = jobs::evaluate::thinkingMarkers(tokenizer);
  const auto right = [&](const jobs::GenerateResult& side) {
    const auto split = jobs::evaluate::splitThinking(outcome.prompt, side.tokens, markers);
    const auto verdict =
        jobs::evaluate::isRight(task->scorer, tokenizer.decode(split.answer, true), task->answers);
    return verdict && *verdict;
  };
  return AbVerdict{right(outcome.a), right(outcome.b),
                   QString::fromStdString(task->answers.front())};
}

} // namespace switchyard::studio
