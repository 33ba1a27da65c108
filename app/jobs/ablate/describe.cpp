#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "analyzers/common/cells.h"
#include "analyzers/statistics/multiple_testing.h"
#include "app/jobs/ablate/ablate.h"

namespace switchyard::jobs::ablate {

namespace {

using analyzers::cell;
using trace::Cell;
using trace::Table;

constexpr double kAlpha = 0.05;

bool rejects(const Effect& effect) {
  return statistics::rejects(effect.adjustedP, kAlpha);
}

std::string nameOf(const ExpertId& id) {
  return fmt::format("layer {} expert {}", id.layer, id.expert);
}

Cell low(const std::optional<std::array<double, 2>>& interval) {
  return interval ? Cell((*interval)[0]) : Cell();
}
Cell high(const std::optional<std::array<double, 2>>& interval) {
  return interval ? Cell((*interval)[1]) : Cell();
}

Table expertTable(const Effects& effects, bool tasks) {
  const std::string unit = tasks ? "score" : "nats/token";
  Table table{.name = "ablate_experts",
              .title = "What taking each expert away does",
              .columns = {{"layer", "", "position in the stack"},
                          {"expert", "", "routed expert"},
                          {"harm", unit, "how much worse the model is without it"},
                          {"harm_low", unit, "95 % bootstrap interval"},
                          {"harm_high", unit, ""},
                          {"p", "", "two-sided, random signs"},
                          {"p_adjusted", "", "Benjamini-Hochberg over the experts"},
                          {"changed", "share", "items answered differently; texts: empty"},
                          {"touched", "", "documents or items whose value changed at all"},
                          {"uses", "tokens", "tokens that select the expert"},
                          {"share", "share", "uses / tokens; chance is k/E"},
                          {"mean_weight", "", "gate weight where selected"},
                          {"npmi", "", "composite score of the markers"},
                          {"specialization", "share",
                           "largest gap of a label's share to the other labels'"},
                          {"label", "", "that label"}},
              .rows = {}};
  for (const Effect& e : effects.effects)
    table.rows.push_back({cell(e.id.layer), cell(e.id.expert), cell(e.harm), low(e.interval),
                          high(e.interval), cell(e.p), cell(e.adjustedP),
                          tasks ? cell(e.changed) : Cell(), cell(e.touched), cell(e.affinity.uses),
                          cell(e.affinity.share), cell(e.affinity.meanWeight),
                          cell(e.affinity.npmi), cell(e.affinity.specialization),
                          e.affinity.label.empty() ? Cell() : Cell(e.affinity.label)});
  return table;
}

Table agreementTable(const Effects& effects) {
  Table table{.name = "ablate_agreement",
              .title = "Rank correlation of harm and affinity, over experts",
              .columns = {{"affinity", "", "what routing says of an expert"},
                          {"experts", "", "experts that have it"},
                          {"rho", "", "Spearman: 1 = the same order, 0 = unrelated"},
                          {"rho_low", "", "95 %, harm bootstrapped over documents or items"},
                          {"rho_high", "", ""}},
              .rows = {}};
  for (const Agreement& a : effects.agreements)
    table.rows.push_back(
        {Cell(a.measure), cell(a.experts), cell(a.rho), low(a.interval), high(a.interval)});
  return table;
}

Table disagreementTable(const Effects& effects) {
  Table table{.name = "ablate_disagreements",
              .title = "Where harm and affinity disagree most",
              .columns = {{"affinity", "", "what routing says of an expert"},
                          {"layer", "", "position in the stack"},
                          {"expert", "", "routed expert"},
                          {"affinity_rank", "", "0 = least, 1 = most of the experts"},
                          {"harm_rank", "", "0 = least, 1 = most of the experts"},
                          {"harm", "", "how much worse the model is without it"}},
              .rows = {}};
  for (const Disagreement& d : effects.disagreements) {
    const Effect& effect = effects.effects[d.effect];
    table.rows.push_back({Cell(d.measure), cell(effect.id.layer), cell(effect.id.expert),
                          cell(d.affinityRank), cell(d.effectRank), cell(effect.harm)});
  }
  return table;
}

trace::Figure scatter(const Effects& effects, bool tasks) {
  trace::Series series{.name = "experts", .x = {}, .y = {}, .intervals = {}, .labels = {}};
  for (const Effect& e : effects.effects) {
    series.x.push_back(analyzers::orNan(e.affinity.share));
    series.y.push_back(e.harm);
    series.intervals.push_back(e.interval ? std::pair((*e.interval)[0], (*e.interval)[1])
                                          : std::pair(e.harm, e.harm));
    series.labels.push_back(fmt::format("{}:{}", e.id.layer, e.id.expert));
  }
  trace::Chart chart;
  chart.kind = trace::ChartKind::Scatter;
  chart.xTitle = "share of tokens that select the expert";
  chart.xUnit = "share";
  chart.yTitle = "harm of taking it away";
  chart.yUnit = tasks ? "score" : "nats/token";
  chart.series.push_back(std::move(series));
  chart.reference = 0.0;
  chart.referenceLabel = "no effect";
  return {.name = "ablate_scatter",
          .title = "Harm of taking experts away, by how often they are selected",
          .note = "95 % intervals over documents or items",
          .content = std::move(chart)};
}

void addFindings(const Effects& effects, bool tasks, trace::AnalysisResult& result) {
  const char* unit = tasks ? "of the score" : "nats per token";
  const Effect& worst = effects.effects.front();
  result.findings.push_back(fmt::format(
      "Without {} the model is worse by {:.4f} {} ({}), the most of {} experts.", nameOf(worst.id),
      worst.harm, unit,
      rejects(worst) ? "passes the false discovery rate" : "does not pass the false discovery rate",
      effects.effects.size()));
  for (const Agreement& a : effects.agreements)
    if (a.rho && a.interval)
      result.findings.push_back(
          fmt::format("Harm and {} of {} experts: rank correlation {:.2f} (95 % {:.2f} to {:.2f}).",
                      a.measure, a.experts, *a.rho, (*a.interval)[0], (*a.interval)[1]));
  for (const Disagreement& d : effects.disagreements)
    if (d.measure == "share" && std::fabs(d.affinityRank - d.effectRank) >= 0.5)
      result.findings.push_back(fmt::format(
          "{} is selected {} than others (rank {:.2f} of 1) and matters {} (rank "
          "{:.2f}).",
          nameOf(effects.effects[d.effect].id), d.affinityRank > d.effectRank ? "more" : "less",
          d.affinityRank, d.affinityRank > d.effectRank ? "less" : "more", d.effectRank));
}

} // namespace

trace::AnalysisResult describeEffects(const Effects& effects, const AblateOptions& options,
                                      std::int64_t units, double weight) {
  const bool tasks = !options.tasks.empty();
  trace::AnalysisResult result;
  result.tables = {expertTable(effects, tasks), agreementTable(effects),
                   disagreementTable(effects)};
  result.figures = {scatter(effects, tasks)};
  const auto significant = std::ranges::count_if(effects.effects, rejects);
  result.headlines = {
      {"harmful_experts",
       "Experts whose absence changes the model",
       cell(static_cast<std::int64_t>(significant)),
       "experts",
       {},
       0.95,
       fmt::format("random signs over {} {}, Benjamini-Hochberg at {}, of {} "
                   "tested",
                   units, tasks ? "items" : "documents", kAlpha, effects.effects.size())}};
  addFindings(effects, tasks, result);
  constexpr std::int64_t kFew = 10;
  if (units < kFew)
    result.warnings.push_back(fmt::format("not enough data: {} {}, {} needed for intervals and p "
                                          "that mean something",
                                          units, tasks ? "items" : "documents", kFew));
  result.provenance = {
      .analyzer = "ablate",
      .version = "1",
      .formula = tasks ? "score with the expert minus score without it, mean over items"
                       : "(loss without the expert minus loss with it) / scored tokens, nats",
      .filter = fmt::format("mask with mode {}, one expert at a time", options.mode),
      .sequences = units,
      .tokens = tasks ? 0 : static_cast<std::int64_t>(weight),
      .options = {{"experts", options.experts},
                  {"mode", options.mode},
                  {"seed", std::to_string(options.seed)}}};
  return result;
}

} // namespace switchyard::jobs::ablate
