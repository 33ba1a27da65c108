#include "core/trace/doctor_content.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

namespace switchyard::trace {
namespace {

constexpr std::int64_t kSampleEvery = 16;
constexpr double kSumTolerance = 1e-3;
constexpr float kRatioTolerance = 2e-2f; ///< bf16 logits differ by up to 2^-8 relative

bool finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

/// The k experts with the largest logits; ties: lower id.
std::vector<std::uint16_t> best(std::span<const float> logits, int k) {
  std::vector<std::uint16_t> order(logits.size());
  std::iota(order.begin(), order.end(), std::uint16_t{0});
  std::partial_sort(order.begin(), order.begin() + k, order.end(), [&](auto a, auto b) {
    return logits[a] != logits[b] ? logits[a] > logits[b] : a < b;
  });
  order.resize(static_cast<std::size_t>(k));
  return order;
}

std::int64_t common(std::span<const std::uint16_t> ids, std::span<const std::uint16_t> among) {
  return std::count_if(ids.begin(), ids.end(), [&](std::uint16_t id) {
    return std::find(among.begin(), among.end(), id) != among.end();
  });
}

/// log of the unnormalised weight that a logit gives.
float logScore(GateKind gate, float logit) {
  return gate == GateKind::Sigmoid ? -std::log1p(std::exp(-logit)) : logit;
}

} // namespace

void Tally::add(std::int64_t atSequence, std::int64_t atToken, int atLayer) {
  if (count++ == 0) {
    sequence = atSequence;
    token = atToken;
    layer = atLayer;
  }
}

void Tally::merge(const Tally& later) {
  const std::int64_t total = count + later.count;
  if (count == 0)
    *this = later;
  count = total;
}

std::string Tally::where() const {
  std::string text = fmt::format("first at sequence {}", sequence);
  if (token >= 0)
    text += fmt::format(", token {}", token);
  if (layer >= 0)
    text += fmt::format(", layer {}", layer);
  return text;
}

ContentCheck::ContentCheck(const TraceMeta& meta, const Columns& columns)
    : m_meta(meta), m_columns(columns), m_layers(meta.layers.size()) {}

void ContentCheck::beginSequence(const SequenceInfo& info, const SequenceSize& size) {
  ++m_sequences;
  m_tokens += size.tokens;
  m_rows += size.rows;
  m_lastHash = 0;
  if (size.rows + 1 == size.tokens)
    m_oneShorter.add(info.index, size.rows, -1);
  else if (size.rows < size.tokens)
    m_shorter.add(info.index, size.rows, -1);
  if (m_meta.vocabulary > 0)
    for (std::size_t t = 0; t < info.tokens.size(); ++t)
      if (info.tokens[t] < 0 || info.tokens[t] >= m_meta.vocabulary)
        m_tokenRange.add(info.index, static_cast<std::int64_t>(t), -1);
}

void ContentCheck::add(const RoutingBlock& block) {
  Layer& layer = m_layers[static_cast<std::size_t>(block.moeLayer)];
  if (block.moeLayer == 0) {
    const auto rows = static_cast<std::size_t>(block.rows);
    m_rowHash.assign(rows, 0x9e3779b97f4a7c15u);
    m_rowDefault.assign(rows, 1);
    m_rowEmpty.assign(rows, 1);
    if (m_meta.vocabulary > 0)
      for (std::size_t r = 0; r < block.predicted.size(); ++r)
        if (block.predicted[r] < 0 || block.predicted[r] >= m_meta.vocabulary)
          m_predictedRange.add(block.sequence->index,
                               block.firstToken + static_cast<std::int64_t>(r), -1);
  }
  addIds(block, layer);
  if (!block.weights.empty())
    addWeights(block);
  if (!block.logits.empty())
    addLogits(block, layer);
  m_previousIds.assign(block.ids.begin(), block.ids.end());
  if (static_cast<std::size_t>(block.moeLayer) + 1 == m_layers.size())
    closeRows(block);
}

void ContentCheck::addIds(const RoutingBlock& block, Layer& layer) {
  const auto k = static_cast<std::size_t>(block.info.k);
  std::vector<std::uint16_t> used;
  for (std::int64_t r = 0; r < block.rows; ++r) {
    const auto ids = block.ids.subspan(static_cast<std::size_t>(r) * k, k);
    const auto at = static_cast<std::size_t>(r);
    const std::int64_t token = block.firstToken + r;
    used.clear();
    bool isDefault = true;
    for (std::size_t slot = 0; slot < k; ++slot) {
      if (ids[slot] != kNoExpert)
        used.push_back(ids[slot]);
      isDefault &= ids[slot] == slot;
      layer.zero &= ids[slot] == 0;
      m_rowHash[at] = (m_rowHash[at] ^ ids[slot]) * 0x100000001b3u;
    }
    m_rowDefault[at] &= isDefault ? 1 : 0;
    m_rowEmpty[at] &= used.empty() ? 1 : 0;
    layer.usedSlots = std::max(layer.usedSlots, static_cast<int>(used.size()));
    if (!used.empty() && used.size() < k)
      m_partialRows.add(block.sequence->index, token, block.info.layer);
    std::sort(used.begin(), used.end());
    if (std::adjacent_find(used.begin(), used.end()) != used.end())
      m_repeatedExperts.add(block.sequence->index, token, block.info.layer);
    if (layer.rows == 0)
      layer.firstRow.assign(ids.begin(), ids.end());
    layer.constant = layer.constant && std::equal(ids.begin(), ids.end(), layer.firstRow.begin());
    ++layer.rows;
  }
  layer.likePrevious =
      layer.likePrevious && block.moeLayer > 0 &&
      std::equal(block.ids.begin(), block.ids.end(), m_previousIds.begin(), m_previousIds.end());
}

void ContentCheck::addWeights(const RoutingBlock& block) {
  const auto k = static_cast<std::size_t>(block.info.k);
  const auto experts = static_cast<std::size_t>(block.info.experts);
  const bool comparable = !block.logits.empty() &&
                          (m_meta.gate == GateKind::Softmax || m_meta.gate == GateKind::Sigmoid);
  for (std::int64_t r = 0; r < block.rows; ++r) {
    const auto weights = block.weights.subspan(static_cast<std::size_t>(r) * k, k);
    const auto ids = block.ids.subspan(static_cast<std::size_t>(r) * k, k);
    const std::int64_t token = block.firstToken + r;
    const auto note = [&](Tally& tally) {
      tally.add(block.sequence->index, token, block.info.layer);
    };
    ++m_weightRows;
    if (!finite(weights)) {
      note(m_nonFinite);
      continue;
    }
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    if (m_meta.weightsSumToOne && std::abs(sum - 1.0) > kSumTolerance)
      note(m_sumNotOne);
    const auto rises = [&](std::size_t slot) {
      return ids[slot] != kNoExpert && weights[slot] > weights[slot - 1] * (1 + kRatioTolerance);
    };
    bool rising = false, differs = false;
    for (std::size_t slot = 1; slot < k; ++slot)
      rising |= rises(slot);
    if (rising && m_meta.rankOrder && m_meta.gate == GateKind::Softmax)
      note(m_weightsRising);
    if (!comparable || ids[0] == kNoExpert || !(weights[0] > 0))
      continue;
    ++m_comparedWeights;
    const auto logits = block.logits.subspan(static_cast<std::size_t>(r) * experts, experts);
    for (std::size_t slot = 1; slot < k; ++slot)
      if (ids[slot] != kNoExpert) {
        const float expected = std::exp(logScore(m_meta.gate, logits[ids[slot]]) -
                                        logScore(m_meta.gate, logits[ids[0]]));
        differs |= !(std::abs(weights[slot] / weights[0] - expected) <= kRatioTolerance * expected);
      }
    if (differs)
      note(m_weightsNotLogits);
  }
}

void ContentCheck::addLogits(const RoutingBlock& block, Layer& layer) {
  const auto experts = static_cast<std::size_t>(block.info.experts);
  for (std::int64_t r = 0; r < block.rows; ++r) {
    const auto logits = block.logits.subspan(static_cast<std::size_t>(r) * experts, experts);
    if (!finite(logits)) {
      m_nonFinite.add(block.sequence->index, block.firstToken + r, block.info.layer);
      continue;
    }
    ++layer.logitRows;
    const double sum = std::accumulate(logits.begin(), logits.end(), 0.0);
    if (*std::min_element(logits.begin(), logits.end()) >= 0 && std::abs(sum - 1.0) < kSumTolerance)
      ++layer.probabilityRows;
  }
  compareSelection(block, layer);
}

void ContentCheck::compareSelection(const RoutingBlock& block, Layer& layer) {
  const auto k = static_cast<std::size_t>(block.info.k);
  const auto experts = static_cast<std::size_t>(block.info.experts);
  std::vector<std::vector<std::uint16_t>> ownBest;
  for (std::int64_t r = 0; r < block.rows; r += kSampleEvery)
    ownBest.push_back(
        best(block.logits.subspan(static_cast<std::size_t>(r) * experts, experts), block.info.k));
  const bool neighbour = block.moeLayer > 0 && m_previousBest.size() == ownBest.size();
  for (std::size_t i = 0; i < ownBest.size(); ++i) {
    const std::size_t row = i * static_cast<std::size_t>(kSampleEvery);
    const auto ids = block.ids.subspan(row * k, k);
    layer.sampled += block.info.k;
    layer.ownBest += common(ids, ownBest[i]);
    if (!neighbour)
      continue;
    layer.beforeBest += common(ids, m_previousBest[i]);
    const std::size_t before = m_previousIds.size() / static_cast<std::size_t>(block.rows);
    m_layers[static_cast<std::size_t>(block.moeLayer) - 1].afterBest += common(
        std::span<const std::uint16_t>(m_previousIds).subspan(row * before, before), ownBest[i]);
  }
  m_previousBest = std::move(ownBest);
}

void ContentCheck::closeRows(const RoutingBlock& block) {
  for (std::int64_t r = 0; r < block.rows; ++r) {
    const auto at = static_cast<std::size_t>(r);
    const std::int64_t token = block.firstToken + r;
    if (m_rowEmpty[at] != 0)
      m_emptyRows.add(block.sequence->index, token, -1);
    if (m_rowDefault[at] != 0)
      m_defaultRows.add(block.sequence->index, token, -1);
    const auto& tokens = block.sequence->tokens;
    const auto position = static_cast<std::size_t>(token);
    if (m_rowHash[at] == m_lastHash && position < tokens.size() && position > 0 &&
        tokens[position] != tokens[position - 1])
      m_repeatedPositions.add(block.sequence->index, token, -1);
    m_lastHash = m_rowHash[at];
  }
}

void ContentCheck::merge(const ContentCheck& later) {
  for (Tally ContentCheck::*tally :
       {&ContentCheck::m_shorter, &ContentCheck::m_oneShorter, &ContentCheck::m_tokenRange,
        &ContentCheck::m_predictedRange, &ContentCheck::m_repeatedExperts,
        &ContentCheck::m_emptyRows, &ContentCheck::m_partialRows, &ContentCheck::m_defaultRows,
        &ContentCheck::m_repeatedPositions, &ContentCheck::m_nonFinite, &ContentCheck::m_sumNotOne,
        &ContentCheck::m_weightsNotLogits, &ContentCheck::m_weightsRising})
    (this->*tally).merge(later.*tally);
  for (std::int64_t ContentCheck::*number :
       {&ContentCheck::m_sequences, &ContentCheck::m_tokens, &ContentCheck::m_rows,
        &ContentCheck::m_weightRows, &ContentCheck::m_comparedWeights})
    this->*number += later.*number;
  for (std::size_t l = 0; l < m_layers.size(); ++l) {
    Layer& mine = m_layers[l];
    const Layer& theirs = later.m_layers[l];
    mine.constant = mine.constant && theirs.constant &&
                    (mine.rows == 0 || theirs.rows == 0 || mine.firstRow == theirs.firstRow);
    if (mine.rows == 0)
      mine.firstRow = theirs.firstRow;
    mine.zero = mine.zero && theirs.zero;
    mine.likePrevious = mine.likePrevious && theirs.likePrevious;
    mine.usedSlots = std::max(mine.usedSlots, theirs.usedSlots);
    mine.rows += theirs.rows;
    mine.sampled += theirs.sampled;
    mine.ownBest += theirs.ownBest;
    mine.beforeBest += theirs.beforeBest;
    mine.afterBest += theirs.afterBest;
    mine.logitRows += theirs.logitRows;
    mine.probabilityRows += theirs.probabilityRows;
  }
}

} // namespace switchyard::trace
