#include "app/jobs/experiment/summary.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analyzers/common/cells.h"
#include "analyzers/report/json.h"
#include "analyzers/report/read_json.h"
#include "analyzers/statistics/multiple_testing.h"
#include "app/jobs/evaluate/tables.h"
#include "app/jobs/experiment/evaluation.h"
#include "app/jobs/experiment/grid_figures.h"
#include "app/jobs/experiment/outcomes.h"
#include "core/base/json.h"
#include "core/base/version.h"

namespace switchyard::jobs::experiment {

namespace {

using base::Result;
using trace::AnalysisResult;
using Value = trace::Cell;

/// Cells that are evaluated on the same items with the same draws.
struct Evaluation {
  std::string title;
  std::vector<const Cell*> cells; ///< done ones, the base first if it is done
  AnalysisResult result;
};

class Summary {
public:
  Summary(const Plan& plan, Store& store, const base::ThreadContext& threads)
      : m_plan(plan), m_store(store), m_threads(threads) {}

  Result<std::vector<NamedResult>> run() {
    SY_TRY(readStates());
    SY_TRY(readHeadlines());
    SY_TRY(evaluations());
    m_grid.tables.insert(m_grid.tables.begin(), gridTable(m_plan.experiment, m_numbers));
    m_grid.figures = gridFigures(m_plan.experiment, m_numbers);
    m_grid.findings = gridFindings(m_plan.experiment, m_numbers);
    SY_TRY(correctOverAll());
    m_grid.provenance = {
        .analyzer = "grid",
        .version = std::string(base::version()),
        .formula = "headline numbers of the cells as they are",
        .filter = fmt::format("{} of {} cells are done", m_done.size(), m_plan.cells.size()),
        .sequences = 0,
        .tokens = 0,
        .options = {}};
    std::vector<NamedResult> results = {{"grid", analyzers::report::toJson(m_grid)}};
    for (const Evaluation& each : m_evaluations)
      if (!each.result.tables.empty())
        results.push_back({each.title, analyzers::report::toJson(each.result)});
    return results;
  }

private:
  Result<void> readStates() {
    std::map<std::string, CellState> states;
    for (const StoredCell& cell : SY_TRY(m_store.cells()))
      states[cell.key] = cell.state;
    for (const Cell& cell : m_plan.cells) {
      if (states[cell.key] == CellState::Done)
        m_done.push_back(&cell);
      else
        m_grid.warnings.push_back(fmt::format(
            "{} is missing: {}", cell.name,
            states[cell.key] == CellState::Failed ? "it failed" : "it was not run yet"));
    }
    return {};
  }

  Result<void> readHeadlines() {
    for (const Cell* cell : m_done)
      for (const NamedResult& named : SY_TRY(m_store.results(cell->key))) {
        if (cell->job == Job::Steer && named.name == "evaluate")
          continue; // the curve says it better
        const base::Where where{.file = cell->name};
        const nlohmann::json json =
            SY_TRY(base::parseJson(named.json, {std::size_t{1} << 30, 64}, where));
        const AnalysisResult result = SY_TRY(analyzers::report::resultFromJson(json, where));
        for (const trace::Headline& h : result.headlines)
          m_numbers.push_back({cell, named.name, h.name, h.title, h.unit, h.value, h.interval});
        for (const std::string& warning : result.warnings)
          if (std::ranges::find(m_grid.warnings, warning) == m_grid.warnings.end())
            m_grid.warnings.push_back(warning);
      }
    return {};
  }

  std::string titleOf(const Cell& cell) const {
    std::string title = "evaluate";
    const Experiment& e = m_plan.experiment;
    if (e.evaluate->tasks.size() > 1)
      title += " " + cell.set;
    if (e.models.size() > 1)
      title += " " + e.models[cell.model].name;
    if (e.seeds.size() > 1)
      title += fmt::format(" seed {}", cell.seed);
    return title;
  }

  Result<void> evaluations() {
    for (const Cell* cell : m_done) {
      if (cell->job != Job::Evaluate)
        continue;
      const std::string title = titleOf(*cell);
      auto group = std::ranges::find(m_evaluations, title, &Evaluation::title);
      if (group == m_evaluations.end())
        group = m_evaluations.insert(group, Evaluation{.title = title, .cells = {}, .result = {}});
      group->cells.push_back(cell);
    }
    for (Evaluation& each : m_evaluations)
      SY_TRY(evaluateGroup(each));
    return {};
  }

  Result<void> evaluateGroup(Evaluation& group) {
    const Cell& first = *group.cells.front();
    if (first.recipe != 0 || first.decoder != 0) {
      m_grid.warnings.push_back(
          fmt::format("{}: nothing is compared, for the base is missing", group.title));
      return {};
    }
    const std::size_t set = indexOf(m_plan.experiment.tasks, first.set);
    const evaluate::TaskSet& tasks = m_plan.inputs.tasks[set];
    evaluate::Options options = evaluateOptions(m_plan, first);
    evaluate::Measured measured;
    measured.tasks = tasks.tasks;
    measured.measure = tasks.measure;
    measured.repeats = options.repeats;
    measured.sampled = options.settings.sampler.temperature > 0;
    for (const Cell* cell : group.cells) {
      measured.variants.push_back(variantOf(m_plan, *cell));
      measured.outcomes.push_back(SY_TRY(outcomesFromJson(SY_TRY(m_store.outcomes(cell->key)))));
      if (measured.outcomes.back().size() !=
          tasks.tasks.size() * static_cast<std::size_t>(options.repeats))
        return base::fail(base::ErrorCode::Corrupt, "answers are missing", {.file = cell->name});
    }
    options.tests.threads = &m_threads;
    group.result = SY_TRY(evaluate::summarize(measured, options.tests, options.alpha));
    const ModelInput& model = m_plan.inputs.models[first.model];
    evaluate::describeRun(options, tasks.tasks.size(),
                          {.model = model.hash + model.tokenizerHash,
                           .tasks = tasks.hash,
                           .settings = {},
                           .file = tasks.file},
                          group.result.provenance);
    group.result.provenance.filter = fmt::format("{} items of {}", tasks.tasks.size(),
                                                 m_plan.experiment.tasks[set].place.written);
    addScores(group);
    return {};
  }

  /// Scores of the variants among the numbers of the grid.
  void addScores(const Evaluation& group) {
    for (std::size_t i = 0; i < group.cells.size(); ++i) {
      const trace::Headline& h = group.result.headlines[i];
      const bool loss = h.unit != "share";
      m_numbers.push_back({group.cells[i], "evaluate", loss ? "loss" : "accuracy",
                           loss ? "Loss" : "Accuracy", h.unit, h.value, h.interval});
    }
  }

  /// p over all evaluations together, where there are several.
  Result<void> correctOverAll() {
    trace::Table table{
        .name = "grid_comparisons",
        .title = "Every variant against its base, corrected over the whole grid",
        .columns = {{"evaluation", "", ""},
                    {"variant", "", "name"},
                    {"difference", "", "variant - base, mean over items"},
                    {"low", "", "bootstrap over items"},
                    {"high", "", "bootstrap over items"},
                    {"p", "", "two-sided"},
                    {"p_adjusted_grid", "", "Benjamini-Hochberg over all rows of this table"}},
        .rows = {}};
    std::vector<double> p;
    std::size_t evaluations = 0;
    for (const Evaluation& each : m_evaluations) {
      const auto found = std::ranges::find(each.result.tables, "comparisons", &trace::Table::name);
      if (found == each.result.tables.end() || found->rows.empty())
        continue;
      ++evaluations;
      const auto column = [&](const char* name) {
        return static_cast<std::size_t>(
            std::ranges::find(found->columns, name, &trace::Column::name) - found->columns.begin());
      };
      const std::size_t at = column("p");
      for (const auto& row : found->rows) {
        const auto* value = std::get_if<double>(&row[at]);
        p.push_back(value ? *value : 1.0);
        table.rows.push_back({Value(each.title), row[column("variant")], row[column("difference")],
                              row[column("low")], row[column("high")], row[at], Value()});
      }
    }
    if (evaluations < 2)
      return {};
    const auto adjusted =
        SY_TRY(statistics::adjustPValues(p, statistics::Correction::BenjaminiHochberg));
    for (std::size_t i = 0; i < adjusted.size(); ++i)
      table.rows[i].back() = Value(adjusted[i]);
    m_grid.tables.push_back(std::move(table));
    return {};
  }

  const Plan& m_plan;
  Store& m_store;
  const base::ThreadContext& m_threads;
  std::vector<const Cell*> m_done;
  std::vector<GridNumber> m_numbers;
  std::vector<Evaluation> m_evaluations;
  AnalysisResult m_grid;
};

} // namespace

Result<std::vector<NamedResult>> summarize(const Plan& plan, Store& store,
                                           const base::ThreadContext& threads) {
  return Summary(plan, store, threads).run();
}

} // namespace switchyard::jobs::experiment
