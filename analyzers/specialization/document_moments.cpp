#include "analyzers/specialization/document_moments.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "analyzers/statistics/student_t.h"

namespace switchyard::analyzers {

namespace {

/// The quantile depends on the number of documents alone: all experts of all layers ask for the
/// same few.
double upperQuantile(double tail, double df) {
  constexpr std::size_t kMost = 1024;
  thread_local std::map<std::pair<double, double>, double> known;
  if (const auto found = known.find({tail, df}); found != known.end())
    return found->second;
  if (known.size() >= kMost)
    known.clear();
  return known[{tail, df}] = statistics::studentTUpperQuantile(tail, df);
}

} // namespace

void DocumentMoments::resize(std::size_t experts) {
  counts.resize(experts);
  counts2.resize(experts);
  both.resize(experts);
}

void DocumentMoments::add(std::span<const std::int64_t> documentCounts, std::int64_t n) {
  ++documents;
  tokens += n;
  tokens2 += Int128{n} * n;
  for (std::size_t e = 0; e < counts.size(); ++e) {
    const std::int64_t c = documentCounts[e];
    counts[e] += c;
    counts2[e] += Int128{c} * c;
    both[e] += Int128{c} * n;
  }
}

void DocumentMoments::add(const DocumentMoments& other) {
  documents += other.documents;
  tokens += other.tokens;
  tokens2 += other.tokens2;
  for (std::size_t e = 0; e < counts.size(); ++e) {
    counts[e] += other.counts[e];
    counts2[e] += other.counts2[e];
    both[e] += other.both[e];
  }
}

std::optional<ShareEstimate> shareEstimate(const DocumentMoments& m, std::size_t expert) {
  if (m.documents < 2 || m.tokens <= 0)
    return std::nullopt;
  const auto n = static_cast<double>(m.tokens), d = static_cast<double>(m.documents);
  const auto c = static_cast<double>(m.counts[expert]);
  const double share = c / n;
  const double squares = static_cast<double>(m.counts2[expert]) -
                         2 * share * static_cast<double>(m.both[expert]) +
                         share * share * static_cast<double>(m.tokens2);
  const double smoothed = (c + 0.5) / (n + 1);
  const double binomial = smoothed * (1 - smoothed) / n;
  return ShareEstimate{share, std::max(d / (d - 1) * squares / (n * n), binomial), d - 1};
}

ShareInterval interval(const ShareEstimate& estimate, double level) {
  const double width = upperQuantile((1 - level) / 2, estimate.df) * std::sqrt(estimate.variance);
  return {std::max(0.0, estimate.share - width), std::min(1.0, estimate.share + width)};
}

double differenceP(const ShareEstimate& a, const ShareEstimate& b) {
  const double variance = a.variance + b.variance;
  const double df =
      variance * variance / (a.variance * a.variance / a.df + b.variance * b.variance / b.df);
  return statistics::studentTTwoSided((a.share - b.share) / std::sqrt(variance), df);
}

} // namespace switchyard::analyzers
