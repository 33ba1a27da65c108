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
                                  {"mutual_information", "nats", "of ids x experts counts"}},
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
      const auto filtered = m_vocabulary.specialization(variant.item, l, m_options.minCount);
      const auto all = m_vocabulary.specialization(variant.item, l, 1);
      const double chance = static_cast<double>(m_layers[l].k) / m_layers[l].experts;
      layers.rows.push_back({cell(m_layers[l].layer), trace::Cell(variant.name), cell(filtered.items),
                             cell(filtered.mean), cell(all.items), cell(all.mean),
                             trace::Cell(chance),
                             cell(m_vocabulary.mutualInformation(variant.item, l))});
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
    result.warnings.push_back(fmt::format("vocabulary: {} bookings of ids outside 0..{} were left out "
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
    result.findings.push_back(fmt::format(
        "Layer {} follows the token most: an id seen at least {} times goes to its favourite expert "
        "in {:.0f} % of its occurrences (chance {:.0f} %).",
        m_layers[layer].layer, m_options.minCount, 100 * input[layer],
        100.0 * m_layers[layer].k / m_layers[layer].experts));
  result.figures.push_back({.name = "vocabulary_specialization",
                            .title = "Vocabulary specialization over depth",
                            .note = fmt::format("ids with at least {} occurrences", m_options.minCount),
                            .content = std::move(chart)});
  result.tables.push_back(std::move(layers));
  result.tables.push_back(std::move(experts));
}

} // namespace switchyard::analyzers
