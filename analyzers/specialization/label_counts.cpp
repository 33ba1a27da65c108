#include "analyzers/specialization/label_counts.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "analyzers/common/cells.h"
#include "analyzers/common/hash.h"
#include "analyzers/common/measures.h"
#include "analyzers/statistics/distances.h"

namespace switchyard::analyzers {

namespace {

/// 0 or 1, as if by tossing a coin for each sequence.
std::size_t halfOf(std::int64_t sequence) {
  return mixed(static_cast<std::uint64_t>(sequence)) & 1;
}

template <typename T> void addTo(T& mine, const T& their) {
  for (std::size_t i = 0; i < mine.size(); ++i)
    mine[i] += their[i];
}

} // namespace

std::size_t positionBin(std::int64_t position) {
  return std::min<std::size_t>(std::bit_width(static_cast<std::uint64_t>(position) + 1) - 1,
                               kPositionBins - 1);
}

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

std::optional<double> LabelSpecialization::othersShare(std::size_t label,
                                                       std::size_t expert) const {
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

std::optional<double> LabelSpecialization::positionAdjustedGap(std::size_t label,
                                                               std::size_t expert) const {
  std::array<double, kPositionBins> mix{};
  for (const LabelLayer& row : rows) {
    for (std::size_t b = 0; b < kPositionBins; ++b)
      mix[b] += static_cast<double>(row.binTokens[b]);
  }
  const auto adjusted = [&](const LabelLayer& row) {
    double weighted = 0, weights = 0;
    for (std::size_t b = 0; b < kPositionBins; ++b) {
      if (row.binTokens[b] == 0)
        continue;
      weighted +=
          mix[b] *
          static_cast<double>(row.binCounts[b * static_cast<std::size_t>(experts) + expert]) /
          static_cast<double>(row.binTokens[b]);
      weights += mix[b];
    }
    return ratio(weighted, weights);
  };
  double others = 0;
  int n = 0;
  for (std::size_t other = 0; other < rows.size(); ++other) {
    const auto value = adjusted(rows[other]);
    if (other != label && value) {
      others += *value;
      ++n;
    }
  }
  const auto mine = adjusted(rows[label]);
  if (!mine || n == 0)
    return std::nullopt;
  return *mine - others / n;
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
  m_open = {};
  m_open.tokens.resize(m_layers.size());
  for (const trace::LayerInfo& layer : m_layers)
    m_open.counts.emplace_back(static_cast<std::size_t>(layer.experts) + 1);
}

base::Result<LabelCounts::Value*> LabelCounts::valueOf(const std::string& name) {
  auto found = m_values.find(name);
  if (found != m_values.end())
    return &found->second;
  if (m_values.size() >= m_maxLabels)
    return base::fail(
        base::ErrorCode::LimitExceeded,
        fmt::format("label '{}' has more than {} different values; choose a label with "
                    "fewer (--by LABEL)",
                    m_label, m_maxLabels));
  Value& value = m_values[name];
  value.layers.resize(m_layers.size());
  value.moments.resize(m_layers.size());
  for (std::size_t l = 0; l < m_layers.size(); ++l) {
    const auto experts = static_cast<std::size_t>(m_layers[l].experts);
    value.layers[l].first.resize(experts + 1);
    value.layers[l].binCounts.resize(kPositionBins * (experts + 1));
    for (DocumentMoments& half : value.moments[l])
      half.resize(experts);
  }
  return &value;
}

void LabelCounts::close() {
  if (m_open.index < 0)
    return;
  Value& value = m_values.at(m_open.value);
  for (std::size_t l = 0; l < m_layers.size(); ++l) {
    if (m_open.tokens[l] == 0)
      continue;
    value.moments[l][halfOf(m_open.index)].add(m_open.counts[l], m_open.tokens[l]);
    m_open.tokens[l] = 0;
    std::ranges::fill(m_open.counts[l], 0);
  }
  m_open.index = -1;
}

base::Result<void> LabelCounts::add(const trace::RoutingBlock& block, bool newSequence) {
  if (newSequence)
    close();
  const auto label = block.sequence->labels.find(m_label);
  if (label == block.sequence->labels.end()) {
    m_unlabelled += newSequence ? 1 : 0;
    return {};
  }
  Value& value = *SY_TRY(valueOf(label->second));
  value.sequences += newSequence ? 1 : 0;
  m_open.index = block.sequence->index;
  m_open.value = label->second;
  const auto layer = static_cast<std::size_t>(block.moeLayer);
  LabelLayer& row = value.layers[layer];
  const auto unused = static_cast<std::uint16_t>(block.info.experts);
  const std::size_t stride = std::size_t{unused} + 1;
  const auto k = static_cast<std::size_t>(block.info.k);
  row.tokens += block.rows;
  m_open.tokens[layer] += block.rows;
  std::int64_t* open = m_open.counts[layer].data();
  for (std::uint16_t id : block.ids)
    ++open[std::min(id, unused)];
  for (std::size_t r = 0; r < static_cast<std::size_t>(block.rows); ++r) {
    const std::size_t bin = positionBin(block.firstToken + static_cast<std::int64_t>(r));
    ++row.binTokens[bin];
    ++row.first[std::min(block.ids[r * k], unused)];
    std::int64_t* counts = row.binCounts.data() + bin * stride;
    for (std::size_t a = 0; a < k; ++a)
      ++counts[std::min(block.ids[r * k + a], unused)];
  }
  return {};
}

void LabelCounts::merge(const LabelCounts& other) {
  const LabelCounts their = other.closed();
  m_unlabelled += their.m_unlabelled;
  for (const auto& [name, value] : their.m_values) {
    const auto [mine, isNew] = m_values.try_emplace(name, value);
    if (isNew)
      continue;
    mine->second.sequences += value.sequences;
    for (std::size_t l = 0; l < value.layers.size(); ++l) {
      LabelLayer& row = mine->second.layers[l];
      row.tokens += value.layers[l].tokens;
      addTo(row.first, value.layers[l].first);
      addTo(row.binTokens, value.layers[l].binTokens);
      addTo(row.binCounts, value.layers[l].binCounts);
      for (std::size_t half = 0; half < 2; ++half)
        mine->second.moments[l][half].add(value.moments[l][half]);
    }
  }
}

void LabelCounts::exchange(const LabelCounts& self, base::ArchiveWriter& archive) {
  archive(self.m_unlabelled, self.m_open, std::uint64_t{self.m_values.size()});
  for (const auto& [name, value] : self.m_values) {
    archive.grown(name);
    archive(value);
  }
}

void LabelCounts::exchange(LabelCounts& self, base::ArchiveReader& archive) {
  archive(self.m_unlabelled, self.m_open);
  const std::size_t values = archive.count();
  for (std::size_t i = 0; i < values && archive.ok(); ++i) {
    std::string name;
    archive.grown(name);
    const auto value = self.valueOf(name);
    if (!value)
      return archive.fail();
    archive(**value);
  }
  if (self.m_open.index >= 0 && !self.m_values.contains(self.m_open.value))
    archive.fail();
}

LabelCounts LabelCounts::closed() const {
  LabelCounts copy = *this;
  copy.close();
  return copy;
}

const DocumentMoments& LabelCounts::moments(std::size_t label, std::size_t layer, int half) const {
  return std::next(m_values.begin(), static_cast<std::ptrdiff_t>(label))
      ->second.moments[layer][static_cast<std::size_t>(half)];
}

LabelSpecialization LabelCounts::layer(const LayerSet& layers, std::size_t layer) const {
  LabelSpecialization out;
  out.experts = layers[layer].experts;
  out.k = layers[layer].k;
  const auto experts = static_cast<std::size_t>(out.experts);
  for (const auto& [name, value] : m_values) {
    out.labels.push_back(name);
    const LabelLayer& from = value.layers[layer];
    LabelLayer row;
    row.tokens = from.tokens;
    row.binTokens = from.binTokens;
    row.first.assign(from.first.begin(), from.first.end() - 1);
    row.counts.resize(experts);
    for (std::size_t b = 0; b < kPositionBins; ++b) {
      for (std::size_t e = 0; e < experts; ++e) {
        const std::int64_t n = from.binCounts[b * (experts + 1) + e];
        row.binCounts.push_back(n);
        row.counts[e] += n;
      }
    }
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
