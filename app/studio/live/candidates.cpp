#include "app/studio/live/candidates.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <string_view>

#include "core/tensor/ops/vector_ops.h"

namespace switchyard::studio {

namespace {

/// The kCandidates largest values of those offered, with their places: by falling value, ties:
/// first offered.
class Largest {
public:
  std::size_t count() const { return m_count; }
  float value(std::size_t rank) const { return m_values[rank]; }
  std::int32_t place(std::size_t rank) const { return m_places[rank]; }
  void offer(float value, std::int32_t place) {
    if (m_count == m_values.size() && !(value > m_values.back()))
      return;
    std::size_t at = m_count < m_values.size() ? m_count++ : m_count - 1;
    for (; at > 0 && m_values[at - 1] < value; --at) {
      m_values[at] = m_values[at - 1];
      m_places[at] = m_places[at - 1];
    }
    m_values[at] = value;
    m_places[at] = place;
  }

private:
  std::array<float, CandidateFinder::kCandidates> m_values{};
  std::array<std::int32_t, CandidateFinder::kCandidates> m_places{};
  std::size_t m_count = 0;
};

} // namespace

void CandidateFinder::find(std::span<const float> scores, base::TokenId drawn, NextToken& out) {
  // The decoder waits for this. The largest of the lanes are scores, so the best ones reach the
  // kCandidates-th of them, and few others do.
  out.candidates.clear();
  out.probability = 0;
  std::array<float, 16> lanes = tensor::largestOfLanes(scores);
  std::ranges::sort(lanes, std::greater());
  const float most = lanes.front();
  if (!std::isfinite(most))
    return;
  const float least = std::max(lanes[kCandidates - 1], std::numeric_limits<float>::lowest());
  Largest best;
  for (const std::int32_t place : tensor::placesAtLeast(scores, least, m_places))
    best.offer(scores[static_cast<std::size_t>(place)], place);
  const auto index = static_cast<std::size_t>(drawn.value);
  std::array<float, kCandidates + 1> powers{
      index < scores.size() ? scores[index] : -std::numeric_limits<float>::infinity()};
  for (std::size_t i = 0; i < best.count(); ++i)
    powers[i + 1] = best.value(i);
  const float total = tensor::sumOfExp(scores, most);
  tensor::expInPlace(powers, most);
  out.candidates.reserve(kCandidates);
  for (std::size_t i = 0; i < best.count(); ++i)
    if (const float p = powers[i + 1] / total; p > 0)
      out.candidates.push_back({best.place(i), p});
  out.probability = powers[0] / total;
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
