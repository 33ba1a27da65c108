#include <algorithm>

#include <fmt/format.h>

#include "analyzers/common/cells.h"
#include "analyzers/npmi/npmi.h"
#include "analyzers/statistics/multiple_testing.h"

namespace switchyard::analyzers {

namespace {

constexpr std::size_t kRowsPerMarker = 100;

void addAssociations(trace::Table& table, const LayerSet& layers, const std::string& marker,
                     const std::vector<std::vector<MarkerExpert>>& pairs) {
  struct Row {
    std::size_t layer, expert;
    double npmi;
  };
  std::vector<Row> order;
  for (std::size_t l = 0; l < pairs.size(); ++l) {
    for (std::size_t e = 0; e < pairs[l].size(); ++e) {
      if (pairs[l][e].npmi && pairs[l][e].supported)
        order.push_back({l, e, *pairs[l][e].npmi});
    }
  }
  std::ranges::stable_sort(order, [](const Row& a, const Row& b) { return a.npmi > b.npmi; });
  order.resize(std::min(order.size(), kRowsPerMarker));
  for (const Row& row : order) {
    const MarkerExpert& pair = pairs[row.layer][row.expert];
    table.rows.push_back({trace::Cell(marker), cell(layers[row.layer].layer),
                          cell(static_cast<std::int64_t>(row.expert)), cell(pair.counts.tokens),
                          cell(pair.counts.marker), cell(pair.counts.expert),
                          cell(pair.counts.both), cell(pair.npmi), cell(pair.p),
                          cell(pair.adjustedP)});
  }
}

trace::Table associationTable() {
  return {.name = "npmi_markers",
          .title = "Experts most associated with each marker (supported ones)",
          .columns = {{"marker", "", ""},
                      {"layer", "", "position in the stack"},
                      {"expert", "", "routed expert"},
                      {"tokens", "tokens", "T, all logged"},
                      {"occurrences", "tokens", "M, of the marker"},
                      {"uses", "tokens", "K, tokens that selected the expert"},
                      {"both", "tokens", "k, occurrences that selected the expert"},
                      {"npmi", "", "-1 never together, 0 independent, 1 always"},
                      {"p", "", "Fisher, one-sided: at least k by chance"},
                      {"p_adjusted", "", "Benjamini-Hochberg over all experts of all layers"}},
          .rows = {}};
}

trace::Table rankingTable(const LayerSet& layers, const std::vector<RankedExpert>& ranking) {
  trace::Table table{.name = "npmi_ranking",
                     .title = "All experts by composite score",
                     .columns = {{"rank", "", "1 = best"},
                                 {"layer", "", "position in the stack"},
                                 {"expert", "", "routed expert"},
                                 {"score", "", "sum of coefficient * nPMI"},
                                 {"uses", "tokens", "tokens that selected the expert"},
                                 {"supported", "", "1 = enough counts to trust the score"},
                                 {"significant", "", "1 = also below the false discovery rate"}},
                     .rows = {}};
  for (std::size_t i = 0; i < ranking.size(); ++i)
    table.rows.push_back(
        {cell(static_cast<std::int64_t>(i + 1)), cell(layers[ranking[i].moeLayer].layer),
         cell(ranking[i].expert), cell(ranking[i].score), cell(ranking[i].uses),
         cell(ranking[i].supported ? 1 : 0), cell(ranking[i].significant ? 1 : 0)});
  return table;
}

trace::Table controlTable(const LayerSet& layers, const std::vector<MatchedControls>& chosen) {
  trace::Table table{.name = "npmi_controls",
                     .title = "Recommended experts and random experts of matched frequency",
                     .columns = {{"role", "", "recommended or control"},
                                 {"for_rank", "", "which recommended expert it is matched to"},
                                 {"layer", "", "position in the stack"},
                                 {"expert", "", "routed expert"},
                                 {"score", "", "composite score"},
                                 {"uses", "tokens", "tokens that selected the expert"}},
                     .rows = {}};
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const auto add = [&](const char* role, const RankedExpert& e) {
      table.rows.push_back({trace::Cell(role), cell(static_cast<std::int64_t>(i + 1)),
                            cell(layers[e.moeLayer].layer), cell(e.expert), cell(e.score),
                            cell(e.uses)});
    };
    add("recommended", chosen[i].expert);
    for (const RankedExpert& control : chosen[i].controls)
      add("control", control);
  }
  return table;
}

trace::Figure heatmap(const LayerSet& layers, const std::vector<RankedExpert>& ranking) {
  int experts = 0;
  for (const trace::LayerInfo& layer : layers.all())
    experts = std::max(experts, layer.experts);
  trace::Heatmap map{
      .x = {"expert", expertNames(experts)},
      .y = {"layer", {}},
      .values = std::vector<double>(layers.size() * static_cast<std::size_t>(experts), kNoData),
      .unit = "score",
      .neutral = 0.0,
      .merges = {}};
  for (const trace::LayerInfo& layer : layers.all())
    map.y.labels.push_back(layerName(layer));
  for (const RankedExpert& e : ranking)
    map.values[e.moeLayer * static_cast<std::size_t>(experts) +
               static_cast<std::size_t>(e.expert)] = e.score;
  return {.name = "npmi_scores",
          .title = "Association of every expert with the markers",
          .note = "sum of coefficient * nPMI; 0 = independent",
          .content = std::move(map)};
}

} // namespace

base::Result<trace::AnalysisResult> Npmi::result() const {
  trace::AnalysisResult result;
  trace::Table associationRows = associationTable();
  std::string markers;
  for (std::size_t m = 0; m < m_options.markers.size(); ++m) {
    const Marker& marker = m_options.markers[m];
    markers += fmt::format("{}{} ({:+})", m > 0 ? ", " : "", marker.name, marker.coefficient);
    addAssociations(associationRows, m_layers, marker.name, SY_TRY(associations(m)));
    if (m_states[0].marked[m] == 0)
      result.warnings.push_back(
          fmt::format("marker '{}' never occurs: it makes every composite score "
                      "undefined; take it out",
                      marker.name));
  }
  const std::vector<RankedExpert> ranked = SY_TRY(ranking());
  const std::vector<MatchedControls> chosen = recommended(ranked);
  const auto significant =
      std::ranges::count_if(ranked, [](const RankedExpert& e) { return e.significant; });
  result.headlines = {{"significant_experts",
                       "Experts associated with a wanted marker",
                       cell(static_cast<std::int64_t>(significant)),
                       "experts",
                       {},
                       0.95,
                       fmt::format("Fisher, Benjamini-Hochberg at {}, of {} ranked",
                                   m_options.alpha, ranked.size())}};
  for (const MatchedControls& c : chosen)
    result.findings.push_back(fmt::format(
        "Layer {} expert {} scores {:.3f}; {} experts used about as often average {:.3f}, and {}.",
        m_layers[c.expert.moeLayer].layer, c.expert.expert, c.expert.score, c.controls.size(),
        c.meanScore.value_or(0),
        c.expert.significant ? "the association passes the false discovery rate"
                             : "the association does not pass the false discovery rate"));
  if (static_cast<int>(chosen.size()) < m_options.top)
    result.warnings.push_back(fmt::format("not enough data: {} of {} wanted experts have a "
                                          "positive score with at least {} uses and {} "
                                          "joint occurrences",
                                          chosen.size(), m_options.top, m_options.support.minExpert,
                                          m_options.support.minBoth));
  result.tables = {rankingTable(m_layers, ranked), std::move(associationRows),
                   controlTable(m_layers, chosen)};
  result.figures = {heatmap(m_layers, ranked)};
  result.provenance = {
      .analyzer = std::string(id()),
      .version = "1",
      .formula = "nPMI = (log(k/M) + log(T/K)) / log(T/k), binary top-k membership; score = sum of "
                 "coefficient * nPMI (arXiv:2505.14681)",
      .filter = "prompt and generated tokens; a marker counts at " +
                std::string(m_options.position == MarkerPosition::LastToken ? "its last token"
                                                                            : "each of its tokens"),
      .sequences = m_sequences.count(),
      .tokens = m_states[0].tokens,
      .options = {{"markers", markers},
                  {"top", std::to_string(m_options.top)},
                  {"controls", std::to_string(m_options.controls)},
                  {"min_expert", std::to_string(m_options.support.minExpert)},
                  {"min_both", std::to_string(m_options.support.minBoth)},
                  {"alpha", fmt::format("{}", m_options.alpha)},
                  {"seed", std::to_string(m_options.seed)}}};
  return result;
}

} // namespace switchyard::analyzers
