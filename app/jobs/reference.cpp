#include "app/jobs/reference.h"

#include <vector>

#include <fmt/format.h>

namespace switchyard::jobs {

namespace {

class WithReference final : public trace::Analyzer {
public:
  WithReference(std::unique_ptr<trace::Analyzer> inner,
                std::shared_ptr<const trace::Trace> reference)
      : m_inner(std::move(inner)), m_reference(std::move(reference)) {}

  std::string_view id() const override { return m_inner->id(); }
  std::unique_ptr<trace::Analyzer> cloneEmpty() const override {
    return std::make_unique<WithReference>(m_inner->cloneEmpty(), m_reference);
  }
  trace::Columns wants() const override { return m_inner->wants(); }

  base::Result<void> begin(std::span<const trace::LayerInfo> layers) override {
    const auto& others = m_reference->meta().layers;
    if (others.size() != layers.size())
      return base::fail(base::ErrorCode::InvalidArgument,
                        fmt::format("the reference trace has {} MoE layers, this one {}",
                                    others.size(), layers.size()));
    m_reader = SY_TRY(m_reference->reader());
    return m_inner->begin(layers);
  }

  base::Result<void> add(const trace::RoutingBlock& block) override {
    const trace::RoutingBlock reference = SY_TRY(read(block));
    trace::RoutingBlock both = block;
    both.reference = &reference;
    return m_inner->add(both);
  }

  base::Result<void> merge(const trace::Analyzer& other) override {
    const auto* twin = dynamic_cast<const WithReference*>(&other);
    if (twin == nullptr || twin->m_reference != m_reference)
      return base::fail(base::ErrorCode::InvalidArgument,
                        "only analyzers with the same reference trace can be merged");
    return m_inner->merge(*twin->m_inner);
  }
  base::Result<trace::AnalysisResult> result() const override { return m_inner->result(); }
  bool canSave() const override { return m_inner->canSave(); }
  base::Result<std::string> save() const override { return m_inner->save(); }
  base::Result<void> load(std::string_view state) override { return m_inner->load(state); }

private:
  base::Result<trace::RoutingBlock> read(const trace::RoutingBlock& block) {
    const std::int64_t sequence = block.sequence->index;
    if (!m_any || m_info.index != sequence) {
      if (sequence >= m_reference->sequences())
        return base::fail(base::ErrorCode::InvalidArgument,
                          fmt::format("the reference trace has no sequence {}", sequence));
      m_info = SY_TRY(m_reader->sequence(sequence, trace::SequenceText::Skip));
      m_any = true;
    }
    trace::RoutingBlock out;
    out.sequence = &m_info;
    out.moeLayer = block.moeLayer;
    out.info = m_reference->meta().layers[static_cast<std::size_t>(block.moeLayer)];
    out.firstToken = block.firstToken;
    out.rows = block.rows;
    const auto rows = static_cast<std::size_t>(block.rows);
    const auto k = static_cast<std::size_t>(out.info.k);
    const auto experts = static_cast<std::size_t>(out.info.experts);
    const trace::Columns columns = m_reference->columns() & m_inner->wants();
    m_ids.resize(rows * k);
    SY_TRY(m_reader->ids(sequence, block.moeLayer, block.firstToken, block.rows, m_ids));
    out.ids = m_ids;
    if (columns.weights) {
      m_weights.resize(rows * k);
      SY_TRY(m_reader->weights(sequence, block.moeLayer, block.firstToken, block.rows, m_weights));
      out.weights = m_weights;
    }
    if (columns.logits) {
      m_logits.resize(rows * experts);
      SY_TRY(m_reader->logits(sequence, block.moeLayer, block.firstToken, block.rows, m_logits));
      out.logits = m_logits;
    }
    return out;
  }

  std::unique_ptr<trace::Analyzer> m_inner;
  std::shared_ptr<const trace::Trace> m_reference;
  std::unique_ptr<trace::TraceReader> m_reader;
  trace::SequenceInfo m_info;
  bool m_any = false;
  std::vector<std::uint16_t> m_ids;
  std::vector<float> m_weights, m_logits;
};

} // namespace

std::unique_ptr<trace::Analyzer> withReference(std::unique_ptr<trace::Analyzer> inner,
                                               std::shared_ptr<const trace::Trace> reference) {
  return std::make_unique<WithReference>(std::move(inner), std::move(reference));
}

} // namespace switchyard::jobs
