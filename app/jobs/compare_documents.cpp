#include "app/jobs/compare_documents.h"

#include <algorithm>
#include <functional>
#include <map>
#include <span>

#include <fmt/format.h>

#include "app/jobs/opened_trace.h"

namespace switchyard::jobs {

using base::Result;

namespace {

bool sameShape(const std::vector<trace::LayerInfo>& a, const std::vector<trace::LayerInfo>& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
    return x.layer == y.layer && x.experts == y.experts;
  });
}

Result<int> largestSelection(trace::TraceReader& reader,
                             const std::vector<trace::LayerInfo>& layers, std::int64_t sequence) {
  const std::int64_t rows =
      std::min(SY_TRY(reader.size(sequence)).rows, trace::TraceReader::kBlockTokens);
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

} // namespace

Result<DocumentReader> DocumentReader::open(const CompareOptions& options, TraceComparison& out) {
  DocumentReader made(options, out);
  made.m_a = SY_TRY(traceAt(options.a, options.openedA));
  made.m_b = SY_TRY(traceAt(options.b, options.openedB));
  out.layers = made.m_a->meta().layers;
  const auto& others = made.m_b->meta().layers;
  if (!sameShape(out.layers, others))
    return base::fail(
        base::ErrorCode::InvalidArgument,
        fmt::format(
            "the traces are of different shapes: {} MoE layers and {}, or other experts in them",
            out.layers.size(), others.size()));
  for (const trace::LayerInfo& layer : out.layers)
    out.experts = std::max(out.experts, layer.experts);
  made.m_readerA = SY_TRY(made.m_a->reader());
  made.m_readerB = SY_TRY(made.m_b->reader());
  const auto& filtered = options.rowsAreOfB ? made.m_b : made.m_a;
  made.m_picker = SY_TRY(RowPicker::make(filtered, SY_TRY(rowStarts(*filtered)), options.rows));
  for (std::int64_t s = 0; s < filtered->sequences(); ++s) {
    std::int64_t kept = 0;
    for (const auto& [from, to] : made.m_picker->inRange(s, 0, made.m_picker->rows(s)))
      kept += to - from;
    out.documents += kept > 0 || options.rows.isEmpty() ? 1 : 0;
    out.tokens += kept;
  }
  for (std::size_t layer = 0; layer < out.layers.size(); ++layer)
    out.layers[layer].k = std::min(out.layers[layer].k, made.m_b->meta().layers[layer].k);
  const auto& known = options.pairs;
  const bool isKnown =
      known && known->a == made.m_a && known->b == made.m_b; // ids do not cover the routing
  out.pairs = isKnown ? known : SY_TRY(made.pairUp());
  if (options.at < 0)
    return base::fail(base::ErrorCode::InvalidArgument, "agreement is of at least one choice");
  out.at = options.at > 0 ? options.at : out.pairs->choices;
  return made;
}

Result<std::shared_ptr<const DocumentPairs>> DocumentReader::pairUp() {
  auto made = std::make_shared<DocumentPairs>();
  made->a = m_a;
  made->b = m_b;
  std::map<std::string, std::int64_t> byId;
  bool unique = true;
  SY_TRY(m_readerB->forEachSequence(
      0, m_b->sequences(),
      [&](const trace::SequenceInfo& info, const trace::SequenceSize&) -> Result<void> {
        unique = byId.emplace(info.id, info.index).second && unique;
        return {};
      }));
  SY_TRY(m_readerA->forEachSequence(
      0, m_a->sequences(),
      [&](const trace::SequenceInfo& info, const trace::SequenceSize&) -> Result<void> {
        const auto found = byId.find(info.id);
        if (unique && found != byId.end())
          made->pairs.emplace_back(info.index, found->second);
        else if (!unique && info.index < m_b->sequences())
          made->pairs.emplace_back(info.index, info.index);
        return {};
      }));
  made->choices = SY_TRY(choicesOfBoth(made->pairs));
  return made;
}

/// The smaller of the two largest selections of the first document: a trace may have been recorded
/// with fewer experts per token than its layers have room for.
Result<int>
DocumentReader::choicesOfBoth(const std::vector<std::pair<std::int64_t, std::int64_t>>& pairs) {
  int k = 1;
  for (const trace::LayerInfo& layer : m_out->layers)
    k = std::max(k, layer.k);
  if (pairs.empty())
    return k;
  const int a = SY_TRY(largestSelection(*m_readerA, m_a->meta().layers, pairs.front().first));
  const int b = SY_TRY(largestSelection(*m_readerB, m_b->meta().layers, pairs.front().second));
  return std::clamp(std::min(a, b), 1, k);
}

Result<std::optional<ComparedDocument>> DocumentReader::read(std::size_t pair) {
  const auto [a, b] = pairs()[pair];
  const std::int64_t filtered = m_options->rowsAreOfB ? b : a;
  if (!m_options->rows.isEmpty() &&
      m_picker->inRange(filtered, 0, m_picker->rows(filtered)).empty())
    return std::nullopt;
  const trace::SequenceInfo infoA = SY_TRY(m_readerA->sequence(a, trace::SequenceText::Skip));
  const trace::SequenceInfo infoB = SY_TRY(m_readerB->sequence(b, trace::SequenceText::Skip));
  const std::int64_t rows = SY_TRY(m_readerA->size(a)).rows;
  const std::int64_t rowsB = SY_TRY(m_readerB->size(b)).rows;
  const auto [left, right] = std::ranges::mismatch(infoA.tokens, infoB.tokens);
  const auto same = static_cast<std::int64_t>(left - infoA.tokens.begin());
  if (rows != rowsB || same < rows) {
    if (!m_out->mismatch)
      m_out->mismatch = TokenMismatch{infoA.id, std::min({same, rows, rowsB})};
    return std::nullopt;
  }
  const RowRuns runs = SY_TRY(m_picker->kept(filtered));
  ComparedDocument document;
  for (const auto& [from, to] : runs)
    document.tokens += to - from;
  const auto label = infoA.labels.find(m_options->label);
  document.label = label == infoA.labels.end() ? std::string() : label->second;
  const std::size_t layers = m_out->layers.size();
  document.same.resize(layers);
  document.first.resize(layers);
  document.usesA.resize(layers * static_cast<std::size_t>(m_out->experts));
  document.usesB.resize(document.usesA.size());
  const std::size_t start = m_out->tokenAgreement.size();
  m_out->tokenAgreement.resize(start + static_cast<std::size_t>(document.tokens), 0.0F);
  for (const auto& [from, to] : runs)
    for (std::int64_t row = from; row < to; ++row)
      m_out->tokenPosition.push_back(static_cast<std::int32_t>(row));
  for (std::size_t layer = 0; layer < layers; ++layer) {
    std::size_t at = start;
    for (const auto& [from, to] : runs) {
      SY_TRY(compareLayer(pairs()[pair], layer, {from, to}, at, document));
      at += static_cast<std::size_t>(to - from);
    }
  }
  m_out->firstToken.push_back(static_cast<std::int64_t>(start));
  m_out->sequences.push_back(infoA.id);
  m_out->sequenceIndex.push_back(a);
  m_out->alignedTokens += document.tokens;
  return document;
}

Result<void> DocumentReader::compareLayer(std::pair<std::int64_t, std::int64_t> pair,
                                          std::size_t layer,
                                          std::pair<std::int64_t, std::int64_t> rows,
                                          std::size_t start, ComparedDocument& document) {
  const auto kA = static_cast<std::size_t>(m_a->meta().layers[layer].k);
  const auto kB = static_cast<std::size_t>(m_b->meta().layers[layer].k);
  const std::int64_t all = rows.second - rows.first;
  const auto count = static_cast<std::size_t>(all);
  m_idsA.resize(count * kA);
  m_idsB.resize(count * kB);
  const int moeLayer = static_cast<int>(layer);
  SY_TRY(m_readerA->ids(pair.first, moeLayer, rows.first, all, m_idsA));
  SY_TRY(m_readerB->ids(pair.second, moeLayer, rows.first, all, m_idsB));
  const std::size_t base = layer * static_cast<std::size_t>(m_out->experts);
  const auto experts = static_cast<std::uint16_t>(m_out->layers[layer].experts);
  const auto m = static_cast<std::size_t>(m_out->choices(layer));
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
    document.first[layer] +=
        !chosenA.empty() && !chosenB.empty() && chosenA[0] == chosenB[0] ? 1 : 0;
    document.same[layer] += both * scale;
    m_out->tokenAgreement[start + row] +=
        static_cast<float>(both * scale / static_cast<double>(m_out->layers.size()));
  }
  return {};
}

bool looksAligned(const trace::Trace& a, const trace::Trace& b) {
  if (!sameShape(a.meta().layers, b.meta().layers))
    return false;
  constexpr std::int64_t kRead = 4;
  std::map<std::string, std::vector<std::int32_t>> tokens;
  const auto read = [kRead](const trace::Trace& trace,
                            const std::function<bool(const trace::SequenceInfo&)>& each) {
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

} // namespace switchyard::jobs
