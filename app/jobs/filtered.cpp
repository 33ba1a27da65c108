#include "app/jobs/filtered.h"

#include <optional>
#include <utility>

#include "app/jobs/row_picker.h"

namespace switchyard::jobs {

namespace {

using base::ErrorCode;
using base::Result;

/// Rows [first, last) of a block. Values of a row: as many as the span has for each of the block's
/// rows.
trace::RoutingBlock part(const trace::RoutingBlock& block, std::int64_t first, std::int64_t last) {
  trace::RoutingBlock out = block;
  out.firstToken += first;
  out.rows = last - first;
  const auto cut = [&](auto& span) {
    if (span.empty())
      return;
    const std::size_t width = span.size() / static_cast<std::size_t>(block.rows);
    span = span.subspan(static_cast<std::size_t>(first) * width,
                        static_cast<std::size_t>(last - first) * width);
  };
  cut(out.ids);
  cut(out.weights);
  cut(out.logits);
  cut(out.norms);
  cut(out.predicted);
  return out;
}

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

class WithRows final : public trace::Analyzer {
public:
  WithRows(std::shared_ptr<trace::Analyzer> inner, std::shared_ptr<const trace::Trace> trace,
           std::shared_ptr<const std::vector<std::int64_t>> starts, const RowFilter& filter)
      : m_inner(std::move(inner)), m_trace(std::move(trace)), m_starts(std::move(starts)),
        m_filter(filter) {}

  std::string_view id() const override { return m_inner->id(); }
  /// Most parts of a long trace have no row of a short range or of a sample: what they would need
  /// is made when the first one comes.
  std::unique_ptr<trace::Analyzer> cloneEmpty() const override {
    auto clone = std::make_unique<WithRows>(m_inner, m_trace, m_starts, m_filter);
    clone->m_isClone = true;
    return clone;
  }
  trace::Columns wants() const override { return m_inner->wants(); }

  Result<void> begin(std::span<const trace::LayerInfo> layers) override {
    m_layers.assign(layers.begin(), layers.end());
    m_kept.resize(m_layers.size());
    m_held = 0;
    m_range = {-1, -1};
    m_picker = SY_TRY(RowPicker::make(m_trace, m_starts, m_filter));
    m_isBegun = !m_isClone;
    return m_isBegun ? m_inner->begin(m_layers) : Result<void>();
  }

  Result<void> add(const trace::RoutingBlock& block) override {
    const std::int64_t first = block.firstToken;
    if (const std::pair range(block.sequence->index, first); range != m_range) {
      m_runs = SY_TRY(m_picker->kept(block.sequence->index, first, first + block.rows));
      m_range = range;
    }
    if (m_runs.empty())
      return {};
    SY_TRY(makeReady());
    // Nothing of this range is left out: every layer's block goes on as it is.
    if (m_runs.size() == 1 && m_runs.front() == std::pair(first, first + block.rows))
      return m_inner->add(block);
    const std::int64_t from = m_runs.front().first, to = m_runs.back().second;
    m_kept[m_held++].keep(part(block, from - first, to - first));
    if (m_held < m_layers.size())
      return {};
    m_held = 0;
    for (const auto& [begin, end] : m_runs)
      for (const KeptBlock& kept : m_kept)
        SY_TRY(m_inner->add(part(kept.block, begin - from, end - from)));
    return {};
  }

  Result<void> merge(const trace::Analyzer& other) override {
    const auto* twin = dynamic_cast<const WithRows*>(&other);
    if (twin == nullptr || twin->m_trace != m_trace || !(twin->m_filter == m_filter))
      return base::fail(ErrorCode::InvalidArgument,
                        "only analyzers with the same filter can be merged");
    if (!twin->m_isBegun)
      return {};
    SY_TRY(makeReady());
    return m_inner->merge(*twin->m_inner);
  }
  Result<trace::AnalysisResult> result() const override {
    if (m_isBegun)
      return m_inner->result();
    const auto empty = m_inner->cloneEmpty();
    SY_TRY(empty->begin(m_layers));
    return empty->result();
  }
  bool canSave() const override { return m_inner->canSave(); }
  /// Nothing, if no row came.
  Result<std::string> save() const override { return m_isBegun ? m_inner->save() : std::string(); }
  Result<void> load(std::string_view state) override {
    if (state.empty())
      return {};
    SY_TRY(makeReady());
    return m_inner->load(state);
  }

private:
  Result<void> makeReady() {
    if (m_isBegun)
      return {};
    m_inner = m_inner->cloneEmpty();
    m_isBegun = true;
    return m_inner->begin(m_layers);
  }

  std::shared_ptr<trace::Analyzer>
      m_inner; ///< of a clone that has not begun: what it is cloned from
  std::shared_ptr<const trace::Trace> m_trace;
  std::shared_ptr<const std::vector<std::int64_t>> m_starts;
  RowFilter m_filter;
  bool m_isClone = false, m_isBegun = false;
  std::vector<trace::LayerInfo> m_layers;
  std::optional<RowPicker> m_picker;
  std::pair<std::int64_t, std::int64_t> m_range; ///< that is being read: sequence, first token
  RowRuns m_runs;                                ///< its kept rows
  std::vector<KeptBlock> m_kept; ///< of its layers: from the first kept row to the last
  std::size_t m_held = 0;        ///< layers in m_kept so far
};

} // namespace

std::unique_ptr<trace::Analyzer> withRows(std::unique_ptr<trace::Analyzer> inner,
                                          std::shared_ptr<const trace::Trace> trace,
                                          std::shared_ptr<const std::vector<std::int64_t>> starts,
                                          const RowFilter& filter) {
  return std::make_unique<WithRows>(std::move(inner), std::move(trace), std::move(starts), filter);
}

} // namespace switchyard::jobs
