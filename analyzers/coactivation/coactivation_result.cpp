#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "analyzers/coactivation/coactivation.h"
#include "analyzers/common/cells.h"
#include "analyzers/statistics/multiple_testing.h"

namespace switchyard::analyzers {

namespace {

/// Pairs with enough joint or expected joint uses, strongest first; ties: lower i, then lower j.
std::vector<ExpertPair> rankPairs(const LayerPairs& layer, const std::vector<ExpertPair>& pairs,
                                  std::int64_t minPairCount) {
  std::vector<ExpertPair> ranked;
  for (const ExpertPair& pair : pairs) {
    const statistics::JointCounts n = layer.of(pair.i, pair.j);
    const double expected = ratio(static_cast<double>(n.first) * static_cast<double>(n.second),
                                  static_cast<double>(n.total))
                                .value_or(0);
    if (pair.overUniform &&
        std::max(expected, static_cast<double>(n.both)) >= static_cast<double>(minPairCount))
      ranked.push_back(pair);
  }
  std::ranges::stable_sort(ranked, [](const ExpertPair& a, const ExpertPair& b) {
    return *a.overUniform > *b.overUniform;
  });
  return ranked;
}

/// Experts with the largest conditional in their row, at most `limit`, in order of id.
std::vector<int> shownExperts(const LayerPairs& layer, int limit) {
  std::vector<int> experts(static_cast<std::size_t>(layer.experts));
  std::iota(experts.begin(), experts.end(), 0);
  if (layer.experts <= limit)
    return experts;
  std::vector<double> best(experts.size(), -1.0);
  for (int i = 0; i < layer.experts; ++i) {
    for (int j = 0; j < layer.experts; ++j) {
      if (i != j)
        best[static_cast<std::size_t>(i)] =
            std::max(best[static_cast<std::size_t>(i)], layer.conditional(i, j).value_or(-1.0));
    }
  }
  std::ranges::stable_sort(experts, [&](int a, int b) {
    return best[static_cast<std::size_t>(a)] > best[static_cast<std::size_t>(b)];
  });
  experts.resize(static_cast<std::size_t>(limit));
  std::ranges::sort(experts);
  return experts;
}

/// Conditionals of the shown experts, clustered; by id when they cannot be (unused experts only).
trace::Figure matrix(const LayerPairs& layer, const trace::LayerInfo& info, int limit,
                     bool adjacent) {
  trace::Heatmap map{.x = {"expert j", {}},
                     .y = {"expert i", {}},
                     .values = {},
                     .unit = "P(j | i)",
                     .neutral = (layer.k - 1.0) / std::max(layer.experts - 1, 1),
                     .merges = {}};
  std::vector<int> shown = shownExperts(layer, limit);
  if (auto clustered = clusterExperts(layer, shown); clustered && !adjacent) {
    shown = std::move(clustered->order);
    map.merges = std::move(clustered->merges);
  }
  for (int i : shown) {
    map.x.labels.push_back(std::to_string(i));
    for (int j : shown)
      map.values.push_back(orNan(i == j     ? std::nullopt
                                 : adjacent ? layer.adjacentConditional(i, j)
                                            : layer.conditional(i, j)));
  }
  map.y.labels = map.x.labels;
  return {.name = fmt::format("coactivation_{}layer_{}", adjacent ? "adjacent_" : "", info.layer),
          .title = fmt::format("Layer {}: how often expert j is chosen when expert i is{}",
                               info.layer, adjacent ? " (rank neighbours only)" : ""),
          .note = fmt::format("N_ij / N_i over {} tokens; uniform routing gives (k-1)/(E-1){}",
                              layer.tokens,
                              adjacent ? "" : "; order and tree: average linkage on 1 - Jaccard"),
          .content = std::move(map)};
}

trace::Table pairTable() {
  return {.name = "coactivation_pairs",
          .title = "Strongest pairs of every layer",
          .columns = {{"layer", "", "position in the stack"},
                      {"i", "", "expert"},
                      {"j", "", "expert"},
                      {"n_i", "tokens", "tokens that selected i"},
                      {"n_j", "tokens", "tokens that selected j"},
                      {"n_ij", "tokens", "tokens that selected both"},
                      {"p_j_given_i", "share", "n_ij / n_i"},
                      {"p_i_given_j", "share", "n_ij / n_j"},
                      {"lift", "", "n_ij T / (n_i n_j)"},
                      {"lift_over_fixed_k", "",
                       "lift over (k-1)E / (k(E-1)), its value under "
                       "uniform routing of exactly k experts"},
                      {"over_uniform", "",
                       "n_ij over what uniform routing gives (of the kept "
                       "groups, where routing is grouped)"},
                      {"jaccard", "", "n_ij / (n_i + n_j - n_ij)"},
                      {"phi", "", "correlation of the two memberships"},
                      {"g", "", "likelihood ratio of the 2x2 table"},
                      {"p_adjusted", "",
                       "of G, Benjamini-Hochberg over the layer's pairs; tokens of a "
                       "text are not independent, so this flatters"}},
          .rows = {}};
}

void addRow(trace::Table& table, const LayerPairs& layer, int stackLayer, const ExpertPair& pair) {
  const statistics::JointCounts n = layer.of(pair.i, pair.j);
  const statistics::Association& a = pair.association;
  const double baseline = statistics::fixedKLift(layer.k, layer.experts);
  table.rows.push_back({cell(stackLayer), cell(pair.i), cell(pair.j), cell(n.first), cell(n.second),
                        cell(n.both), cell(layer.conditional(pair.i, pair.j)),
                        cell(layer.conditional(pair.j, pair.i)), cell(a.lift),
                        a.lift ? cell(*a.lift / baseline) : trace::Cell(), cell(pair.overUniform),
                        cell(a.jaccard), cell(a.phi), cell(a.g), cell(pair.adjustedP)});
}

/// Share of all joint uses that the most frequent tenth of the pairs carries.
std::optional<double> topTenthShare(const LayerPairs& layer) {
  std::vector<std::int64_t> counts;
  for (int i = 0; i < layer.experts; ++i) {
    for (int j = i + 1; j < layer.experts; ++j)
      counts.push_back(layer.of(i, j).both);
  }
  std::ranges::sort(counts, std::greater<>());
  const auto tenth = static_cast<std::ptrdiff_t>((counts.size() + 9) / 10);
  const std::int64_t all = std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
  return ratio(
      static_cast<double>(std::accumulate(counts.begin(), counts.begin() + tenth, std::int64_t{0})),
      static_cast<double>(all));
}

} // namespace

base::Result<trace::AnalysisResult> Coactivation::result() const {
  trace::AnalysisResult result;
  result.tables = {pairTable()};
  std::int64_t tokens = 0;
  double shareSum = 0;
  int shares = 0;
  std::optional<ExpertPair> strongest;
  std::int64_t significant = 0, tested = 0;
  std::size_t strongestLayer = 0;
  for (std::size_t l = 0; l < m_states.size(); ++l) {
    const LayerPairs pairs = layer(l);
    tokens = std::max(tokens, pairs.tokens);
    if (pairs.k < 2) {
      result.warnings.push_back(fmt::format(
          "layer {}: top-1 routing has no pairs, co-activation is undefined", m_layers[l].layer));
      continue;
    }
    if (const auto share = topTenthShare(pairs)) {
      shareSum += *share;
      ++shares;
    }
    const std::vector<ExpertPair> all =
        SY_TRY(expertPairs(pairs, m_options.groups, m_options.groupsKept));
    for (const ExpertPair& pair : all) {
      tested += pair.adjustedP ? 1 : 0;
      significant += pair.adjustedP && pair.association.phi.value_or(0) > 0 &&
                             statistics::rejects(*pair.adjustedP, m_options.alpha)
                         ? 1
                         : 0;
    }
    const std::vector<ExpertPair> ranked = rankPairs(pairs, all, m_options.minPairCount);
    for (std::size_t p = 0; p < ranked.size() && p < static_cast<std::size_t>(m_options.top); ++p)
      addRow(result.tables[0], pairs, m_layers[l].layer, ranked[p]);
    result.figures.push_back(matrix(pairs, m_layers[l], m_options.figureExperts, false));
    if (m_options.adjacent)
      result.figures.push_back(matrix(pairs, m_layers[l], m_options.figureExperts, true));
    if (!m_options.support.enough(pairs.tokens, m_layers[l])) {
      result.warnings.push_back(
          fmt::format("layer {}: {}", m_layers[l].layer,
                      notEnoughData(pairs.tokens, m_options.support.needed(m_layers[l]))));
      continue;
    }
    if (!ranked.empty() && (!strongest || *ranked[0].overUniform > *strongest->overUniform)) {
      strongest = ranked[0];
      strongestLayer = l;
    }
  }
  result.headlines = {
      {"top_tenth_share",
       "Share of joint uses carried by the most frequent 10 % of pairs (mean over layers)",
       cell(ratio(shareSum, shares)),
       "share",
       {},
       0.95,
       "uniform routing: 0.1"},
      {"strongest_pair",
       "Strongest pair, over uniform routing",
       strongest ? trace::Cell(*strongest->overUniform) : trace::Cell(),
       "",
       {},
       0.95,
       "n_ij over T k(k-1) / (E(E-1))"},
      {"significant_pairs",
       "Pairs used together more often than independent experts",
       cell(significant),
       "pairs",
       {},
       0.95,
       fmt::format("G test, Benjamini-Hochberg at {} per layer, of {} pairs", m_options.alpha,
                   tested)}};
  if (strongest)
    result.findings.push_back(fmt::format(
        "Experts {} and {} of layer {} are chosen together {:.1f} times as often as uniform "
        "routing "
        "would; the most frequent tenth of all pairs carries {:.0f} % of the joint uses.",
        strongest->i, strongest->j, m_layers[strongestLayer].layer, *strongest->overUniform,
        100 * shareSum / shares));
  result.provenance = {.analyzer = std::string(id()),
                       .version = "1",
                       .formula = "P(j | i) = N_ij / N_i over all pairs (arXiv:2409.02060, eq. 6); "
                                  "lift, Jaccard, phi from the same counts",
                       .filter = "all tokens",
                       .sequences = m_sequences.count(),
                       .tokens = tokens,
                       .options = {{"adjacent", m_options.adjacent ? "true" : "false"},
                                   {"top", std::to_string(m_options.top)},
                                   {"figure_experts", std::to_string(m_options.figureExperts)},
                                   {"min_pair_count", std::to_string(m_options.minPairCount)},
                                   {"alpha", fmt::format("{}", m_options.alpha)},
                                   {"groups", std::to_string(m_options.groups)},
                                   {"groups_kept", std::to_string(m_options.groupsKept)}}};
  return result;
}

} // namespace switchyard::analyzers
