#include "core/routing/span_tracker.h"

#include <algorithm>

namespace switchyard::routing {

bool SpanTracker::endsWith(const std::vector<std::int32_t>& tokens,
                           const std::vector<std::int32_t>& marker) {
  return tokens.size() >= marker.size() &&
         std::equal(marker.rbegin(), marker.rend(), tokens.rbegin());
}

void SpanTracker::append(Sequence& sequence, std::int32_t token) const {
  // Whether this token is inside follows from the tokens before it, and from it only as the end of
  // a closing marker.
  const bool before = !sequence.tokens.empty() &&
                      (sequence.inside.back() != 0 || endsWith(sequence.tokens, m_markers.open));
  sequence.tokens.push_back(token);
  const bool closes = before && endsWith(sequence.tokens, m_markers.close);
  sequence.inside.push_back(before && !closes ? 1 : 0);
}

SpanTracker::Sequence& SpanTracker::sequenceOf(const TokenFacts& token) {
  const auto found = m_sequences.find(token.sequence.value);
  if (found != m_sequences.end())
    return found->second;
  if (m_sequences.size() >= kMaxSequences)
    m_sequences.erase(std::ranges::min_element(
        m_sequences, {}, [](const auto& entry) { return entry.second.lastUse; }));
  Sequence& fresh = m_sequences[token.sequence.value];
  fresh.first = token.position.value;
  return fresh;
}

void SpanTracker::look(std::span<const TokenFacts> tokens, std::span<std::uint8_t> inside) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    Sequence& sequence = sequenceOf(tokens[i]);
    sequence.lastUse = ++m_clock;
    const std::int64_t index = tokens[i].position.value - sequence.first;
    const auto known = static_cast<std::int64_t>(sequence.tokens.size());
    if (index < 0 || index > known) { // not a continuation of what was seen: begin anew
      sequence = Sequence{tokens[i].position.value, {}, {}, m_clock};
      append(sequence, tokens[i].token.value);
    } else if (index == known) {
      append(sequence, tokens[i].token.value);
    } else if (sequence.tokens[static_cast<std::size_t>(index)] != tokens[i].token.value) {
      sequence.tokens.resize(static_cast<std::size_t>(index));
      sequence.inside.resize(static_cast<std::size_t>(index));
      append(sequence, tokens[i].token.value);
    }
    inside[i] =
        sequence.inside[static_cast<std::size_t>(tokens[i].position.value - sequence.first)];
  }
}

} // namespace switchyard::routing
