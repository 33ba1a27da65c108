#include <algorithm>
#include <numeric>
#include <span>

#include <fmt/format.h>

#include "analyzers/agreement/agreement.h"
#include "analyzers/common/cells.h"

namespace switchyard::analyzers {

namespace {

/// Of a layer's slots [tokens * k], the share in which both models can have selected the same:
/// below 1 where one of them selects fewer experts than k. loads: [E] or longer.
double possibleShare(std::span<const std::int64_t> loadA, std::span<const std::int64_t> loadB,
                     std::size_t experts, double slots) {
  const auto selected = [&](std::span<const std::int64_t> load) {
    return std::accumulate(load.begin(), load.begin() + static_cast<std::ptrdiff_t>(experts),
                           std::int64_t{0});
  };
  return slots > 0 ? static_cast<double>(std::min(selected(loadA), selected(loadB))) / slots : 1;
}

} // namespace

base::Result<trace::AnalysisResult> Agreement::result() const {
  trace::AnalysisResult result;
  trace::Table table{.name = "agreement_layers",
                     .title = "How alike the two models route",
                     .columns = {{"layer", "", "position in the stack"},
                                 {"tokens", "tokens", "compared"},
                                 {"agreement_k", "share",
                                  "selected experts that both selected; "
                                  "chance k/E"},
                                 {"agreement_1", "share", "same first choice; chance 1/E"},
                                 {"identical", "share", "tokens with the same set of experts"},
                                 {"weighted", "weight", "sum of the smaller of both gate weights"},
                                 {"rank_shift", "ranks", "mean change of rank of common experts"},
                                 {"load_js_distance", "", "Jensen-Shannon distance of the loads"},
                                 {"token_js_divergence", "nats",
                                  "of the router's probabilities, mean over tokens"},
                                 {"chance", "share", "k/E"}},
                     .rows = {}};
  trace::Chart chart{.kind = trace::ChartKind::Line,
                     .xTitle = "layer",
                     .xUnit = "",
                     .yTitle = "agreement",
                     .yUnit = "share",
                     .categories = {},
                     .series = {{"top-k", {}, {}, {}, {}}, {"first choice", {}, {}, {}, {}}},
                     .reference = {},
                     .referenceLabel = "chance (top-k)"};
  std::int64_t tokens = 0, needed = 0;
  double sum = 0, chanceSum = 0, possibleSum = 0;
  std::size_t least = 0, most = 0;
  std::vector<double> byLayer;
  for (std::size_t l = 0; l < m_states.size(); ++l) {
    const LayerAgreement a = layer(l);
    const double chance = static_cast<double>(m_layers[l].k) / m_layers[l].experts;
    const bool seen = !a.agreement.empty();
    const double all = seen ? a.agreement.back() : kNoData;
    const double first = seen ? a.agreement.front() : kNoData;
    table.rows.push_back(
        {cell(m_layers[l].layer), cell(a.tokens), cell(seen ? std::optional(all) : std::nullopt),
         cell(seen ? std::optional(first) : std::nullopt), cell(a.identical), cell(a.weighted),
         cell(a.rankShift), cell(a.loadDistance), cell(a.tokenDivergence), cell(chance)});
    for (trace::Series& series : chart.series)
      series.x.push_back(m_layers[l].layer);
    chart.series[0].y.push_back(all);
    chart.series[1].y.push_back(first);
    tokens = std::max(tokens, a.tokens);
    needed = std::max(needed, m_options.support.needed(m_layers[l]));
    sum += seen ? all : 0;
    chanceSum += chance;
    possibleSum += possibleShare(m_states[l].loadA, m_states[l].loadB,
                                 static_cast<std::size_t>(m_layers[l].experts),
                                 static_cast<double>(m_states[l].tokens) * m_layers[l].k);
    byLayer.push_back(seen ? all : 0);
    least = byLayer[l] < byLayer[least] ? l : least;
    most = byLayer[l] > byLayer[most] ? l : most;
  }
  const auto layerCount = static_cast<double>(std::max<std::size_t>(m_states.size(), 1));
  chart.reference = chanceSum / layerCount;
  result.tables = {std::move(table)};
  result.figures = {
      {"agreement", "Routing agreement over depth", "same tokens, two models", std::move(chart)}};
  if (tokens > 0)
    result.headlines = {{"agreement_k",
                         "Selected experts that both models selected (mean over layers)",
                         cell(sum / layerCount),
                         "share",
                         {},
                         0.95,
                         fmt::format("chance {:.3f}", chanceSum / layerCount)}};
  if (tokens < needed)
    result.warnings.push_back("agreement: " + notEnoughData(tokens, needed));
  else
    result.findings.push_back(fmt::format("The two models agree on {:.0f} % of the selected "
                                          "experts (chance {:.0f} %): most at layer {} "
                                          "({:.0f} %), least at layer {} ({:.0f} %).",
                                          100 * sum / layerCount, 100 * chanceSum / layerCount,
                                          m_layers[most].layer, 100 * byLayer[most],
                                          m_layers[least].layer, 100 * byLayer[least]));
  if (const double possible = possibleSum / layerCount; tokens >= needed && possible < 0.995)
    result.findings.push_back(fmt::format("One of the two selects fewer experts than k, so that at "
                                          "most {:.0f} % can be the same.",
                                          100 * possible));
  result.provenance = {
      .analyzer = "agreement",
      .version = "1",
      .formula = "mean |A and B| / k over tokens (arXiv:2409.02060, eq. 5)",
      .filter = "tokens that both traces have",
      .sequences = m_sequences.count(),
      .tokens = tokens,
      .options = {{"probabilities",
                   m_options.probabilities == Probabilities::Softmax ? "softmax" : "sigmoid"}}};
  return result;
}

} // namespace switchyard::analyzers
