#include "app/studio/live/candidates.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <string_view>

#include "core/tensor/ops/vector_ops.h"

namespace switchyard::studio {

namespace {

constexpr std::size_t kBlock = 64;

/// Whether one of the first kBlock values is above `least`; without branches, so that it is cheap.
bool anyAbove(std::span<const float> values, float least) {
  int above = 0;
  for (const float value : values.first(std::min(kBlock, values.size())))
    above |= value > least ? 1 : 0;
  return above != 0;
}

} // namespace

void CandidateFinder::find(std::span<const float> scores, base::TokenId drawn, NextToken& out) {
  out.candidates.clear();
  // The decoder waits for this: the fast softmax of the model, not the analyzers' portable one.
  m_probabilities.assign(scores.begin(), scores.end());
  tensor::softmaxInPlace(m_probabilities);
  std::array<std::int32_t, kCandidates> best{};
  std::size_t count = 0;
  float least = -1; // of the best ones, once there are enough
  for (std::size_t i = 0; i < m_probabilities.size(); ++i) {
    if (i % kBlock == 0 && !anyAbove(std::span(m_probabilities).subspan(i), least)) {
      i += kBlock - 1;
      continue;
    }
    const float p = m_probabilities[i];
    if (p <= least || p <= 0)
      continue;
    std::size_t at = count < kCandidates ? count++ : kCandidates - 1;
    for (; at > 0 && m_probabilities[static_cast<std::size_t>(best[at - 1])] < p; --at)
      best[at] = best[at - 1];
    best[at] = static_cast<std::int32_t>(i);
    if (count == kCandidates)
      least = m_probabilities[static_cast<std::size_t>(best[kCandidates - 1])];
  }
  for (std::size_t i = 0; i < count; ++i)
    out.candidates.push_back({best[i], m_probabilities[static_cast<std::size_t>(best[i])]});
  const auto index = static_cast<std::size_t>(drawn.value);
  out.probability = index < m_probabilities.size() ? m_probabilities[index] : 0;
}

namespace {

/// "strong_token_3": the rank behind `prefix`; 0: another name.
int rankBehind(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix))
    return 0;
  int rank = 0;
  const std::string_view digits = name.substr(prefix.size());
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), rank);
  return error == std::errc() && end == digits.data() + digits.size() ? rank : 0;
}

struct Ranked {
  std::int32_t token = -1;
  float probability = 0;
};

std::vector<Ranked> ranked(const jobs::DecodeRecord& record, const std::string& pass) {
  std::map<int, Ranked> byRank;
  for (const auto& [name, value] : record) {
    if (const int rank = rankBehind(name, pass + "_token_"); rank > 0 && value >= 0)
      byRank[rank].token = static_cast<std::int32_t>(value);
    if (const int rank = rankBehind(name, pass + "_logprob_"); rank > 0)
      byRank[rank].probability = static_cast<float>(std::exp(value));
  }
  std::vector<Ranked> list;
  for (const auto& [rank, entry] : byRank)
    if (entry.token >= 0)
      list.push_back(entry);
  return list;
}

} // namespace

void addFigures(const jobs::DecodeRecord& record, NextToken& next) {
  next.figures.assign(record.begin(), record.end());
  if (record.empty())
    return; // plain decoding
  const std::vector<Ranked> strong = ranked(record, "strong");
  const std::vector<Ranked> weak = ranked(record, "weak");
  for (const Ranked& entry : strong)
    if (std::ranges::none_of(next.candidates,
                             [&](const Candidate& c) { return c.token == entry.token; }))
      next.candidates.push_back({.token = entry.token, .cut = true});
  for (Candidate& candidate : next.candidates) {
    for (const Ranked& entry : strong)
      if (entry.token == candidate.token)
        candidate.strong = entry.probability;
    for (const Ranked& entry : weak)
      if (entry.token == candidate.token)
        candidate.weak = entry.probability;
  }
}

} // namespace switchyard::studio
