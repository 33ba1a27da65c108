#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "analyzers/common/cells.h"
#include "analyzers/specialization/specialization.h"

namespace switchyard::analyzers {

namespace {

struct Variant {
  VocabularyItem item;
  const char* name;
};
constexpr Variant kVariants[] = {{VocabularyItem::Input, "input id"},
                                 {VocabularyItem::Predicted, "predicted id"},
                                 {VocabularyItem::Next, "next id"}};

void addTokens(trace::Table& table, const VocabularyLayer& v, int stackLayer) {
  for (std::size_t e = 0; e < v.topTokens.size(); ++e) {
    for (std::size_t i = 0; i < v.topTokens[e].size(); ++i) {
      const TokenShare& token = v.topTokens[e][i];
      table.rows.push_back({cell(stackLayer), cell(static_cast<std::int64_t>(e)),
                            cell(static_cast<std::int64_t>(i + 1)), cell(token.id),
                            cell(token.occurrences), cell(token.share)});
    }
  }
}

/// The three favourite experts of the most frequent ids.
trace::Table frequentTokens(const VocabularyCounts& vocabulary, const LayerSet& layers) {
  constexpr std::size_t kTokens = 50, kExperts = 3;
  trace::Table table{.name = "vocabulary_frequent",
                     .title = "Favourite experts of the most frequent ids",
                     .columns = {{"layer", "", "position in the stack"},
                                 {"token_id", "", "input id"},
                                 {"occurrences", "tokens", "of the id"},
                                 {"rank", "", "1 = favourite"},
                                 {"expert", "", "routed expert"},
                                 {"share", "share", "of the occurrences"}},
                     .rows = {}};
  std::vector<std::pair<std::int64_t, std::int64_t>> frequent; // falling occurrences, id
  for (std::int64_t id = 0; id < vocabulary.ids(VocabularyItem::Input); ++id) {
    if (const std::int64_t n = vocabulary.occurrences(VocabularyItem::Input, 0, id); n > 0)
      frequent.emplace_back(-n, id);
  }
  std::ranges::sort(frequent);
  frequent.resize(std::min(frequent.size(), kTokens));
  for (std::size_t l = 0; l < layers.size(); ++l) {
    for (const auto& [unused, id] : frequent) {
      const std::int64_t n = vocabulary.occurrences(VocabularyItem::Input, l, id);
      std::vector<std::pair<std::int64_t, std::int64_t>> experts; // falling count, expert
      for (std::uint32_t count : vocabulary.counts(VocabularyItem::Input, l, id))
        experts.emplace_back(-std::int64_t{count}, static_cast<std::int64_t>(experts.size()));
      std::ranges::sort(experts);
      for (std::size_t i = 0; i < std::min(experts.size(), kExperts) && experts[i].first < 0; ++i)
        table.rows.push_back(
            {cell(layers[l].layer), cell(id), cell(n), cell(static_cast<std::int64_t>(i + 1)),
             cell(experts[i].second),
             cell(ratio(static_cast<double>(-experts[i].first), static_cast<double>(n)))});
    }
  }
  return table;
}

} // namespace

void Specialization::describeVocabulary(trace::AnalysisResult& result) const {
  trace::Table layers{.name = "vocabulary_layers",
                      .title = "Vocabulary specialization of every layer",
                      .columns = {{"layer", "", "position in the stack"},
                                  {"item", "", "which token a routing is booked under"},
                                  {"items", "ids", "ids with at least min_count occurrences"},
                                  {"specialization", "share",
                                   "mean share of each id's favourite expert, those ids"},
                                  {"items_unfiltered", "ids", "ids that occur"},
                                  {"specialization_unfiltered", "share",
                                   "the same over all of them, as published curves are made: an id "
                                   "seen once counts as 100 %"},
                                  {"chance", "share", "k/E"},
                                  {"mutual_information", "nats", "of ids x experts counts"},
                                  {"information_share", "share",
                                   "mutual_information over the entropy of the experts"},
                                  {"context_sensitivity", "share",
                                   "1 - favourite's share, averaged over occurrences"}},
                      .rows = {}};
  trace::Table tokens{.name = "vocabulary_tokens",
                      .title = "Ids that select an expert most",
                      .columns = {{"layer", "", "position in the stack"},
                                  {"expert", "", "routed expert"},
                                  {"rank", "", "1 = strongest"},
                                  {"token_id", "", "input id"},
                                  {"occurrences", "tokens", "of the id"},
                                  {"share", "share", "of them that select the expert"}},
                      .rows = {}};
  trace::Table experts{.name = "vocabulary_experts",
                       .title = "Vocabulary specialization of every expert",
                       .columns = {{"layer", "", "position in the stack"},
                                   {"expert", "", "routed expert"},
                                   {"item", "", "which token a routing is booked under"},
                                   {"favourite_of", "ids", "ids whose favourite this expert is"},
                                   {"specialization", "share", "mean share over those ids"}},
                       .rows = {}};
  trace::Chart chart{.kind = trace::ChartKind::Line,
                     .xTitle = "layer",
                     .xUnit = "",
                     .yTitle = "favourite expert's share of an id's occurrences",
                     .yUnit = "share",
                     .categories = {},
                     .series = {},
                     .reference = static_cast<double>(m_layers[0].k) / m_layers[0].experts,
                     .referenceLabel = "chance"};
  for (const Variant& variant : kVariants) {
    if (m_vocabulary.ids(variant.item) == 0)
      continue;
    trace::Series series{.name = variant.name, .x = {}, .y = {}, .intervals = {}, .labels = {}};
    for (std::size_t l = 0; l < m_layers.size(); ++l) {
      const VocabularyLayer v = m_vocabulary.layer(
          variant.item, l, m_options.minCount,
          variant.item == VocabularyItem::Input ? static_cast<std::size_t>(m_options.topTokens)
                                                : 0);
      const VocabularySpecialization &filtered = v.filtered, &all = v.all;
      const double chance = static_cast<double>(m_layers[l].k) / m_layers[l].experts;
      layers.rows.push_back({cell(m_layers[l].layer), trace::Cell(variant.name),
                             cell(filtered.items), cell(filtered.mean), cell(all.items),
                             cell(all.mean), trace::Cell(chance), cell(v.mutualInformation),
                             cell(v.mutualInformation && v.expertEntropy
                                      ? ratio(*v.mutualInformation, *v.expertEntropy)
                                      : std::nullopt),
                             cell(v.contextSensitivity)});
      addTokens(tokens, v, m_layers[l].layer);
      for (std::size_t e = 0; e < filtered.experts.size(); ++e)
        experts.rows.push_back({cell(m_layers[l].layer), cell(static_cast<std::int64_t>(e)),
                                trace::Cell(variant.name), cell(filtered.favourites[e]),
                                cell(filtered.experts[e])});
      series.x.push_back(m_layers[l].layer);
      series.y.push_back(orNan(filtered.mean));
    }
    chart.series.push_back(std::move(series));
  }
  if (m_vocabulary.predictedRows() == 0 && m_tokens > 0)
    result.warnings.push_back("vocabulary by predicted id: predictions were not recorded");
  if (m_vocabulary.skipped() > 0)
    result.warnings.push_back(
        fmt::format("vocabulary: {} bookings of ids outside 0..{} were left out "
                    "to keep within the memory limit",
                    m_vocabulary.skipped(), m_vocabulary.idLimit() - 1));
  if (chart.series.empty())
    return;
  const std::vector<double>& input = chart.series.front().y;
  std::size_t layer = 0;
  for (std::size_t l = 1; l < input.size(); ++l) {
    if (!(input[layer] >= input[l]))
      layer = l;
  }
  if (chart.series.front().name == kVariants[0].name && !std::isnan(input[layer]) &&
      m_options.support.enough(m_tokens, m_layers[layer]))
    result.findings.push_back(fmt::format("Layer {} follows the token most: an id seen at least {} "
                                          "times goes to its favourite expert "
                                          "in {:.0f} % of its occurrences (chance {:.0f} %).",
                                          m_layers[layer].layer, m_options.minCount,
                                          100 * input[layer],
                                          100.0 * m_layers[layer].k / m_layers[layer].experts));
  result.figures.push_back(
      {.name = "vocabulary_specialization",
       .title = "Vocabulary specialization over depth",
       .note = fmt::format("ids with at least {} occurrences", m_options.minCount),
       .content = std::move(chart)});
  result.tables.push_back(std::move(layers));
  result.tables.push_back(std::move(experts));
  result.tables.push_back(std::move(tokens));
  result.tables.push_back(frequentTokens(m_vocabulary, m_layers));
}

} // namespace switchyard::analyzers
