#include "analyzers/specialization/label_counts.h"

#include <algorithm>

#include <fmt/format.h>

#include "analyzers/common/cells.h"
#include "analyzers/common/measures.h"
#include "analyzers/statistics/distances.h"

namespace switchyard::analyzers {

std::optional<double> LabelSpecialization::share(std::size_t label, std::size_t expert) const {
  return ratio(static_cast<double>(rows[label].counts[expert]),
               static_cast<double>(rows[label].tokens));
}

std::optional<double> LabelSpecialization::shareFirst(std::size_t label, std::size_t expert) const {
  return ratio(static_cast<double>(rows[label].first[expert]),
               static_cast<double>(rows[label].tokens));
}

std::optional<double> LabelSpecialization::lift(std::size_t label, std::size_t expert) const {
  const auto value = share(label, expert);
  if (!value)
    return std::nullopt;
  return *value / (static_cast<double>(k) / experts);
}

std::optional<double> LabelSpecialization::othersShare(std::size_t label, std::size_t expert) const {
  double sum = 0;
  int n = 0;
  for (std::size_t other = 0; other < rows.size(); ++other) {
    const auto value = share(other, expert);
    if (other != label && value) {
      sum += *value;
      ++n;
    }
  }
  return ratio(sum, n);
}

std::optional<double> LabelSpecialization::entropy(std::size_t expert) const {
  std::vector<double> column;
  for (std::size_t label = 0; label < rows.size(); ++label)
    column.push_back(share(label, expert).value_or(0));
  const auto entropy = statistics::entropy(column);
  return entropy && *entropy ? std::optional((*entropy)->nats) : std::nullopt;
}

std::optional<double> LabelSpecialization::distance(std::size_t a, std::size_t b) const {
  const std::vector<double> p(rows[a].counts.begin(), rows[a].counts.end());
  const std::vector<double> q(rows[b].counts.begin(), rows[b].counts.end());
  const auto d = statistics::distances(p, q);
  return d && *d ? std::optional((*d)->jsDistance) : std::nullopt;
}

std::optional<double> LabelSpecialization::mutualInformation() const {
  std::vector<std::uint64_t> counts;
  for (const LabelLayer& row : rows)
    counts.insert(counts.end(), row.counts.begin(), row.counts.end());
  return mutualInformationOf(counts, static_cast<std::size_t>(experts));
}

void LabelCounts::begin(const LayerSet& layers, std::string label, std::size_t maxLabels) {
  m_layers.assign(layers.all().begin(), layers.all().end());
  m_label = std::move(label);
  m_maxLabels = maxLabels;
  m_unlabelled = 0;
  m_values.clear();
}

base::Result<void> LabelCounts::add(const trace::RoutingBlock& block, bool newSequence) {
  const auto label = block.sequence->labels.find(m_label);
  if (label == block.sequence->labels.end()) {
    m_unlabelled += newSequence ? 1 : 0;
    return {};
  }
  auto found = m_values.find(label->second);
  if (found == m_values.end()) {
    if (m_values.size() >= m_maxLabels)
      return base::fail(base::ErrorCode::LimitExceeded,
                        fmt::format("label '{}' has more than {} different values; choose a label "
                                    "with fewer (--by LABEL)",
                                    m_label, m_maxLabels));
    found = m_values.emplace(label->second, Value{}).first;
    found->second.layers.resize(m_layers.size());
    for (std::size_t l = 0; l < m_layers.size(); ++l) {
      found->second.layers[l].counts.resize(static_cast<std::size_t>(m_layers[l].experts) + 1);
      found->second.layers[l].first.resize(static_cast<std::size_t>(m_layers[l].experts) + 1);
    }
  }
  found->second.sequences += newSequence ? 1 : 0;
  LabelLayer& row = found->second.layers[static_cast<std::size_t>(block.moeLayer)];
  const auto unused = static_cast<std::uint16_t>(block.info.experts);
  const auto k = static_cast<std::size_t>(block.info.k);
  row.tokens += block.rows;
  for (std::uint16_t id : block.ids)
    ++row.counts[std::min(id, unused)];
  for (std::size_t i = 0; i < block.ids.size(); i += k)
    ++row.first[std::min(block.ids[i], unused)];
  return {};
}

void LabelCounts::merge(const LabelCounts& other) {
  m_unlabelled += other.m_unlabelled;
  for (const auto& [name, value] : other.m_values) {
    const auto [mine, isNew] = m_values.try_emplace(name, value);
    if (isNew)
      continue;
    mine->second.sequences += value.sequences;
    for (std::size_t l = 0; l < value.layers.size(); ++l) {
      LabelLayer& row = mine->second.layers[l];
      row.tokens += value.layers[l].tokens;
      for (std::size_t e = 0; e < row.counts.size(); ++e) {
        row.counts[e] += value.layers[l].counts[e];
        row.first[e] += value.layers[l].first[e];
      }
    }
  }
}

LabelSpecialization LabelCounts::layer(const LayerSet& layers, std::size_t layer) const {
  LabelSpecialization out;
  out.experts = layers[layer].experts;
  out.k = layers[layer].k;
  for (const auto& [name, value] : m_values) {
    out.labels.push_back(name);
    LabelLayer row = value.layers[layer];
    row.counts.pop_back();
    row.first.pop_back();
    out.rows.push_back(std::move(row));
  }
  return out;
}

std::vector<std::int64_t> LabelCounts::sequences() const {
  std::vector<std::int64_t> out;
  for (const auto& [name, value] : m_values)
    out.push_back(value.sequences);
  return out;
}

} // namespace switchyard::analyzers
