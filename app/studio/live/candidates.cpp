#include "app/studio/live/candidates.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <string_view>

#include "core/tensor/ops/vector_ops.h"

namespace switchyard::studio {

void CandidateFinder::find(std::span<const float> scores, base::TokenId drawn, NextToken& out) {
  // The decoder waits for this: two passes over the scores, then only the runs that hold a good
  // one.
  constexpr std::size_t kRun = 64;
  out.candidates.clear();
  out.probability = 0;
  m_largest.resize((scores.size() + kRun - 1) / kRun);
  const float most = tensor::largestOfRuns(scores, kRun, m_largest);
  if (!std::isfinite(most))
    return;
  std::array<std::int32_t, kCandidates> best{};
  std::array<float, kCandidates + 1> values{}; // of the best ones, then of what was drawn
  std::size_t count = 0;
  float least = -std::numeric_limits<float>::infinity(); // of the best ones, once there are enough
  for (std::size_t run = 0; run < m_largest.size(); ++run) {
    if (!(m_largest[run] > least))
      continue;
    const std::size_t end = std::min(scores.size(), (run + 1) * kRun);
    for (std::size_t i = run * kRun; i < end; ++i) {
      const float score = scores[i];
      if (!(score > least))
        continue;
      std::size_t at = count < kCandidates ? count++ : kCandidates - 1;
      for (; at > 0 && values[at - 1] < score; --at) {
        best[at] = best[at - 1];
        values[at] = values[at - 1];
      }
      best[at] = static_cast<std::int32_t>(i);
      values[at] = score;
      if (count == kCandidates)
        least = values[kCandidates - 1];
    }
  }
  const auto index = static_cast<std::size_t>(drawn.value);
  values[kCandidates] =
      index < scores.size() ? scores[index] : -std::numeric_limits<float>::infinity();
  const float total = tensor::sumOfExp(scores, most);
  tensor::expInPlace(values, most);
  out.candidates.reserve(kCandidates);
  for (std::size_t i = 0; i < count; ++i)
    if (const float p = values[i] / total; p > 0)
      out.candidates.push_back({best[i], p});
  out.probability = values[kCandidates] / total;
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
