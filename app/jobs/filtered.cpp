#include "app/jobs/filtered.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include <fmt/format.h>

namespace switchyard::jobs {

namespace {

using base::ErrorCode;
using base::Result;

/// Consecutive kept rows of a range of tokens.
struct Run {
  std::int64_t first = 0; ///< row in the range
  std::int64_t rows = 0;
};

/// A block that outlives the call it came with.
struct KeptBlock {
  trace::RoutingBlock block;
  std::vector<std::uint16_t> ids;
  std::vector<float> weights, logits, norms;
  std::vector<std::int32_t> predicted;

  void keep(const trace::RoutingBlock& from) {
    block = from;
    const auto copy = [](auto& into, auto& span) {
      into.assign(span.begin(), span.end());
      span = into;
    };
    copy(ids, block.ids);
    copy(weights, block.weights);
    copy(logits, block.logits);
    copy(norms, block.norms);
    copy(predicted, block.predicted);
    block.reference = nullptr;
  }
};

/// The rows of a run. Values of a row: as many as the span has for each of the block's rows.
trace::RoutingBlock part(const trace::RoutingBlock& block, const Run& run) {
  trace::RoutingBlock out = block;
  out.firstToken += run.first;
  out.rows = run.rows;
  const auto cut = [&](auto& span) {
    if (span.empty())
      return;
    const std::size_t width = span.size() / static_cast<std::size_t>(block.rows);
    span = span.subspan(static_cast<std::size_t>(run.first) * width,
                        static_cast<std::size_t>(run.rows) * width);
  };
  cut(out.ids);
  cut(out.weights);
  cut(out.logits);
  cut(out.norms);
  cut(out.predicted);
  return out;
}

class WithRows final : public trace::Analyzer {
public:
  WithRows(std::unique_ptr<trace::Analyzer> inner, std::shared_ptr<const trace::Trace> trace,
           std::shared_ptr<const std::vector<std::int64_t>> starts, const RowFilter& filter)
      : m_inner(std::move(inner)), m_trace(std::move(trace)), m_starts(std::move(starts)),
        m_filter(filter) {}

  std::string_view id() const override { return m_inner->id(); }
  std::unique_ptr<trace::Analyzer> cloneEmpty() const override {
    return std::make_unique<WithRows>(m_inner->cloneEmpty(), m_trace, m_starts, m_filter);
  }
  trace::Columns wants() const override { return m_inner->wants(); }

  Result<void> begin(std::span<const trace::LayerInfo> layers) override {
    m_layers = layers.size();
    if (m_filter.routedTo) {
      const auto& all = m_trace->meta().layers;
      const auto found = std::ranges::find(all, m_filter.routedTo->first, &trace::LayerInfo::layer);
      const int expert = m_filter.routedTo->second;
      if (found == all.end() || expert < 0 || expert >= found->experts)
        return base::fail(ErrorCode::InvalidArgument,
                          fmt::format("the trace has no expert L{} E{}", m_filter.routedTo->first, expert));
      m_filterLayer = static_cast<int>(found - all.begin());
      m_slots = found->k;
      m_reader = SY_TRY(m_trace->reader());
    }
    return m_inner->begin(layers);
  }

  Result<void> add(const trace::RoutingBlock& block) override {
    if (m_kept.empty())
      SY_TRY(findRuns(block));
    if (m_runs.size() == 1 && m_runs.front().rows == block.rows && m_kept.empty()) {
      // Nothing of this range is left out: every layer's block goes on as it is.
      return m_inner->add(block);
    }
    if (m_runs.empty())
      return {};
    m_kept.emplace_back().keep(block);
    if (m_kept.size() < m_layers)
      return {};
    for (const Run& run : m_runs)
      for (const KeptBlock& kept : m_kept)
        SY_TRY(m_inner->add(part(kept.block, run)));
    m_kept.clear();
    return {};
  }

  Result<void> merge(const trace::Analyzer& other) override {
    const auto* twin = dynamic_cast<const WithRows*>(&other);
    if (twin == nullptr || twin->m_trace != m_trace || !(twin->m_filter == m_filter))
      return base::fail(ErrorCode::InvalidArgument, "only analyzers with the same filter can be merged");
    return m_inner->merge(*twin->m_inner);
  }
  Result<trace::AnalysisResult> result() const override { return m_inner->result(); }
  bool canSave() const override { return m_inner->canSave(); }
  Result<std::string> save() const override { return m_inner->save(); }
  Result<void> load(std::string_view state) override { return m_inner->load(state); }

private:
  Result<void> findRuns(const trace::RoutingBlock& block) {
    m_runs.clear();
    const std::int64_t start = (*m_starts)[static_cast<std::size_t>(block.sequence->index)] + block.firstToken;
    std::vector<Run> wholes;
    for (const auto& [from, to] : keptRows(m_filter, m_starts->back(), start, start + block.rows))
      wholes.push_back({from - start, to - from});
    if (!m_filter.routedTo || wholes.empty()) {
      m_runs = std::move(wholes);
      return {};
    }
    m_ids.resize(static_cast<std::size_t>(block.rows) * static_cast<std::size_t>(m_slots));
    SY_TRY(m_reader->ids(block.sequence->index, m_filterLayer, block.firstToken, block.rows, m_ids));
    for (const Run& whole : wholes)
      for (std::int64_t row = whole.first; row < whole.first + whole.rows; ++row) {
        const auto slots = std::span(m_ids).subspan(static_cast<std::size_t>(row * m_slots), static_cast<std::size_t>(m_slots));
        if (std::ranges::find(slots, static_cast<std::uint16_t>(m_filter.routedTo->second)) == slots.end())
          continue;
        if (!m_runs.empty() && m_runs.back().first + m_runs.back().rows == row)
          ++m_runs.back().rows;
        else
          m_runs.push_back({row, 1});
      }
    return {};
  }

  std::unique_ptr<trace::Analyzer> m_inner;
  std::shared_ptr<const trace::Trace> m_trace;
  std::shared_ptr<const std::vector<std::int64_t>> m_starts;
  RowFilter m_filter;
  std::size_t m_layers = 0;
  int m_filterLayer = 0;
  int m_slots = 0;
  std::unique_ptr<trace::TraceReader> m_reader;
  std::vector<std::uint16_t> m_ids;
  std::vector<Run> m_runs;       ///< of the range that is being read
  std::vector<KeptBlock> m_kept; ///< its layers so far
};

/// "100:200"; nothing if it is anything else.
std::optional<std::pair<std::int64_t, std::int64_t>> numberPair(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  std::pair<std::int64_t, std::int64_t> pair;
  const auto read = [](std::string_view part, std::int64_t& value) {
    const auto result = std::from_chars(part.data(), part.data() + part.size(), value);
    return !part.empty() && result.ec == std::errc() && result.ptr == part.data() + part.size();
  };
  if (!read(text.substr(0, colon), pair.first) || !read(text.substr(colon + 1), pair.second))
    return std::nullopt;
  return pair;
}

} // namespace

std::string RowFilter::description() const {
  std::string text;
  if (range)
    text = fmt::format("tokens {} to {}", range->first, range->second - 1);
  if (routedTo)
    text += fmt::format("{}routed to L{} E{}", text.empty() ? "" : ", ", routedTo->first, routedTo->second);
  if (sample > 0)
    text += fmt::format("{}a sample of {} rows", text.empty() ? "" : ", ", sample);
  return text;
}

std::vector<std::pair<std::int64_t, std::int64_t>> keptRows(const RowFilter& filter, std::int64_t total,
                                                            std::int64_t first, std::int64_t last) {
  const std::int64_t low = filter.range ? std::clamp<std::int64_t>(filter.range->first, 0, total) : 0;
  const std::int64_t high = filter.range ? std::clamp(filter.range->second, low, total) : total;
  const std::int64_t from = std::max(first, low), to = std::min(last, high);
  std::vector<std::pair<std::int64_t, std::int64_t>> kept;
  if (from >= to)
    return kept;
  const std::int64_t rows = high - low, runs = (filter.sample + RowFilter::kSampleRun - 1) / RowFilter::kSampleRun;
  if (filter.sample <= 0 || runs * RowFilter::kSampleRun >= rows)
    return {{from, to}};
  // Run i starts at low + i * rows / runs; they do not touch, since rows > runs * kSampleRun.
  for (std::int64_t i = std::max<std::int64_t>(0, (from - low) * runs / rows - 1); i < runs; ++i) {
    const std::int64_t start = low + i * rows / runs;
    if (start >= to)
      break;
    if (const std::int64_t end = std::min(start + RowFilter::kSampleRun, to); end > std::max(start, from))
      kept.emplace_back(std::max(start, from), end);
  }
  return kept;
}

std::string flagsOf(const RowFilter& filter) {
  std::string flags;
  if (filter.range)
    flags += fmt::format(" --rows {}:{}", filter.range->first, filter.range->second);
  if (filter.routedTo)
    flags += fmt::format(" --routed-to {}:{}", filter.routedTo->first, filter.routedTo->second);
  return flags;
}

Result<RowFilter> parseRowFilter(std::string_view rows, std::string_view routedTo) {
  RowFilter filter;
  if (!rows.empty()) {
    const auto pair = numberPair(rows);
    if (!pair || pair->first < 0 || pair->second <= pair->first)
      return base::fail(ErrorCode::InvalidArgument,
                        fmt::format("--rows is FIRST:LAST with FIRST < LAST, as in 100:200, not \"{}\"", rows));
    filter.range = *pair;
  }
  if (!routedTo.empty()) {
    constexpr std::int64_t kMost = 65535;
    const auto pair = numberPair(routedTo);
    if (!pair || pair->first < 0 || pair->second < 0 || pair->first > kMost || pair->second > kMost)
      return base::fail(ErrorCode::InvalidArgument,
                        fmt::format("--routed-to is LAYER:EXPERT, as in 5:19, not \"{}\"", routedTo));
    filter.routedTo = std::pair(static_cast<int>(pair->first), static_cast<int>(pair->second));
  }
  return filter;
}

Result<std::shared_ptr<const std::vector<std::int64_t>>> rowStarts(const trace::Trace& trace) {
  auto starts = std::make_shared<std::vector<std::int64_t>>(1, 0);
  const auto reader = SY_TRY(trace.reader());
  SY_TRY(reader->forEachSequence(0, trace.sequences(),
                                 [&](const trace::SequenceInfo&, const trace::SequenceSize& size) -> Result<void> {
                                   starts->push_back(starts->back() + size.rows);
                                   return {};
                                 }));
  return starts;
}

std::unique_ptr<trace::Analyzer>
withRows(std::unique_ptr<trace::Analyzer> inner, std::shared_ptr<const trace::Trace> trace,
         std::shared_ptr<const std::vector<std::int64_t>> starts, const RowFilter& filter) {
  return std::make_unique<WithRows>(std::move(inner), std::move(trace), std::move(starts), filter);
}

} // namespace switchyard::jobs
