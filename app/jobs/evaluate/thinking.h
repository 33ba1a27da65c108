#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/base/ids.h"
#include "core/tokenizer/tokenizer.h"

namespace switchyard::jobs::evaluate {

/// The tokens that begin and end a model's thinking.
struct ThinkingMarkers {
  base::TokenId open, close;
};

/// "<think>" and "</think>" where each is one token; else nothing.
std::optional<ThinkingMarkers> thinkingMarkers(const tokenizer::Tokenizer& tokenizer);

/// What was generated, without the thinking.
struct ThinkingSplit {
  std::int64_t thinking = 0; ///< generated tokens between the markers, these not counted
  /// Behind the last closing marker; all of it if nothing was thought; empty if the thinking was
  /// never closed, for then there is no answer yet.
  std::span<const base::TokenId> answer;
};

/// Thinking may have begun in the prompt, and may happen several times.
ThinkingSplit splitThinking(std::span<const base::TokenId> prompt,
                            std::span<const base::TokenId> generated,
                            const std::optional<ThinkingMarkers>& markers);

} // namespace switchyard::jobs::evaluate
