#include <algorithm>

#include <fmt/format.h>

#include "analyzers/common/cells.h"
#include "analyzers/locality/locality.h"

namespace switchyard::analyzers {

base::Result<trace::AnalysisResult> Locality::result() const {
  trace::AnalysisResult result;
  trace::Table table{.name = "locality_layers",
                     .title = "How soon each layer returns to the same experts",
                     .columns = {{"layer", "", "position in the stack"},
                                 {"tokens", "tokens", ""},
                                 {"chance", "share", "k/E, the repeat rate of independent tokens"}},
                     .rows = {}};
  for (int lag : m_options.lags)
    table.columns.push_back({fmt::format("repeat_lag_{}", lag), "share",
                             fmt::format("selected experts selected again {} tokens later", lag)});
  for (int window : m_options.windows)
    table.columns.push_back(
        {fmt::format("working_set_{}", window), "experts",
         fmt::format("distinct experts in {} tokens, mean over full windows", window)});
  table.columns.push_back({"lru_hits_half", "share",
                           "hit rate of an LRU cache of E/2 experts, cold at "
                           "every sequence"});
  trace::Table reuse{
      .name = "locality_reuse",
      .title = "LRU reuse distances",
      .columns = {{"layer", "", "position in the stack"},
                  {"distance", "experts", "distinct experts used more recently"},
                  {"uses", "uses", "at this distance"},
                  {"lru_hit_rate", "share", "of a cache of distance + 1 experts (>= k)"}},
      .rows = {}};
  trace::Chart curves{.kind = trace::ChartKind::Line,
                      .xTitle = "cache size",
                      .xUnit = "experts",
                      .yTitle = "LRU hit rate",
                      .yUnit = "share",
                      .categories = {},
                      .series = {},
                      .reference = {},
                      .referenceLabel = {}};
  std::int64_t tokens = 0, needed = 0;
  std::size_t best = 0;
  double repeatSum = 0;
  int repeats = 0;
  std::vector<LayerLocality> localities;
  for (std::size_t l = 0; l < m_states.size(); ++l) {
    localities.push_back(layer(l));
    const LayerLocality& loc = localities.back();
    const trace::LayerInfo& info = m_layers[l];
    std::vector<trace::Cell> row = {cell(info.layer), cell(loc.tokens),
                                    cell(static_cast<double>(info.k) / info.experts)};
    for (const auto& value : loc.repeat)
      row.push_back(cell(value));
    for (const auto& value : loc.workingSet)
      row.push_back(cell(value));
    row.push_back(info.experts / 2 >= info.k ? cell(loc.hitRate(info.experts / 2)) : trace::Cell());
    table.rows.push_back(std::move(row));
    trace::Series series{
        .name = "layer " + layerName(info), .x = {}, .y = {}, .intervals = {}, .labels = {}};
    for (int d = 0; d < info.experts; ++d) {
      const bool exact = d + 1 >= info.k;
      reuse.rows.push_back({cell(info.layer), cell(d), cell(loc.reuse[static_cast<std::size_t>(d)]),
                            exact ? cell(loc.hitRate(d + 1)) : trace::Cell()});
      if (exact) {
        series.x.push_back(d + 1);
        series.y.push_back(orNan(loc.hitRate(d + 1)));
      }
    }
    curves.series.push_back(std::move(series));
    tokens = std::max(tokens, loc.tokens);
    needed = std::max(needed, m_options.support.needed(info));
    if (!loc.repeat.empty() && loc.repeat[0]) {
      repeatSum += *loc.repeat[0];
      ++repeats;
      if (*loc.repeat[0] > localities[best].repeat[0].value_or(-1))
        best = l;
    }
  }
  result.tables = {std::move(table), std::move(reuse)};
  result.figures = {{"locality_hit_rate", "What an LRU cache per layer would hit",
                     "from reuse distances, cold at every sequence", std::move(curves)}};
  if (!m_options.lags.empty())
    result.headlines = {
        {"repeat_rate",
         fmt::format("Experts selected again {} token later (mean over layers)", m_options.lags[0]),
         cell(ratio(repeatSum, repeats)),
         "share",
         {},
         0.95,
         "chance k/E"}};
  if (tokens < needed)
    result.warnings.push_back("locality: " + notEnoughData(tokens, needed));
  else if (repeats > 0)
    result.findings.push_back(fmt::format("Layer {} repeats itself most: {:.0f} % of a token's "
                                          "experts are selected again {} token later "
                                          "(independent tokens: {:.0f} %).",
                                          m_layers[best].layer, 100 * *localities[best].repeat[0],
                                          m_options.lags[0],
                                          100.0 * m_layers[best].k / m_layers[best].experts));
  std::string lags, windows;
  for (int lag : m_options.lags)
    lags += fmt::format("{}{}", lags.empty() ? "" : ",", lag);
  for (int window : m_options.windows)
    windows += fmt::format("{}{}", windows.empty() ? "" : ",", window);
  result.provenance = {.analyzer = std::string(id()),
                       .version = "1",
                       .formula =
                           "repeat = mean |S_t and S_(t+lag)| / k; reuse distance = distinct "
                           "experts more recent at the start of the event",
                       .filter = "all tokens; nothing carries over between sequences",
                       .sequences = m_sequences.count(),
                       .tokens = tokens,
                       .options = {{"lags", lags}, {"windows", windows}}};
  return result;
}

} // namespace switchyard::analyzers
