#include "app/jobs/evaluate/thinking.h"

namespace switchyard::jobs::evaluate {

std::optional<ThinkingMarkers> thinkingMarkers(const tokenizer::Tokenizer& tokenizer) {
  const auto open = tokenizer.encode("<think>");
  const auto close = tokenizer.encode("</think>");
  if (!open || !close || open->size() != 1 || close->size() != 1)
    return std::nullopt;
  return ThinkingMarkers{open->front(), close->front()};
}

ThinkingSplit splitThinking(std::span<const base::TokenId> prompt,
                            std::span<const base::TokenId> generated,
                            const std::optional<ThinkingMarkers>& markers) {
  ThinkingSplit split{0, generated};
  if (!markers)
    return split;
  bool inside = false;
  for (const base::TokenId token : prompt)
    inside = token == markers->open || (inside && token != markers->close);
  for (std::size_t i = 0; i < generated.size(); ++i) {
    if (generated[i] == markers->open) {
      inside = true;
    } else if (generated[i] == markers->close) {
      inside = false;
      split.answer = generated.subspan(i + 1);
    } else if (inside) {
      ++split.thinking;
    }
  }
  if (inside)
    split.answer = {};
  return split;
}

} // namespace switchyard::jobs::evaluate
