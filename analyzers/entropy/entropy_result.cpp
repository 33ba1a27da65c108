#include <algorithm>

#include <fmt/format.h>

#include "analyzers/common/cells.h"
#include "analyzers/entropy/entropy.h"

namespace switchyard::analyzers {

namespace {

trace::Figure distribution(const LayerSet& layers, const std::vector<LayerEntropy>& entropies,
                           bool margins) {
  trace::Heatmap map{.x = {margins ? "margin, lower edge" : "entropy / ln E, lower edge", {}},
                     .y = {"layer", {}},
                     .values = {},
                     .unit = "share of tokens",
                     .neutral = {},
                     .merges = {}};
  for (std::size_t b = 0; b < LayerEntropy::kBins; ++b)
    map.x.labels.push_back(fmt::format("{:.2f}", static_cast<double>(b) / LayerEntropy::kBins));
  for (std::size_t l = 0; l < entropies.size(); ++l) {
    map.y.labels.push_back(layerName(layers[l]));
    for (std::int64_t n : margins ? entropies[l].marginBins : entropies[l].entropyBins)
      map.values.push_back(
          orNan(ratio(static_cast<double>(n), static_cast<double>(entropies[l].tokens))));
  }
  return {.name = margins ? "entropy_margins" : "entropy_distribution",
          .title = margins ? "Lead of the first choice over the second"
                           : "How undecided the router is, token by token",
          .note = margins ? "largest minus second probability"
                          : "0 = certain, 1 = uniform over experts",
          .content = std::move(map)};
}

} // namespace

base::Result<trace::AnalysisResult> Entropy::result() const {
  trace::AnalysisResult result;
  trace::Table table{
      .name = "entropy_layers",
      .title = "Router uncertainty of every layer",
      .columns = {{"layer", "", "position in the stack"},
                  {"tokens", "tokens", "with logits"},
                  {"entropy", "nats", "mean, over all experts before top-k"},
                  {"normalised_entropy", "", "entropy / ln E"},
                  {"margin", "", "mean of largest minus second probability"},
                  {"selected_mass", "share", "mean probability of the selected experts"},
                  {"uncertain", "share", "tokens whose GW entropy reaches the threshold"},
                  {"threshold", "nats", "sum p (-ln(p + 1e-5)) above it is uncertain"},
                  {"z_loss", "", "mean squared logsumexp of the logits"}},
      .rows = {}};
  std::vector<LayerEntropy> entropies;
  std::int64_t tokens = 0, needed = 0;
  std::size_t most = 0, least = 0;
  double sum = 0;
  for (std::size_t l = 0; l < m_states.size(); ++l) {
    entropies.push_back(layer(l));
    const LayerEntropy& e = entropies.back();
    table.rows.push_back({cell(m_layers[l].layer), cell(e.tokens), cell(e.entropy),
                          cell(e.normalisedEntropy), cell(e.margin), cell(e.selectedMass),
                          cell(e.uncertain), cell(e.threshold), cell(e.zLoss)});
    tokens = std::max(tokens, e.tokens);
    needed = std::max(needed, m_options.support.needed(m_layers[l]));
    sum += e.normalisedEntropy.value_or(0);
    if (e.normalisedEntropy.value_or(0) > entropies[most].normalisedEntropy.value_or(0))
      most = l;
    if (e.normalisedEntropy.value_or(1) < entropies[least].normalisedEntropy.value_or(1))
      least = l;
  }
  result.tables = {std::move(table)};
  if (tokens == 0)
    result.warnings.push_back("entropy: router logits were not recorded (capture with --record "
                              "ids,weights,logits)");
  else if (tokens < needed)
    result.warnings.push_back("entropy: " + notEnoughData(tokens, needed));
  else
    result.findings.push_back(
        fmt::format("The router is least sure at layer {} ({:.0f} % of the largest possible "
                    "entropy, {:.0f} % of "
                    "tokens uncertain) and surest at layer {} ({:.0f} %, {:.0f} %).",
                    m_layers[most].layer, 100 * entropies[most].normalisedEntropy.value_or(0),
                    100 * entropies[most].uncertain.value_or(0), m_layers[least].layer,
                    100 * entropies[least].normalisedEntropy.value_or(0),
                    100 * entropies[least].uncertain.value_or(0)));
  if (tokens > 0) {
    result.figures = {distribution(m_layers, entropies, false),
                      distribution(m_layers, entropies, true)};
    result.headlines = {{"normalised_entropy",
                         "Router entropy over ln E (mean over layers)",
                         cell(ratio(sum, static_cast<double>(entropies.size()))),
                         "",
                         {},
                         0.95,
                         "1 = uniform"}};
  }
  result.provenance = {
      .analyzer = std::string(id()),
      .version = "1",
      .formula =
          "H = -sum p ln p over all experts; uncertain: sum p (-ln(p + 1e-5)) >= share * ln E "
          "(arXiv:2406.12375: 1.8 for 8 experts)",
      .filter = "tokens with logits",
      .sequences = m_sequences.count(),
      .tokens = tokens,
      .options = {{"probabilities",
                   m_options.probabilities == Probabilities::Softmax ? "softmax" : "sigmoid"},
                  {"uncertain_share", fmt::format("{}", m_options.uncertainShare)}}};
  return result;
}

} // namespace switchyard::analyzers
