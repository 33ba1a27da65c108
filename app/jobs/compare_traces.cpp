#include "app/jobs/compare_traces.h"

#include <algorithm>
#include <cmath>
#include <functional>
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
  std::vector<double> same;               ///< per layer: sum of |A and B| / m
  std::vector<std::uint32_t> first;       ///< per layer: same first choices
  std::vector<std::uint32_t> usesA, usesB; ///< [layers * experts]
};

bool sameShape(const std::vector<trace::LayerInfo>& a, const std::vector<trace::LayerInfo>& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) { return x.layer == y.layer && x.experts == y.experts; });
}

class Comparison {
public:
  Comparison(const CompareOptions& options, const base::ThreadContext& threads, const base::RunControl& control)
      : m_options(options), m_threads(threads), m_control(control) {}

  Result<TraceComparison> run() {
    SY_TRY(open());
    SY_TRY(pair());
    if (m_options.at < 0)
      return base::fail(base::ErrorCode::InvalidArgument, "agreement is of at least one choice");
    for (std::size_t layer = 0; layer < m_out.layers.size(); ++layer)
      m_out.layers[layer].k = std::min(m_out.layers[layer].k, m_b->meta().layers[layer].k);
    m_out.at = m_options.at > 0 ? m_options.at : SY_TRY(choicesOfBoth());
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
    if (!sameShape(m_out.layers, others))
      return base::fail(base::ErrorCode::InvalidArgument,
                        fmt::format("the traces are of different shapes: {} MoE layers and {}, or other experts in them",
                                    m_out.layers.size(), others.size()));
    for (const trace::LayerInfo& layer : m_out.layers)
      m_out.experts = std::max(m_out.experts, layer.experts);
    m_readerA = SY_TRY(m_a->reader());
    m_readerB = SY_TRY(m_b->reader());
    m_starts = SY_TRY(rowStarts(*m_a));
    for (std::int64_t s = 0; s < m_a->sequences(); ++s) {
      std::int64_t kept = 0;
      for (const auto& [from, to] : inRange(s))
        kept += to - from;
      m_out.documents += kept > 0 || m_options.rows.isEmpty() ? 1 : 0;
      m_out.tokens += kept;
    }
    if (m_options.rows.routedTo) {
      const auto& [layer, expert] = *m_options.rows.routedTo;
      const auto found = std::ranges::find(m_a->meta().layers, layer, &trace::LayerInfo::layer);
      if (found == m_a->meta().layers.end() || expert < 0 || expert >= found->experts)
        return base::fail(base::ErrorCode::InvalidArgument, fmt::format("the trace has no expert L{} E{}", layer, expert));
      m_routedLayer = static_cast<int>(found - m_a->meta().layers.begin());
    }
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

  /// The smaller of the two largest selections of the first document: a trace may have been recorded
  /// with fewer experts per token than its layers have room for.
  Result<int> choicesOfBoth() {
    int k = 1;
    for (const trace::LayerInfo& layer : m_out.layers)
      k = std::max(k, layer.k);
    if (m_pairs.empty())
      return k;
    const int a = SY_TRY(largestSelection(*m_readerA, m_a->meta().layers, m_pairs.front().first));
    const int b = SY_TRY(largestSelection(*m_readerB, m_b->meta().layers, m_pairs.front().second));
    return std::clamp(std::min(a, b), 1, k);
  }

  static Result<int> largestSelection(trace::TraceReader& reader, const std::vector<trace::LayerInfo>& layers, std::int64_t sequence) {
    const std::int64_t rows = std::min(SY_TRY(reader.size(sequence)).rows, trace::TraceReader::kBlockTokens);
    int largest = 0;
    std::vector<std::uint16_t> ids;
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      const auto k = static_cast<std::size_t>(layers[layer].k);
      ids.resize(static_cast<std::size_t>(rows) * k);
      SY_TRY(reader.ids(sequence, static_cast<int>(layer), 0, rows, ids));
      for (std::size_t slot = 0; slot < ids.size(); ++slot)
        if (ids[slot] != trace::kNoExpert)
          largest = std::max(largest, static_cast<int>(slot % k) + 1);
    }
    return largest;
  }

  using Runs = std::vector<std::pair<std::int64_t, std::int64_t>>;

  /// Rows of one of A's sequences in range, [from, to) in the sequence.
  Runs inRange(std::int64_t sequence) const {
    const std::int64_t start = (*m_starts)[static_cast<std::size_t>(sequence)];
    Runs runs = keptRows(m_options.rows, m_starts->back(), start, (*m_starts)[static_cast<std::size_t>(sequence) + 1]);
    for (auto& [from, to] : runs) {
      from -= start;
      to -= start;
    }
    return runs;
  }

  /// Those of them that chose the filter's expert.
  Result<Runs> routed(std::int64_t sequence, Runs runs) {
    if (m_routedLayer < 0)
      return runs;
    const auto k = static_cast<std::size_t>(m_a->meta().layers[static_cast<std::size_t>(m_routedLayer)].k);
    const auto expert = static_cast<std::uint16_t>(m_options.rows.routedTo->second);
    Runs kept;
    for (const auto& [from, to] : runs) {
      m_idsA.resize(static_cast<std::size_t>(to - from) * k);
      SY_TRY(m_readerA->ids(sequence, m_routedLayer, from, to - from, m_idsA));
      for (std::int64_t row = from; row < to; ++row) {
        const auto chosen = std::span(m_idsA).subspan(static_cast<std::size_t>(row - from) * k, k);
        if (std::ranges::find(chosen, expert) == chosen.end())
          continue;
        if (!kept.empty() && kept.back().second == row)
          ++kept.back().second;
        else
          kept.emplace_back(row, row + 1);
      }
    }
    return kept;
  }

  Result<void> read(std::int64_t a, std::int64_t b) {
    Runs runs = inRange(a);
    if (runs.empty() && !m_options.rows.isEmpty())
      return {};
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
    runs = SY_TRY(routed(a, std::move(runs)));
    Document document;
    for (const auto& [from, to] : runs)
      document.tokens += to - from;
    const auto label = infoA.labels.find(m_options.label);
    document.label = label == infoA.labels.end() ? std::string() : label->second;
    const std::size_t layers = m_out.layers.size();
    document.same.resize(layers);
    document.first.resize(layers);
    document.usesA.resize(layers * static_cast<std::size_t>(m_out.experts));
    document.usesB.resize(document.usesA.size());
    const std::size_t start = m_out.tokenAgreement.size();
    m_out.tokenAgreement.resize(start + static_cast<std::size_t>(document.tokens), 0.0F);
    for (const auto& [from, to] : runs)
      for (std::int64_t row = from; row < to; ++row)
        m_out.tokenPosition.push_back(static_cast<std::int32_t>(row));
    for (std::size_t layer = 0; layer < layers; ++layer) {
      std::size_t at = start;
      for (const auto& [from, to] : runs) {
        SY_TRY(compareLayer(a, b, layer, from, to - from, at, document));
        at += static_cast<std::size_t>(to - from);
      }
    }
    m_out.firstToken.push_back(static_cast<std::int64_t>(start));
    m_out.sequences.push_back(infoA.id);
    m_out.sequenceIndex.push_back(a);
    m_out.alignedTokens += document.tokens;
    m_documents.push_back(std::move(document));
    return {};
  }

  Result<void> compareLayer(std::int64_t a, std::int64_t b, std::size_t layer, std::int64_t firstRow,
                            std::int64_t rows, std::size_t start, Document& document) {
    const auto kA = static_cast<std::size_t>(m_a->meta().layers[layer].k);
    const auto kB = static_cast<std::size_t>(m_b->meta().layers[layer].k);
    const auto count = static_cast<std::size_t>(rows);
    m_idsA.resize(count * kA);
    m_idsB.resize(count * kB);
    const int moeLayer = static_cast<int>(layer);
    SY_TRY(m_readerA->ids(a, moeLayer, firstRow, rows, m_idsA));
    SY_TRY(m_readerB->ids(b, moeLayer, firstRow, rows, m_idsB));
    const std::size_t base = layer * static_cast<std::size_t>(m_out.experts);
    const auto experts = static_cast<std::uint16_t>(m_out.layers[layer].experts);
    const auto m = static_cast<std::size_t>(m_out.choices(layer));
    const auto scale = 1.0 / static_cast<double>(m);
    for (std::size_t row = 0; row < count; ++row) {
      const auto chosenA = std::span(m_idsA).subspan(row * kA, kA);
      const auto chosenB = std::span(m_idsB).subspan(row * kB, kB);
      const auto firstB = chosenB.first(std::min(m, kB));
      int both = 0;
      for (std::size_t rank = 0; rank < kA; ++rank) {
        const std::uint16_t expert = chosenA[rank];
        if (expert >= experts)
          continue;
        ++document.usesA[base + expert];
        both += rank < m && std::ranges::find(firstB, expert) != firstB.end() ? 1 : 0;
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
  std::shared_ptr<const std::vector<std::int64_t>> m_starts; ///< of A's sequences
  int m_routedLayer = -1; ///< MoE layer of the filter's expert; -1: none
  std::vector<std::pair<std::int64_t, std::int64_t>> m_pairs;
  std::vector<std::uint16_t> m_idsA, m_idsB;
  std::vector<Document> m_documents;
  TraceComparison m_out;
};

} // namespace

int TraceComparison::choices(std::size_t moeLayer) const {
  return std::clamp(at, 1, std::max(1, layers[moeLayer].k));
}

bool looksAligned(const trace::Trace& a, const trace::Trace& b) {
  if (!sameShape(a.meta().layers, b.meta().layers))
    return false;
  constexpr std::int64_t kRead = 4;
  std::map<std::string, std::vector<std::int32_t>> tokens;
  const auto read = [kRead](const trace::Trace& trace, const std::function<bool(const trace::SequenceInfo&)>& each) {
    const auto reader = trace.reader();
    for (std::int64_t i = 0; reader && i < std::min(kRead, trace.sequences()); ++i)
      if (const auto info = (*reader)->sequence(i, trace::SequenceText::Skip); !info || each(*info))
        return info.has_value();
    return false;
  };
  read(a, [&](const trace::SequenceInfo& info) {
    tokens[info.id].assign(info.tokens.begin(), info.tokens.end());
    return false;
  });
  return read(b, [&](const trace::SequenceInfo& info) {
    const auto found = tokens.find(info.id);
    return found != tokens.end() && std::ranges::equal(found->second, info.tokens);
  });
}

Result<TraceComparison> compareTraces(const CompareOptions& options, const base::ThreadContext& threads,
                                      const base::RunControl& control) {
  return Comparison(options, threads, control).run();
}

} // namespace switchyard::jobs
