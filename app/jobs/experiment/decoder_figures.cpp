#include "app/jobs/experiment/decoder_figures.h"

#include <cmath>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "analyzers/common/cells.h"
#include "analyzers/statistics/bootstrap.h"
#include "analyzers/statistics/moments.h"
#include "core/trace/reader.h"

namespace switchyard::jobs::experiment {

namespace {

using analyzers::cell;
using base::Result;
using trace::Cell;

/// Of one label value: for each figure a mean of each document that has one.
using Group = std::vector<std::vector<double>>;

Result<std::map<std::string, Group>> collect(const trace::Trace& trace, const std::string& label,
                                             std::int64_t& tokens) {
  const std::size_t count = trace.meta().figures.size();
  std::map<std::string, Group> groups;
  groups[""].resize(count);
  const auto reader = SY_TRY(trace.reader());
  for (std::int64_t index = 0; index < trace.sequences(); ++index) {
    const trace::SequenceInfo info = SY_TRY(reader->sequence(index, trace::SequenceText::Skip));
    const std::int64_t rows = SY_TRY(reader->size(index)).rows - info.promptLength;
    if (rows < 1)
      continue;
    tokens += rows;
    std::vector<float> values(static_cast<std::size_t>(rows) * count);
    SY_TRY(reader->figures(index, 0, rows, values));
    std::string value;
    if (const auto found = info.labels.find(label); !label.empty() && found != info.labels.end())
      value = found->second;
    if (!value.empty())
      groups[value].resize(count);
    for (std::size_t f = 0; f < count; ++f) {
      double sum = 0;
      std::int64_t number = 0;
      for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row)
        if (const float v = values[row * count + f]; !std::isnan(v)) {
          sum += v;
          ++number;
        }
      if (number == 0)
        continue;
      groups[""][f].push_back(sum / static_cast<double>(number));
      if (!value.empty())
        groups[value][f].push_back(sum / static_cast<double>(number));
    }
  }
  return groups;
}

Result<std::vector<Cell>> row(const std::string& value, const std::string& figure,
                              const std::vector<double>& means,
                              const base::ThreadContext& threads) {
  std::vector<Cell> cells = {
      Cell(value), Cell(figure), cell(static_cast<std::int64_t>(means.size())),
      Cell(),      Cell(),       Cell()};
  if (means.empty())
    return cells;
  cells[3] = cell(statistics::meanOf(means));
  if (means.size() < 2)
    return cells;
  const statistics::Bootstrap drawn = SY_TRY(statistics::bootstrap(
      means.size(), statistics::meanStatistic(means), {.seed = 0, .threads = &threads}));
  if (drawn.interval.percentile) {
    cells[4] = cell((*drawn.interval.percentile)[0]);
    cells[5] = cell((*drawn.interval.percentile)[1]);
  }
  return cells;
}

} // namespace

Result<std::optional<trace::AnalysisResult>> decoderFigures(const std::filesystem::path& path,
                                                            const std::string& label,
                                                            const base::ThreadContext& threads) {
  const auto trace = SY_TRY(trace::Trace::open(path));
  const std::vector<std::string>& names = trace->meta().figures;
  if (names.empty())
    return std::optional<trace::AnalysisResult>();
  trace::AnalysisResult result;
  std::int64_t tokens = 0;
  const auto groups = SY_TRY(collect(*trace, label, tokens));
  trace::Table table{.name = "decoder_figures",
                     .title = "What the decoder recorded",
                     .columns = {{"value", "", "of the label; empty: all documents"},
                                 {"figure", "", "see the decoder's page"},
                                 {"documents", "documents", "in which it was recorded"},
                                 {"mean", "", "over documents of their mean over tokens"},
                                 {"low", "", "bootstrap over documents"},
                                 {"high", "", "bootstrap over documents"}},
                     .rows = {}};
  for (const auto& [value, figures] : groups)
    for (std::size_t f = 0; f < names.size(); ++f)
      table.rows.push_back(SY_TRY(row(value, names[f], figures[f], threads)));
  result.tables.push_back(std::move(table));
  result.provenance = {.analyzer = "decoder",
                       .version = "1",
                       .formula = "mean over documents of the mean over their generated tokens; "
                                  "percentile bootstrap over documents",
                       .filter = "generated tokens",
                       .sequences = trace->sequences(),
                       .tokens = tokens,
                       .options = {{"label", label}}};
  return std::optional<trace::AnalysisResult>(std::move(result));
}

} // namespace switchyard::jobs::experiment
