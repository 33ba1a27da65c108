#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "analyzers/common/cells.h"
#include "analyzers/common/measures.h"
#include "analyzers/transitions/transitions.h"

namespace switchyard::analyzers {

namespace {

/// The `limit` busiest of n experts by `use`, in order of id.
std::vector<int> busiest(const std::vector<std::uint64_t>& use, int limit) {
  std::vector<int> ids(use.size());
  std::iota(ids.begin(), ids.end(), 0);
  if (static_cast<int>(ids.size()) <= limit)
    return ids;
  std::ranges::stable_sort(ids, [&](int a, int b) {
    return use[static_cast<std::size_t>(a)] > use[static_cast<std::size_t>(b)];
  });
  ids.resize(static_cast<std::size_t>(limit));
  std::ranges::sort(ids);
  return ids;
}

std::vector<std::uint64_t> columnSums(const std::vector<std::uint64_t>& counts, int columns) {
  std::vector<std::uint64_t> sums(static_cast<std::size_t>(columns));
  for (std::size_t i = 0; i < counts.size(); ++i)
    sums[i % sums.size()] += counts[i];
  return sums;
}

trace::Figure matrix(const TransitionTable& table, std::string name, std::string title, int limit) {
  trace::Heatmap map{.x = {"target expert", {}},
                     .y = {"source expert", {}},
                     .values = {},
                     .unit = "P(target | source)",
                     .neutral = static_cast<double>(table.targetK) / table.targets,
                     .merges = {}};
  const std::vector<int> rows = busiest(table.source, limit);
  const std::vector<int> columns = busiest(columnSums(table.counts, table.targets), limit);
  for (int j : columns)
    map.x.labels.push_back(std::to_string(j));
  for (int i : rows) {
    map.y.labels.push_back(std::to_string(i));
    for (int j : columns)
      map.values.push_back(orNan(table.conditional(i, j)));
  }
  return {.name = std::move(name),
          .title = std::move(title),
          .note =
              fmt::format("counts over uses of the source, {} steps; chance is k/E", table.steps),
          .content = std::move(map)};
}

/// First choices through consecutive layer pairs; all but the busiest experts are "other".
trace::Figure flow(const LayerSet& layers, const std::vector<std::pair<int, int>>& pairs,
                   const std::vector<TransitionTable>& tables, int named) {
  trace::Flow flow{.nodes = {}, .links = {}, .unit = "tokens"};
  std::vector<std::vector<int>> nodeOf(layers.size()); ///< [layer][expert] -> node
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const auto experts = static_cast<std::size_t>(layers[l].experts);
    std::vector<std::uint64_t> use(experts);
    for (std::size_t p = 0; p < pairs.size(); ++p) {
      const TransitionTable& t = tables[p];
      for (std::size_t c = 0; c < t.top1.size(); ++c) {
        if (pairs[p].first == static_cast<int>(l))
          use[c / static_cast<std::size_t>(t.targets)] += t.top1[c];
        else if (pairs[p].second == static_cast<int>(l))
          use[c % static_cast<std::size_t>(t.targets)] += t.top1[c];
      }
    }
    if (total(use) == 0)
      continue;
    nodeOf[l].assign(experts, -1);
    for (int e : busiest(use, named)) {
      nodeOf[l][static_cast<std::size_t>(e)] = static_cast<int>(flow.nodes.size());
      flow.nodes.push_back(
          {fmt::format("layer {} expert {}", layers[l].layer, e), static_cast<int>(l)});
    }
    if (layers[l].experts > named) {
      std::ranges::replace(nodeOf[l], -1, static_cast<int>(flow.nodes.size()));
      flow.nodes.push_back({fmt::format("layer {} other", layers[l].layer), static_cast<int>(l)});
    }
  }
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    const std::vector<int>& from = nodeOf[static_cast<std::size_t>(pairs[p].first)];
    const std::vector<int>& to = nodeOf[static_cast<std::size_t>(pairs[p].second)];
    if (from.empty() || to.empty())
      continue;
    // A layer's nodes are neighbours: links of two layers fill a matrix of those alone.
    const auto [fromFirst, fromLast] = std::ranges::minmax(from);
    const auto [toFirst, toLast] = std::ranges::minmax(to);
    const auto sources = static_cast<std::size_t>(fromLast - fromFirst + 1);
    const auto targets = static_cast<std::size_t>(toLast - toFirst + 1);
    std::vector<double> amounts(sources * targets);
    const auto columns = static_cast<std::size_t>(tables[p].targets);
    for (std::size_t c = 0; c < tables[p].top1.size(); ++c)
      if (tables[p].top1[c] > 0)
        amounts[static_cast<std::size_t>(from[c / columns] - fromFirst) * targets +
                static_cast<std::size_t>(to[c % columns] - toFirst)] +=
            static_cast<double>(tables[p].top1[c]);
    for (std::size_t c = 0; c < amounts.size(); ++c)
      if (amounts[c] > 0)
        flow.links.push_back({fromFirst + static_cast<int>(c / targets),
                              toFirst + static_cast<int>(c % targets), amounts[c]});
  }
  return {.name = "transitions_flow",
          .title = "Where the first choice goes from layer to layer",
          .note = "first choices only; the busiest experts of each layer are named",
          .content = std::move(flow)};
}

trace::Chart coverageChart() {
  return {.kind = trace::ChartKind::Line,
          .xTitle = "likeliest targets of each source",
          .xUnit = "share of experts",
          .yTitle = "transitions covered",
          .yUnit = "share",
          .categories = {},
          .series = {},
          .reference = {},
          .referenceLabel = {}};
}

/// Adds a curve and returns what the top fifth of the targets covers.
std::optional<double> addCoverage(trace::Chart& chart, const TransitionTable& table,
                                  std::string name) {
  trace::Series series{
      .name = std::move(name), .x = {}, .y = table.coverage(), .intervals = {}, .labels = {}};
  if (series.y.empty())
    return std::nullopt;
  for (int m = 1; m <= table.targets; ++m)
    series.x.push_back(static_cast<double>(m) / table.targets);
  const int fifth = std::max(1, table.targets / 5);
  const double covered = series.y[static_cast<std::size_t>(fifth) - 1];
  chart.series.push_back(std::move(series));
  return covered;
}

} // namespace

base::Result<trace::AnalysisResult> Transitions::result() const {
  trace::AnalysisResult result;
  trace::Table summary{
      .name = "transitions",
      .title = "How predictable the next selection is",
      .columns = {{"kind", "", "cross-layer or cross-token"},
                  {"from_layer", "", "position in the stack"},
                  {"to_layer", "", "position in the stack"},
                  {"steps", "steps", "tokens, or pairs of neighbouring tokens"},
                  {"top_fifth_coverage", "share",
                   "transitions that fall on each source's likeliest 20 % of targets"},
                  {"mutual_information", "nats", "of the k x k counts, with their own margins"},
                  {"mutual_information_top1", "nats", "of the first choices"},
                  {"sample_information", "nats",
                   "of the first choices of a sample of at most 1024 steps"},
                  {"sample_null", "nats",
                   "its mean when targets are shuffled: what chance gives there"},
                  {"sample_p", "",
                   "shuffles with at least as much; tokens of a text "
                   "are not independent, so this flatters"}},
      .rows = {}};
  std::vector<TransitionTable> crossLayer;
  trace::Chart layerCurves = coverageChart(), tokenCurves = coverageChart();
  double sums[2] = {};
  int counted[2] = {};
  const auto addSummary = [&](const TransitionTable& t, const PairSample& sample, bool acrossLayers,
                              int from, int to) -> base::Result<void> {
    const PairSample::Null null =
        SY_TRY(sample.permutationNull(m_options.permutations, m_options.seed));
    const auto covered = addCoverage(acrossLayers ? layerCurves : tokenCurves, t,
                                     acrossLayers ? fmt::format("{} to {}", from, to)
                                                  : fmt::format("layer {}", from));
    if (covered) {
      sums[acrossLayers ? 0 : 1] += *covered;
      ++counted[acrossLayers ? 0 : 1];
    }
    const auto columns = static_cast<std::size_t>(t.targets);
    summary.rows.push_back({trace::Cell(acrossLayers ? "cross-layer" : "cross-token"), cell(from),
                            cell(to), cell(t.steps), cell(covered),
                            cell(mutualInformationOf(t.counts, columns)),
                            cell(mutualInformationOf(t.top1, columns)), cell(null.observed),
                            cell(null.mean), cell(null.p)});
    return {};
  };
  for (std::size_t p = 0; p < m_pairs.size(); ++p) {
    const auto [a, b] = m_pairs[p];
    const int from = m_layers[static_cast<std::size_t>(a)].layer;
    const int to = m_layers[static_cast<std::size_t>(b)].layer;
    crossLayer.push_back(m_crossLayer[p].table());
    SY_TRY(addSummary(crossLayer.back(), m_crossLayer[p].sample(), true, from, to));
    result.figures.push_back(matrix(
        crossLayer.back(), fmt::format("transitions_layers_{}_{}", from, to),
        fmt::format("From layer {} to layer {}, same token", from, to), m_options.figureExperts));
  }
  for (std::size_t l = 0; l < m_crossToken.size(); ++l) {
    const TransitionTable table = m_crossToken[l].table();
    SY_TRY(
        addSummary(table, m_crossToken[l].sample(), false, m_layers[l].layer, m_layers[l].layer));
    result.figures.push_back(
        matrix(table, fmt::format("transitions_tokens_layer_{}", m_layers[l].layer),
               fmt::format("Layer {}: from one token to the next", m_layers[l].layer),
               m_options.figureExperts));
  }
  if (!crossLayer.empty()) {
    result.figures.insert(result.figures.begin(),
                          {.name = "transitions_coverage_layers",
                           .title = "How few candidates cover the next layer",
                           .note = "k x k pairs, one curve per pair of layers",
                           .content = layerCurves});
    result.figures.insert(result.figures.begin() + 1,
                          flow(m_layers, m_pairs, crossLayer, m_options.flowExperts));
  }
  if (!m_crossToken.empty())
    result.figures.push_back({.name = "transitions_coverage_tokens",
                              .title = "How few candidates cover the next token",
                              .note = "k x k pairs inside a sequence, one curve per layer",
                              .content = tokenCurves});
  result.tables = {std::move(summary)};
  const auto layerCoverage = ratio(sums[0], counted[0]), tokenCoverage = ratio(sums[1], counted[1]);
  result.headlines = {{"top_fifth_coverage_layers",
                       "Next-layer transitions on the likeliest 20 % of experts",
                       cell(layerCoverage),
                       "share",
                       {},
                       0.95,
                       "mean over layer pairs; chance 0.2"},
                      {"top_fifth_coverage_tokens",
                       "Next-token transitions on the likeliest 20 % of experts",
                       cell(tokenCoverage),
                       "share",
                       {},
                       0.95,
                       "mean over layers; chance 0.2"}};
  std::int64_t needed = 0;
  for (const trace::LayerInfo& layer : m_layers.all())
    needed = std::max(needed, m_options.support.needed(layer));
  if (m_tokens < needed)
    result.warnings.push_back("transitions: " + notEnoughData(m_tokens, needed));
  else if (layerCoverage && tokenCoverage)
    result.findings.push_back(fmt::format(
        "Knowing a token's expert at one layer, the likeliest fifth of the experts covers {:.0f} % "
        "of "
        "its next-layer choices; from one token to the next it covers {:.0f} % (chance: 20 %).",
        100 * *layerCoverage, 100 * *tokenCoverage));
  result.provenance = {.analyzer = std::string(id()),
                       .version = "1",
                       .formula =
                           "P(j in target | i in source) over all k x k pairs; coverage of the "
                           "m likeliest targets of each source (arXiv:2510.05497)",
                       .filter = "all tokens; token pairs inside one sequence",
                       .sequences = m_sequences.count(),
                       .tokens = m_tokens,
                       .options = {{"cross_token", m_options.crossToken ? "true" : "false"},
                                   {"permutations", std::to_string(m_options.permutations)},
                                   {"seed", std::to_string(m_options.seed)},
                                   {"equal_rank", m_options.equalRank ? "true" : "false"}}};
  return result;
}

} // namespace switchyard::analyzers
