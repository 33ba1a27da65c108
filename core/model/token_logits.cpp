#include "core/model/linear.h"
#include "core/model/model.h"
#include "core/model/norms.h"

namespace switchyard::model {

namespace {
/// From this share of the LM head's panels on, all of them are run, by all threads.
constexpr std::size_t kManyPanels = 8;
} // namespace

base::Result<void> Model::tokenLogits(std::span<const float> residual,
                                      std::span<const base::TokenId> tokens,
                                      const base::ThreadContext& threads, Workspace& work,
                                      std::span<float> out) const {
  for (const base::TokenId token : tokens)
    SY_TRY(m_config.checkToken(token));
  work.headRows.clear();
  work.headInput.resize(static_cast<std::size_t>(m_config.hidden));
  work.logits.resize(static_cast<std::size_t>(m_config.vocabulary));
  normRow(m_config, m_weights.finalNorm, residual, work.headInput);
  const tensor::PackedMatrix& matrix = m_weights.headMatrix();
  const bool all = tokens.size() * kManyPanels > static_cast<std::size_t>(matrix.panels());
  if (all)
    applyMatrix(threads, matrix, m_weights.lmHead.bias, work.headInput.data(), 1, m_config.hidden,
                work.logits.data(), m_config.vocabulary);
  std::int64_t run = -1;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::int64_t panel = tokens[i].value / tensor::PackedMatrix::kPanel;
    if (!all && panel != run)
      applyMatrixPanels(matrix, m_weights.lmHead.bias, work.headInput.data(), 1, m_config.hidden,
                        work.logits.data(), m_config.vocabulary, panel, panel + 1);
    run = panel;
    out[i] = work.logits[static_cast<std::size_t>(tokens[i].value)];
    if (m_config.logitsDivisor != 1.0f)
      out[i] /= m_config.logitsDivisor;
  }
  return {};
}

} // namespace switchyard::model
