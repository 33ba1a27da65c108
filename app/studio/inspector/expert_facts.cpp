#include "app/studio/inspector/expert_facts.h"

#include <algorithm>
#include <cmath>

#include "app/studio/views/small_samples.h"
#include "core/trace/result.h"

namespace switchyard::studio {

namespace {

using trace::Cell;
using trace::Table;

/// Columns of a table by name; -1 where there is none.
class Row {
public:
  Row(const Table& table, const std::vector<Cell>& cells) : m_table(table), m_cells(cells) {}

  std::optional<double> number(std::string_view column) const {
    const Cell* cell = find(column);
    if (!cell)
      return std::nullopt;
    if (const auto* whole = std::get_if<std::int64_t>(cell))
      return static_cast<double>(*whole);
    if (const auto* real = std::get_if<double>(cell))
      return *real;
    return std::nullopt;
  }
  std::int64_t whole(std::string_view column) const {
    return static_cast<std::int64_t>(number(column).value_or(-1));
  }
  std::string text(std::string_view column) const {
    const Cell* cell = find(column);
    const auto* text = cell ? std::get_if<std::string>(cell) : nullptr;
    return text ? *text : std::string();
  }

private:
  const Cell* find(std::string_view column) const {
    for (std::size_t i = 0; i < m_table.columns.size(); ++i)
      if (m_table.columns[i].name == column)
        return &m_cells[i];
    return nullptr;
  }
  const Table& m_table;
  const std::vector<Cell>& m_cells;
};

void takeLoad(const Table& table, const ExpertKey& expert, ExpertFacts& facts) {
  if (facts.load)
    return;
  int better = 0, experts = 0;
  std::optional<double> own;
  for (const auto& cells : table.rows) {
    const Row row(table, cells);
    if (row.whole("layer") != expert.layer)
      continue;
    ++experts;
    if (row.whole("expert") == expert.expert) {
      own = row.number("lift");
      facts.count = row.whole("count");
      facts.firstChoice = row.whole("first_choice");
      const auto share = row.number("share"), low = row.number("share_low"),
                 high = row.number("share_high");
      if (share && *share > 0)
        facts.total = std::llround(static_cast<double>(*facts.count) / *share);
      // Of the share; that of the load is as many times wider as the load is larger.
      if (own && share && *share > 0 && low && high && std::isfinite(*low) && std::isfinite(*high))
        facts.loadInterval = std::pair(*low * *own / *share, *high * *own / *share);
    }
  }
  if (!own)
    return;
  for (const auto& cells : table.rows) {
    const Row row(table, cells);
    if (row.whole("layer") == expert.layer && row.number("lift").value_or(0) > *own)
      ++better;
  }
  facts.load = own;
  facts.rank = better + 1;
  facts.experts = experts;
}

void takeLabels(const trace::Heatmap& map, const ExpertKey& expert, ExpertFacts& facts) {
  const std::size_t columns = map.x.labels.size();
  const auto e = static_cast<std::size_t>(expert.expert);
  if (!facts.labels.empty() || e >= columns)
    return;
  facts.labelKey = map.y.title;
  for (std::size_t d = 0; d < map.y.labels.size(); ++d)
    if (const double lift = map.values[d * columns + e]; !std::isnan(lift))
      facts.labels.push_back({map.y.labels[d], lift, {}});
  std::ranges::stable_sort(facts.labels,
                           [](const LabelLift& a, const LabelLift& b) { return a.lift > b.lift; });
}

void takeIntervals(const Table& table, const ExpertKey& expert, ExpertFacts& facts) {
  for (const auto& cells : table.rows) {
    const Row row(table, cells);
    if (row.whole("layer") != expert.layer || row.whole("expert") != expert.expert)
      continue;
    const auto share = row.number("share"), lift = row.number("lift");
    const auto low = row.number("share_low"), high = row.number("share_high");
    // Results from before there was that column have intervals all the same.
    const bool few = row.number("documents").value_or(kFewestDocuments) < kFewestDocuments;
    if (!share || !lift || !low || !high || *share <= 0 || few)
      continue;
    const double perShare = *lift / *share; // E/k
    for (LabelLift& label : facts.labels)
      if (label.label == row.text("label"))
        label.interval = {*low * perShare, *high * perShare};
  }
}

void takeTokens(const Table& table, const ExpertKey& expert, ExpertFacts& facts) {
  if (!facts.tokens.empty())
    return;
  for (const auto& cells : table.rows) {
    const Row row(table, cells);
    if (row.whole("layer") == expert.layer && row.whole("expert") == expert.expert)
      facts.tokens.push_back({static_cast<std::int32_t>(row.whole("token_id")),
                              row.whole("occurrences"), row.number("share").value_or(0)});
  }
}

void takePartners(const Table& table, const ExpertKey& expert, ExpertFacts& facts) {
  if (!facts.partners.empty())
    return;
  for (const auto& cells : table.rows) {
    const Row row(table, cells);
    const std::int64_t i = row.whole("i"), j = row.whole("j");
    if (row.whole("layer") != expert.layer || (i != expert.expert && j != expert.expert))
      continue;
    facts.partners.push_back(
        {static_cast<int>(i == expert.expert ? j : i),
         row.number("lift_over_fixed_k").value_or(row.number("lift").value_or(0)),
         row.whole("n_ij")});
  }
  std::ranges::stable_sort(facts.partners,
                           [](const Partner& a, const Partner& b) { return a.lift > b.lift; });
}

void take(const trace::AnalysisResult& result, const ExpertKey& expert, ExpertFacts& facts) {
  const std::string layerFigure = "specialization_layer_" + std::to_string(expert.layer);
  for (const trace::Figure& figure : result.figures) {
    const auto* map = std::get_if<trace::Heatmap>(&figure.content);
    if (map && figure.name == layerFigure)
      takeLabels(*map, expert, facts);
    if (map && figure.name == "npmi_scores" && !facts.npmi)
      for (std::size_t row = 0; row < map->y.labels.size(); ++row)
        if (map->y.labels[row] == std::to_string(expert.layer) &&
            static_cast<std::size_t>(expert.expert) < map->x.labels.size())
          if (const double value =
                  map->values[row * map->x.labels.size() + static_cast<std::size_t>(expert.expert)];
              !std::isnan(value))
            facts.npmi = value;
  }
  for (const Table& table : result.tables) {
    if (table.name == "load_experts")
      takeLoad(table, expert, facts);
    else if (table.name == "specialization_labels")
      takeIntervals(table, expert, facts);
    else if (table.name == "vocabulary_tokens")
      takeTokens(table, expert, facts);
    else if (table.name == "coactivation_pairs")
      takePartners(table, expert, facts);
  }
}

} // namespace

ExpertFacts expertFacts(const Document& document, const ExpertKey& expert, ItemKey trace) {
  ExpertFacts facts;
  std::vector<ItemKey> results =
      trace != 0 ? document.resultsOf(trace) : document.keys(ItemKind::Result);
  std::ranges::reverse(results);
  for (const ItemKey key : results) {
    const Item* item = document.item(key);
    if (!item || !item->analysis || (facts.trace != 0 && item->source != facts.trace))
      continue;
    for (const trace::AnalysisResult& result : item->analysis->results)
      take(result, expert, facts);
    if (facts.isEmpty() || facts.trace != 0)
      continue;
    facts.trace = item->source;
    facts.command = QString::fromStdString(item->analysis->command);
    if (const Item* source = document.item(item->source))
      facts.source = source->name;
  }
  return facts;
}

} // namespace switchyard::studio
