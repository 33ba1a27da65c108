#include "app/jobs/compare_traces.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "analyzers/statistics/bootstrap.h"
#include "analyzers/statistics/distances.h"
#include "core/trace/reader.h"

namespace switchyard::jobs {

namespace {

using base::Result;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kFewestDocuments = 5;

/// What one aligned document adds.
struct Document {
  std::int64_t tokens = 0;
  std::string label;
  std::vector<double> same;               ///< per layer: sum of |A and B| / k
  std::vector<std::uint32_t> first;       ///< per layer: same first choices
  std::vector<std::uint32_t> usesA, usesB; ///< [layers * experts]
};

class Comparison {
public:
  Comparison(const CompareOptions& options, const base::ThreadContext& threads, const base::RunControl& control)
      : m_options(options), m_threads(threads), m_control(control) {}

  Result<TraceComparison> run() {
    SY_TRY(open());
    SY_TRY(pair());
    for (std::size_t p = 0; p < m_pairs.size(); ++p) {
      SY_TRY(m_control.check());
      SY_TRY(read(m_pairs[p].first, m_pairs[p].second));
      m_control.report(static_cast<std::int64_t>(p) + 1, static_cast<std::int64_t>(m_pairs.size()), "documents");
    }
    m_out.firstToken.push_back(static_cast<std::int64_t>(m_out.tokenAgreement.size()));
    m_out.aligned = static_cast<std::int64_t>(m_documents.size());
    SY_TRY(sumUp());
    SY_TRY(resample());
    return std::move(m_out);
  }

private:
  Result<void> open() {
    m_a = SY_TRY(trace::Trace::open(m_options.a));
    m_b = SY_TRY(trace::Trace::open(m_options.b));
    m_out.layers = m_a->meta().layers;
    const auto& others = m_b->meta().layers;
    const bool alike = std::ranges::equal(m_out.layers, others, [](const auto& x, const auto& y) {
      return x.layer == y.layer && x.experts == y.experts;
    });
    if (!alike)
      return base::fail(base::ErrorCode::InvalidArgument,
                        fmt::format("the traces are of different shapes: {} MoE layers and {}, or other experts in them",
                                    m_out.layers.size(), others.size()));
    for (const trace::LayerInfo& layer : m_out.layers)
      m_out.experts = std::max(m_out.experts, layer.experts);
    m_readerA = SY_TRY(m_a->reader());
    m_readerB = SY_TRY(m_b->reader());
    m_out.documents = m_a->sequences();
    m_out.tokens = m_a->tokens();
    return {};
  }

  /// Sequences of A and B that are the same document.
  Result<void> pair() {
    std::map<std::string, std::int64_t> byId;
    bool unique = true;
    SY_TRY(m_readerB->forEachSequence(0, m_b->sequences(), [&](const trace::SequenceInfo& info, const trace::SequenceSize&) -> Result<void> {
      unique = byId.emplace(info.id, info.index).second && unique;
      return {};
    }));
    return m_readerA->forEachSequence(0, m_a->sequences(), [&](const trace::SequenceInfo& info, const trace::SequenceSize&) -> Result<void> {
      const auto found = byId.find(info.id);
      if (unique && found != byId.end())
        m_pairs.emplace_back(info.index, found->second);
      else if (!unique && info.index < m_b->sequences())
        m_pairs.emplace_back(info.index, info.index);
      return {};
    });
  }

  Result<void> read(std::int64_t a, std::int64_t b) {
    const trace::SequenceInfo infoA = SY_TRY(m_readerA->sequence(a, trace::SequenceText::Skip));
    const trace::SequenceInfo infoB = SY_TRY(m_readerB->sequence(b, trace::SequenceText::Skip));
    const std::int64_t rows = SY_TRY(m_readerA->size(a)).rows;
    const std::int64_t rowsB = SY_TRY(m_readerB->size(b)).rows;
    const auto [left, right] = std::ranges::mismatch(infoA.tokens, infoB.tokens);
    const auto same = static_cast<std::int64_t>(left - infoA.tokens.begin());
    if (rows != rowsB || same < rows) {
      if (!m_out.mismatch)
        m_out.mismatch = TokenMismatch{infoA.id, std::min({same, rows, rowsB})};
      return {};
    }
    Document document;
    document.tokens = rows;
    const auto label = infoA.labels.find(m_options.label);
    document.label = label == infoA.labels.end() ? std::string() : label->second;
    const std::size_t layers = m_out.layers.size();
    document.same.resize(layers);
    document.first.resize(layers);
    document.usesA.resize(layers * static_cast<std::size_t>(m_out.experts));
    document.usesB.resize(document.usesA.size());
    const std::size_t start = m_out.tokenAgreement.size();
    m_out.tokenAgreement.resize(start + static_cast<std::size_t>(rows), 0.0F);
    for (std::size_t layer = 0; layer < layers; ++layer)
      SY_TRY(compareLayer(a, b, layer, rows, start, document));
    m_out.firstToken.push_back(static_cast<std::int64_t>(start));
    m_out.sequences.push_back(infoA.id);
    m_out.sequenceIndex.push_back(a);
    m_out.alignedTokens += rows;
    m_documents.push_back(std::move(document));
    return {};
  }

  Result<void> compareLayer(std::int64_t a, std::int64_t b, std::size_t layer, std::int64_t rows,
                            std::size_t start, Document& document) {
    const auto kA = static_cast<std::size_t>(m_out.layers[layer].k);
    const auto kB = static_cast<std::size_t>(m_b->meta().layers[layer].k);
    const auto count = static_cast<std::size_t>(rows);
    m_idsA.resize(count * kA);
    m_idsB.resize(count * kB);
    const int moeLayer = static_cast<int>(layer);
    SY_TRY(m_readerA->ids(a, moeLayer, 0, rows, m_idsA));
    SY_TRY(m_readerB->ids(b, moeLayer, 0, rows, m_idsB));
    const std::size_t base = layer * static_cast<std::size_t>(m_out.experts);
    const auto experts = static_cast<std::uint16_t>(m_out.layers[layer].experts);
    const auto scale = 1.0 / static_cast<double>(std::max(kA, kB));
    for (std::size_t row = 0; row < count; ++row) {
      const auto chosenA = std::span(m_idsA).subspan(row * kA, kA);
      const auto chosenB = std::span(m_idsB).subspan(row * kB, kB);
      int both = 0;
      for (const std::uint16_t expert : chosenA) {
        if (expert >= experts)
          continue;
        ++document.usesA[base + expert];
        both += std::ranges::find(chosenB, expert) != chosenB.end() ? 1 : 0;
      }
      for (const std::uint16_t expert : chosenB)
        if (expert < experts)
          ++document.usesB[base + expert];
      document.first[layer] += !chosenA.empty() && !chosenB.empty() && chosenA[0] == chosenB[0] ? 1 : 0;
      document.same[layer] += both * scale;
      m_out.tokenAgreement[start + row] += static_cast<float>(both * scale / static_cast<double>(m_out.layers.size()));
    }
    return {};
  }

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
      const auto cells = std::span(sums).subspan(layer * static_cast<std::size_t>(m_out.experts), static_cast<std::size_t>(m_out.experts));
      const double all = std::accumulate(cells.begin(), cells.end(), 0.0);
      for (std::size_t e = 0; e < cells.size(); ++e)
        cells[e] = static_cast<int>(e) < m_out.layers[layer].experts && all > 0 ? cells[e] * m_out.layers[layer].experts / all : kNone;
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
      for (const Document& document : m_documents)
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
      m_out.labelDocuments.push_back(std::accumulate(weights.begin(), weights.end(), std::int64_t{0}));
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
      return std::pair(statistics::quantileOfSorted(sample, 0.025), statistics::quantileOfSorted(sample, 0.975));
    };
    for (std::size_t i = 0; i < cells; ++i)
      if (const auto found = interval([&](std::size_t b) { return static_cast<double>(differences[b][i]); }))
        m_out.difference[i] = *found;
    for (std::size_t layer = 0; layer < layers; ++layer)
      m_out.agreement[layer].interval = interval([&](std::size_t b) { return agreement[b][layer]; });
    m_out.overall.interval = interval([&](std::size_t b) { return agreement[b][layers]; });
    return {};
  }

  const CompareOptions& m_options;
  const base::ThreadContext& m_threads;
  const base::RunControl& m_control;
  std::shared_ptr<const trace::Trace> m_a, m_b;
  std::unique_ptr<trace::TraceReader> m_readerA, m_readerB;
  std::vector<std::pair<std::int64_t, std::int64_t>> m_pairs;
  std::vector<std::uint16_t> m_idsA, m_idsB;
  std::vector<Document> m_documents;
  TraceComparison m_out;
};

} // namespace

Result<TraceComparison> compareTraces(const CompareOptions& options, const base::ThreadContext& threads,
                                      const base::RunControl& control) {
  return Comparison(options, threads, control).run();
}

} // namespace switchyard::jobs
