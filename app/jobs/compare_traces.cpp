#include "app/jobs/compare_traces.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <span>

#include "analyzers/statistics/bootstrap.h"
#include "analyzers/statistics/distances.h"
#include "app/jobs/compare_documents.h"

namespace switchyard::jobs {

namespace {

using base::Result;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kFewestDocuments = 5;

class Comparison {
public:
  Comparison(const CompareOptions& options, const base::ThreadContext& threads,
             const base::RunControl& control)
      : m_options(options), m_threads(threads), m_control(control) {}

  Result<TraceComparison> run() {
    DocumentReader reader = SY_TRY(DocumentReader::open(m_options, m_out));
    const auto pairs = static_cast<std::int64_t>(reader.pairs().size());
    for (std::int64_t p = 0; p < pairs; ++p) {
      SY_TRY(m_control.check());
      if (auto document = SY_TRY(reader.read(static_cast<std::size_t>(p))))
        m_documents.push_back(std::move(*document));
      m_control.report(p + 1, pairs, "documents");
    }
    m_out.firstToken.push_back(static_cast<std::int64_t>(m_out.tokenAgreement.size()));
    m_out.aligned = static_cast<std::int64_t>(m_documents.size());
    SY_TRY(sumUp());
    SY_TRY(resample());
    return std::move(m_out);
  }

private:
  /// Loads of weighted documents: [layers * experts] times fair share.
  std::vector<double> loads(const std::vector<std::uint32_t>& weights, bool ofA) const {
    std::vector<double> sums(m_out.layers.size() * static_cast<std::size_t>(m_out.experts));
    for (std::size_t d = 0; d < m_documents.size(); ++d) {
      if (weights[d] == 0)
        continue;
      const std::vector<std::uint32_t>& uses = ofA ? m_documents[d].usesA : m_documents[d].usesB;
      for (std::size_t i = 0; i < sums.size(); ++i)
        sums[i] += static_cast<double>(weights[d]) * uses[i];
    }
    for (std::size_t layer = 0; layer < m_out.layers.size(); ++layer) {
      const auto cells = std::span(sums).subspan(layer * static_cast<std::size_t>(m_out.experts),
                                                 static_cast<std::size_t>(m_out.experts));
      const double all = std::accumulate(cells.begin(), cells.end(), 0.0);
      for (std::size_t e = 0; e < cells.size(); ++e)
        cells[e] = static_cast<int>(e) < m_out.layers[layer].experts && all > 0
                       ? cells[e] * m_out.layers[layer].experts / all
                       : kNone;
    }
    return sums;
  }

  /// Agreement of weighted documents: per layer, then of all layers.
  std::vector<double> agreements(const std::vector<std::uint32_t>& weights) const {
    const std::size_t layers = m_out.layers.size();
    std::vector<double> sums(layers + 1);
    double tokens = 0;
    for (std::size_t d = 0; d < m_documents.size(); ++d) {
      tokens += static_cast<double>(weights[d]) * static_cast<double>(m_documents[d].tokens);
      for (std::size_t layer = 0; layer < layers; ++layer)
        sums[layer] += weights[d] * m_documents[d].same[layer];
    }
    for (std::size_t layer = 0; layer < layers; ++layer) {
      sums[layer] = tokens > 0 ? sums[layer] / tokens : kNone;
      sums[layers] += sums[layer] / static_cast<double>(layers);
    }
    return sums;
  }

  Result<void> sumUp() {
    const std::size_t layers = m_out.layers.size();
    const std::vector<std::uint32_t> once(m_documents.size(), 1);
    const std::vector<double> agreement = agreements(once);
    m_out.agreement.resize(layers);
    for (std::size_t layer = 0; layer < layers; ++layer)
      m_out.agreement[layer].value = agreement[layer];
    m_out.overall.value = agreement[layers];
    m_out.loadA = loads(once, true);
    m_out.loadB = loads(once, false);
    m_out.difference.assign(m_out.loadA.size(), {kNone, kNone});
    m_out.firstChoice.assign(layers, kNone);
    m_out.jsDivergence.assign(layers, kNone);
    for (std::size_t layer = 0; layer < layers && m_out.alignedTokens > 0; ++layer) {
      double same = 0;
      for (const ComparedDocument& document : m_documents)
        same += document.first[layer];
      m_out.firstChoice[layer] = same / static_cast<double>(m_out.alignedTokens);
      const auto width = static_cast<std::size_t>(m_out.layers[layer].experts);
      const auto part = [&](const std::vector<double>& load) {
        return std::span(load).subspan(layer * static_cast<std::size_t>(m_out.experts), width);
      };
      if (const auto distance = SY_TRY(statistics::distances(part(m_out.loadA), part(m_out.loadB))))
        m_out.jsDivergence[layer] = distance->jsDivergence / std::log(2.0);
    }
    std::map<std::string, std::vector<std::uint32_t>> byLabel;
    for (std::size_t d = 0; d < m_documents.size(); ++d)
      if (!m_documents[d].label.empty()) {
        auto& weights = byLabel[m_documents[d].label];
        weights.resize(m_documents.size());
        weights[d] = 1;
      }
    for (const auto& [label, weights] : byLabel) {
      m_out.labels.push_back(label);
      m_out.labelDocuments.push_back(
          std::accumulate(weights.begin(), weights.end(), std::int64_t{0}));
      const std::vector<double> rates = agreements(weights);
      m_out.byLabel.insert(m_out.byLabel.end(), rates.begin(), rates.end() - 1);
    }
    return {};
  }

  Result<void> resample() {
    const std::int64_t resamples = m_options.resamples;
    if (m_out.aligned < kFewestDocuments || resamples < 20)
      return {};
    const std::size_t cells = m_out.loadA.size(), layers = m_out.layers.size();
    std::vector<std::vector<float>> differences(static_cast<std::size_t>(resamples));
    std::vector<std::vector<double>> agreement(static_cast<std::size_t>(resamples));
    m_threads.parallelFor(resamples, [&](std::int64_t b) {
      if (m_control.stop.stop_requested())
        return;
      const auto at = static_cast<std::size_t>(b);
      std::vector<std::uint32_t> drawn(m_documents.size()), weights(m_documents.size());
      statistics::resampleDocuments(m_options.seed, static_cast<std::uint64_t>(b), drawn);
      for (const std::uint32_t document : drawn)
        ++weights[document];
      const std::vector<double> a = loads(weights, true), c = loads(weights, false);
      differences[at].resize(cells);
      for (std::size_t i = 0; i < cells; ++i)
        differences[at][i] = static_cast<float>(c[i] - a[i]);
      agreement[at] = agreements(weights);
    });
    SY_TRY(m_control.check());
    const auto interval = [&](auto value) -> std::optional<std::pair<double, double>> {
      std::vector<double> sample;
      for (std::size_t b = 0; b < differences.size(); ++b)
        if (const double v = value(b); std::isfinite(v))
          sample.push_back(v);
      if (sample.empty())
        return std::nullopt;
      std::ranges::sort(sample);
      return std::pair(statistics::quantileOfSorted(sample, 0.025),
                       statistics::quantileOfSorted(sample, 0.975));
    };
    for (std::size_t i = 0; i < cells; ++i)
      if (const auto found =
              interval([&](std::size_t b) { return static_cast<double>(differences[b][i]); }))
        m_out.difference[i] = *found;
    for (std::size_t layer = 0; layer < layers; ++layer)
      m_out.agreement[layer].interval =
          interval([&](std::size_t b) { return agreement[b][layer]; });
    m_out.overall.interval = interval([&](std::size_t b) { return agreement[b][layers]; });
    return {};
  }

  const CompareOptions& m_options;
  const base::ThreadContext& m_threads;
  const base::RunControl& m_control;
  std::vector<ComparedDocument> m_documents;
  TraceComparison m_out;
};

} // namespace

int TraceComparison::choices(std::size_t moeLayer) const {
  return std::clamp(at, 1, std::max(1, layers[moeLayer].k));
}

Result<TraceComparison> compareTraces(const CompareOptions& options,
                                      const base::ThreadContext& threads,
                                      const base::RunControl& control) {
  return Comparison(options, threads, control).run();
}

} // namespace switchyard::jobs
