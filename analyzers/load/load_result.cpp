#include <algorithm>

#include <fmt/format.h>

#include "analyzers/common/cells.h"
#include "analyzers/load/load.h"

namespace switchyard::analyzers {

using trace::Cell;

namespace {

trace::Table expertTable(const LayerSet& layers, const std::vector<LayerLoad>& loads) {
  trace::Table table{
      .name = "load_experts",
      .title = "Load of every expert",
      .columns = {{"layer", "", "position in the stack"},
                  {"expert", "", "routed expert"},
                  {"count", "tokens", "tokens that selected the expert"},
                  {"share", "share", "count / tokens; chance is k/E"},
                  {"lift", "", "share over chance"},
                  {"first_choice", "tokens", "tokens that ranked the expert first"},
                  {"gate_mass", "weight", "sum of gate weights given to the expert"},
                  {"share_low", "share", "95 % interval of the share, over sequences"},
                  {"share_high", "share", ""}},
      .rows = {}};
  for (std::size_t l = 0; l < loads.size(); ++l) {
    const LayerLoad& load = loads[l];
    const double chance = static_cast<double>(layers[l].k) / layers[l].experts;
    for (std::size_t e = 0; e < load.counts.size(); ++e) {
      const auto share =
          ratio(static_cast<double>(load.counts[e]), static_cast<double>(load.tokens));
      table.rows.push_back({cell(layers[l].layer), cell(static_cast<std::int64_t>(e)),
                            cell(load.counts[e]), cell(share),
                            share ? Cell(*share / chance) : Cell(), cell(load.firstChoices[e]),
                            load.gateMass.empty() ? Cell() : Cell(load.gateMass[e]),
                            load.share[e] ? Cell(load.share[e]->low) : Cell(),
                            load.share[e] ? Cell(load.share[e]->high) : Cell()});
    }
  }
  return table;
}

trace::Table layerTable(const LayerSet& layers, const std::vector<LayerLoad>& loads) {
  trace::Table table{
      .name = "load_layers",
      .title = "Balance of every layer",
      .columns = {{"layer", "", "position in the stack"},
                  {"experts", "", "routed experts"},
                  {"k", "", "experts per token"},
                  {"tokens", "tokens", "tokens seen"},
                  {"max_vio_global", "", "busiest expert over the mean load, minus 1, all tokens"},
                  {"max_vio_batch", "", "the same per sequence, averaged over sequences"},
                  {"min_over_mean", "", "least used expert over the mean load"},
                  {"cv", "", "standard deviation over mean"},
                  {"gini", "", "0 = equal, 1 = one expert takes all"},
                  {"entropy", "nats", "of the load shares"},
                  {"normalised_entropy", "", "entropy / ln E"},
                  {"effective_experts", "experts", "e^entropy"},
                  {"dead", "experts", "experts never selected"},
                  {"lbl_micro", "", "load-balance loss per sequence, averaged; uniform = 1"},
                  {"lbl_global", "", "load-balance loss of all tokens pooled; uniform = 1"}},
      .rows = {}};
  for (std::size_t l = 0; l < loads.size(); ++l) {
    const LayerLoad& load = loads[l];
    const statistics::Concentration& c = load.global;
    table.rows.push_back({cell(layers[l].layer), cell(layers[l].experts), cell(layers[l].k),
                          cell(load.tokens), cell(c.maxVio), cell(load.maxVioBatch),
                          cell(c.minOverMean), cell(c.cv), cell(c.gini), cell(c.entropy),
                          cell(c.normalisedEntropy), cell(c.effectiveExperts), cell(c.dead),
                          cell(load.lblMicro), cell(load.lblGlobal)});
  }
  return table;
}

trace::Figure heatmap(const LayerSet& layers, const std::vector<LayerLoad>& loads) {
  int experts = 0;
  for (const trace::LayerInfo& layer : layers.all())
    experts = std::max(experts, layer.experts);
  trace::Heatmap map{.x = {"expert", expertNames(experts)},
                     .y = {"layer", {}},
                     .values = {},
                     .unit = "times fair share",
                     .neutral = 1.0,
                     .merges = {}};
  for (std::size_t l = 0; l < loads.size(); ++l) {
    map.y.labels.push_back(layerName(layers[l]));
    const auto total = static_cast<double>(loads[l].global.total);
    for (int e = 0; e < experts; ++e) {
      const bool exists = e < layers[l].experts;
      map.values.push_back(
          exists ? orNan(ratio(static_cast<double>(loads[l].counts[static_cast<std::size_t>(e)]) *
                                   layers[l].experts,
                               total))
                 : kNoData);
    }
  }
  return {.name = "load_heatmap",
          .title = "Load of each expert, as a multiple of its fair share",
          .note = "count * E / total assignments of the layer",
          .content = std::move(map)};
}

/// Mean over layers of a value that may be undefined in some.
template <typename Get>
std::optional<double> layerMean(const std::vector<LayerLoad>& loads, Get get) {
  double sum = 0;
  int n = 0;
  for (const LayerLoad& load : loads) {
    if (const std::optional<double> value = get(load)) {
      sum += *value;
      ++n;
    }
  }
  return ratio(sum, n);
}

void describe(trace::AnalysisResult& result, const LayerSet& layers,
              const std::vector<LayerLoad>& loads, const SupportRule& support) {
  std::size_t worst = 0;
  std::int64_t dead = 0, experts = 0;
  std::string deadNames;
  for (std::size_t l = 0; l < loads.size(); ++l) {
    if (!support.enough(loads[l].tokens, layers[l])) {
      result.warnings.push_back(
          fmt::format("balance: {}", notEnoughData(loads[l].tokens, support.needed(layers[l]))));
      return;
    }
    if (loads[l].global.maxVio.value_or(0) > loads[worst].global.maxVio.value_or(0))
      worst = l;
    dead += loads[l].global.dead;
    experts += layers[l].experts;
    for (std::size_t e = 0; e < loads[l].counts.size() && deadNames.size() < 60; ++e) {
      if (loads[l].counts[e] == 0)
        deadNames +=
            fmt::format("{}layer {} expert {}", deadNames.empty() ? "" : ", ", layers[l].layer, e);
    }
  }
  const LayerLoad& load = loads[worst];
  const auto busiest = std::ranges::max_element(load.counts) - load.counts.begin();
  result.findings.push_back(fmt::format(
      "Layer {} is the least balanced: expert {} takes {:.1f} times its fair share, and the layer "
      "works like one with {:.1f} equally used experts instead of {}.",
      layers[worst].layer, busiest, load.global.maxVio.value_or(0) + 1,
      load.global.effectiveExperts.value_or(0), layers[worst].experts));
  if (dead == 0)
    result.findings.push_back(fmt::format(
        "Every one of the {} routed experts was used in {} tokens.", experts, load.tokens));
  else
    result.findings.push_back(
        fmt::format("{} of {} routed experts were never chosen in {} tokens ({}).", dead, experts,
                    load.tokens, deadNames));
}

} // namespace

base::Result<trace::AnalysisResult> Load::result() const {
  std::vector<LayerLoad> loads;
  for (std::size_t l = 0; l < m_states.size(); ++l)
    loads.push_back(layer(l));
  trace::AnalysisResult result;
  result.tables = {layerTable(m_layers, loads), expertTable(m_layers, loads)};
  result.figures = {heatmap(m_layers, loads)};
  std::int64_t dead = 0, tokens = 0;
  bool logits = !loads.empty();
  for (const LayerLoad& load : loads) {
    dead += load.global.dead;
    tokens = std::max(tokens, load.tokens);
    logits = logits && load.lblGlobal.has_value();
  }
  const auto mean = [&](auto get) { return cell(layerMean(loads, get)); };
  result.headlines = {{"max_vio_global",
                       "Busiest expert over the mean, minus 1 (mean over layers)",
                       mean([](const LayerLoad& l) { return l.global.maxVio; }),
                       "",
                       {},
                       0.95,
                       "all tokens"},
                      {"max_vio_batch",
                       "The same within one sequence (mean over sequences and layers)",
                       mean([](const LayerLoad& l) { return l.maxVioBatch; }),
                       "",
                       {},
                       0.95,
                       "one batch is one sequence"},
                      {"normalised_entropy",
                       "Evenness of load, 1 = uniform (mean over layers)",
                       mean([](const LayerLoad& l) { return l.global.normalisedEntropy; }),
                       "",
                       {},
                       0.95,
                       "entropy / ln E"},
                      {"dead_experts",
                       "Experts never selected, all layers",
                       cell(dead),
                       "experts",
                       {},
                       0.95,
                       fmt::format("in {} tokens", tokens)},
                      {"lbl_global",
                       "Load-balance loss, all tokens pooled (mean over layers)",
                       mean([](const LayerLoad& l) { return l.lblGlobal; }),
                       "",
                       {},
                       0.95,
                       "uniform = 1"}};
  describe(result, m_layers, loads, m_options.support);
  if (!logits && tokens > 0)
    result.warnings.push_back("load-balance loss: router logits were not recorded (capture with "
                              "--record ids,weights,logits)");
  result.provenance = {
      .analyzer = std::string(id()),
      .version = "1",
      .formula = "MaxVio = max/mean - 1 (arXiv:2408.15664); load-balance loss = "
                 "E sum f P (arXiv:2501.11873); one batch is one sequence",
      .filter = "all tokens",
      .sequences = sequences(),
      .tokens = tokens,
      .options = {{"probabilities",
                   m_options.probabilities == Probabilities::Softmax ? "softmax" : "sigmoid"}}};
  return result;
}

} // namespace switchyard::analyzers
