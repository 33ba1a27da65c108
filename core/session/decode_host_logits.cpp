#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/session/decode_host.h"

namespace switchyard::session {

using base::ErrorCode;
using base::fail;
using base::Result;

void ModelDecodeHost::giveLogits() {
  const auto width = static_cast<std::size_t>(vocabulary());
  const bool everyRow = m_work.headRows.size() == m_work.rows.size();
  std::size_t row = 0;
  for (std::size_t i = 0; i < m_segments.size(); ++i) {
    const bool wanted = m_segments[i].logits == model::LogitsFor::Last;
    row += everyRow ? m_segments[i].tokens.size() : wanted ? 1 : 0;
    if (wanted)
      std::copy_n(m_work.logits.begin() + static_cast<std::ptrdiff_t>((row - 1) * width), width,
                  m_segmentSteps[i]->logits.begin());
  }
}

void ModelDecodeHost::keepLogits() {
  for (std::size_t i = 0; i < m_segments.size(); ++i) {
    if (m_segments[i].logits != model::LogitsFor::Last)
      continue;
    const BranchStep& step = *m_segmentSteps[i];
    const bool ofText = step.branch == 0;
    (ofText ? m_textLogits : m_otherLogits).assign(step.logits.begin(), step.logits.end());
    (ofText ? m_textGave : m_otherGave) = true;
  }
}

ModelDecodeHost::LastLogits ModelDecodeHost::takeLogits() {
  LastLogits last;
  if (std::exchange(m_textGave, false))
    last.text = m_textLogits;
  if (std::exchange(m_otherGave, false))
    last.other = m_otherLogits;
  return last;
}

void ModelDecodeHost::noteResiduals(std::int64_t first) {
  const auto hidden = static_cast<std::size_t>(m_model->config().hidden);
  std::size_t end = 0;
  std::size_t segment = 0;
  for (const Running& running : m_running) {
    const auto total = static_cast<std::int64_t>(running.step->tokens.size());
    if (first >= total)
      continue;
    end += m_segments[segment++].tokens.size();
    const std::span<const float> last =
        std::span(m_work.residual).subspan((end - 1) * hidden, hidden);
    if (first + m_options.chunk >= total)
      running.branch->nextResidual.assign(last.begin(), last.end());
  }
}

Result<void> ModelDecodeHost::tokenLogits(BranchId branch, std::span<const base::TokenId> tokens,
                                          std::span<float> out) {
  const Branch* of = SY_TRY(m_branches->find(branch));
  if (of->residual.empty())
    return fail(ErrorCode::InvalidArgument,
                fmt::format("branch {} has no last token to take logits of; run one", branch));
  if (out.size() != tokens.size())
    return fail(ErrorCode::InvalidArgument,
                fmt::format("room for {} logits of {} tokens", out.size(), tokens.size()));
  return m_model->tokenLogits(of->residual, tokens, *m_threads, m_work, out);
}

} // namespace switchyard::session
