#include "app/jobs/evaluate/tables.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "analyzers/common/cells.h"
#include "analyzers/report/encoding.h"
#include "analyzers/statistics/moments.h"

namespace switchyard::jobs::evaluate {

namespace {

using analyzers::cell;
using analyzers::report::shortNumber;
using trace::Cell;

std::string scoreName(Measure measure) {
  return measure == Measure::Loss ? "loss" : "accuracy";
}
std::string scoreUnit(Measure measure) {
  return measure == Measure::Loss ? "nats/token" : "share";
}

Cell meanCell(const std::vector<double>& values) {
  return values.empty() ? Cell() : Cell(statistics::meanOf(values));
}

/// exp of the pooled loss: every token counts the same.
Cell perplexityCell(const Measured& measured, const ItemMeans& means) {
  if (measured.measure != Measure::Loss)
    return {};
  double nats = 0;
  double tokens = 0;
  for (std::size_t i = 0; i < means.score.size(); ++i) {
    nats += means.score[i] * means.tokens[i];
    tokens += means.tokens[i];
  }
  return std::exp(nats / tokens);
}

trace::Table variantTable(const Measured& measured, const std::vector<ItemMeans>& means,
                          const Block& all) {
  const std::string score = scoreName(measured.measure);
  const std::string unit = scoreUnit(measured.measure);
  trace::Table table{.name = "variants",
                     .title = "Each variant",
                     .columns = {{"variant", "", "name"},
                                 {"items", "items", "of the task file"},
                                 {score, unit, "mean over items of the mean over repeats"},
                                 {"low", unit, "end of the interval"},
                                 {"high", unit, "end of the interval"},
                                 {"accuracy_by_length", "share",
                                  "multiple-choice by length-normalised likelihood"},
                                 {"perplexity", "", "exp of the loss pooled over tokens"},
                                 {"tokens", "tokens", "generated (or scored) per item, mean"},
                                 {"thinking", "tokens", "of them inside <think>, mean"},
                                 {"unfinished", "share", "answers cut off by a length limit"},
                                 {"recipe", "", "JSON of the routing recipe"},
                                 {"decoder", "", "decoder plugin"},
                                 {"decoder_options", "", "JSON of what was set"}},
                     .rows = {}};
  for (std::size_t i = 0; i < means.size(); ++i) {
    const Variant& variant = measured.variants[i];
    const Estimate& estimate = all.scores[i];
    table.rows.push_back(
        {Cell(variant.name), cell(all.items), cell(estimate.value), cell(estimate.interval[0]),
         cell(estimate.interval[1]), meanCell(means[i].lengthScore),
         perplexityCell(measured, means[i]), meanCell(means[i].tokens), meanCell(means[i].thinking),
         measured.measure == Measure::Loss ? Cell() : meanCell(means[i].unfinished),
         Cell(variant.recipe), Cell(variant.decoder), Cell(variant.decoderOptions)});
  }
  return table;
}

trace::Table comparisonTable(const Measured& measured, const Block& all) {
  const std::string unit = scoreUnit(measured.measure);
  trace::Table table{.name = "comparisons",
                     .title = "Each variant against the base, on the same items",
                     .columns = {{"variant", "", "name"},
                                 {"difference", unit, "variant - base, mean over items"},
                                 {"low", unit, "bootstrap over items"},
                                 {"high", unit, "bootstrap over items"},
                                 {"higher", "items", "score above the base's"},
                                 {"lower", "items", "score below the base's"},
                                 {"equal", "items", "same score"},
                                 {"test", "", "of no difference"},
                                 {"p", "", "two-sided"},
                                 {"p_adjusted", "", "Benjamini-Hochberg over the variants"},
                                 {"tokens_difference", "tokens", "length, variant - base"},
                                 {"tokens_low", "tokens", "bootstrap over items"},
                                 {"tokens_high", "tokens", "bootstrap over items"},
                                 {"thinking_difference", "tokens", "thinking, variant - base"},
                                 {"thinking_low", "tokens", "bootstrap over items"},
                                 {"thinking_high", "tokens", "bootstrap over items"}},
                     .rows = {}};
  for (std::size_t i = 0; i < all.comparisons.size(); ++i) {
    const Comparison& c = all.comparisons[i];
    std::vector<Cell> row = {Cell(measured.variants[i + 1].name),
                             cell(c.score.value),
                             cell(c.score.interval[0]),
                             cell(c.score.interval[1]),
                             cell(c.better),
                             cell(c.worse),
                             cell(c.equal),
                             Cell(std::string(name(c.test))),
                             cell(c.p),
                             cell(c.adjusted),
                             cell(c.tokens.value),
                             cell(c.tokens.interval[0]),
                             cell(c.tokens.interval[1])};
    if (c.thinking)
      row.insert(row.end(), {cell(c.thinking->value), cell(c.thinking->interval[0]),
                             cell(c.thinking->interval[1])});
    row.resize(table.columns.size());
    table.rows.push_back(std::move(row));
  }
  return table;
}

trace::Table labelTable(const Measured& measured, const std::vector<Block>& blocks) {
  const std::string unit = scoreUnit(measured.measure);
  trace::Table table{.name = "labels",
                     .title = "By label",
                     .columns = {{"label", "", "of the task file"},
                                 {"value", "", "of the label"},
                                 {"items", "items", "with this value"},
                                 {"variant", "", "name"},
                                 {scoreName(measured.measure), unit, "mean over items"},
                                 {"low", unit, "end of the interval"},
                                 {"high", unit, "end of the interval"},
                                 {"difference", unit, "variant - base"},
                                 {"difference_low", unit, "bootstrap over items"},
                                 {"difference_high", unit, "bootstrap over items"},
                                 {"p", "", "two-sided, not adjusted over labels"}},
                     .rows = {}};
  for (const Block& block : blocks)
    for (std::size_t i = 0; i < block.scores.size(); ++i) {
      std::vector<Cell> row = {Cell(block.label),
                               Cell(block.value),
                               cell(block.items),
                               Cell(measured.variants[i].name),
                               cell(block.scores[i].value),
                               cell(block.scores[i].interval[0]),
                               cell(block.scores[i].interval[1])};
      if (i > 0) {
        const Comparison& c = block.comparisons[i - 1];
        row.insert(row.end(), {cell(c.score.value), cell(c.score.interval[0]),
                               cell(c.score.interval[1]), cell(c.p)});
      }
      row.resize(table.columns.size());
      table.rows.push_back(std::move(row));
    }
  return table;
}

trace::Table itemTable(const Measured& measured) {
  trace::Table table{.name = "items",
                     .title = "Every answer",
                     .columns = {{"id", "", "of the item"},
                                 {"variant", "", "name"},
                                 {"repeat", "", "from 0"},
                                 {"score", scoreUnit(measured.measure), "1 right, or loss"},
                                 {"prompt_tokens", "tokens", ""},
                                 {"tokens", "tokens", "generated (or scored)"},
                                 {"thinking", "tokens", "of them inside <think>"},
                                 {"stop", "", "why generating ended"},
                                 {"text", "", "generated, or the choice taken"}},
                     .rows = {}};
  const auto repeats = static_cast<std::size_t>(measured.repeats);
  for (std::size_t item = 0; item < measured.tasks.size(); ++item)
    for (std::size_t v = 0; v < measured.variants.size(); ++v)
      for (std::size_t r = 0; r < repeats; ++r) {
        const Outcome& o = measured.outcomes[v][item * repeats + r];
        table.rows.push_back({Cell(measured.tasks[item].prompt.id), Cell(measured.variants[v].name),
                              cell(static_cast<std::int64_t>(r)), cell(o.score),
                              cell(o.promptTokens), cell(o.tokens),
                              o.thinking ? cell(*o.thinking) : Cell(), Cell(o.stop), Cell(o.text)});
      }
  return table;
}

/// "62.2 %" or "2.31 nats/token".
std::string say(Measure measure, double value) {
  return measure == Measure::Loss ? shortNumber(value) + " nats/token"
                                  : fmt::format("{:.1f} %", 100 * value);
}

std::string finding(const Measured& measured, const Variant& variant, const Estimate& score,
                    const Comparison& c, double alpha) {
  const Measure m = measured.measure;
  const bool less = c.score.value < 0;
  const bool shown = c.adjusted <= alpha;
  std::string text = fmt::format("{}: {} {} ", variant.name, scoreName(m), say(m, score.value));
  if (c.better + c.worse == 0)
    return text + "on every item the same as the base.";
  text += fmt::format("({} {} than the base, interval {} to {}; {} p = {:.3g}, {:.3g} after "
                      "correction): {}.",
                      say(m, std::abs(c.score.value)), less ? "less" : "more",
                      say(m, c.score.interval[0]), say(m, c.score.interval[1]), name(c.test), c.p,
                      c.adjusted, shown ? "a difference" : "no difference shown");
  return text;
}

} // namespace

std::vector<ItemMeans> meansOf(const Measured& measured) {
  std::vector<ItemMeans> means;
  for (const std::vector<Outcome>& outcomes : measured.outcomes)
    means.push_back(itemMeans(outcomes, measured.repeats));
  return means;
}

base::Result<trace::AnalysisResult> summarize(const Measured& measured, const TestOptions& tests,
                                              double alpha) {
  const std::vector<ItemMeans> means = meansOf(measured);
  const Block all = SY_TRY(blockOf(means, tests));
  const std::vector<Block> blocks = SY_TRY(labelBlocks(measured, means, tests));
  trace::AnalysisResult result;
  result.tables = {variantTable(measured, means, all), comparisonTable(measured, all),
                   labelTable(measured, blocks), itemTable(measured)};
  result.figures = figuresOf(measured, means, all);
  for (std::size_t i = 0; i < means.size(); ++i) {
    const Estimate& e = all.scores[i];
    result.headlines.push_back(
        {i == 0 ? "base" : fmt::format("variant_{}", i),
         fmt::format("{} of {}", measured.measure == Measure::Loss ? "Loss" : "Accuracy",
                     measured.variants[i].name),
         cell(e.value), scoreUnit(measured.measure), std::pair(e.interval[0], e.interval[1]),
         tests.level, fmt::format("{} items, {} repeats", all.items, measured.repeats)});
    if (i > 0)
      result.findings.push_back(
          finding(measured, measured.variants[i], e, all.comparisons[i - 1], alpha));
  }
  result.warnings = warningsOf(measured, means, all, alpha);
  result.provenance.analyzer = "evaluate";
  result.provenance.formula =
      "mean over items; Wilson's interval where every item is right or wrong, else percentile "
      "bootstrap over items; differences paired by item; McNemar's exact test, or sign flips where "
      "scores are not 0 or 1; Benjamini-Hochberg over the variants";
  result.provenance.sequences =
      static_cast<std::int64_t>(measured.outcomes.size() * measured.outcomes.front().size());
  for (const std::vector<Outcome>& outcomes : measured.outcomes)
    for (const Outcome& outcome : outcomes)
      result.provenance.tokens += outcome.tokens;
  return result;
}

} // namespace switchyard::jobs::evaluate
