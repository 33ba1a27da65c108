#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "core/routing/policy.h"

namespace switchyard::routing {

/// Token ids that open and close a span, each one or more in a row.
struct SpanMarkers {
  std::vector<std::int32_t> open, close; ///< neither empty
  friend bool operator==(const SpanMarkers&, const SpanMarkers&) = default;
};

/// Says which tokens stand inside a marked span of their sequence, for example inside <think>.
/// The first token inside is the one after the opening marker's last; the span ends before the
/// closing marker's last token (which is outside, as the opening marker is). Spans do not nest; one
/// that is never closed goes on. Markers are matched token by token in what was seen, prompt and
/// generated alike.
///
/// Batches of a sequence come in order, and the same tokens come again at each layer. A token that
/// replaces another at its position (a rewound session) takes back what was known from there on.
/// Memory: one entry per token of the last kMaxSequences sequences.
class SpanTracker {
public:
  static constexpr std::size_t kMaxSequences = 4096;

  explicit SpanTracker(SpanMarkers markers) : m_markers(std::move(markers)) {}

  /// inside[i] = 1 if tokens[i] is inside. Tokens before the first one ever seen of a sequence
  /// count as not matching anything.
  void look(std::span<const TokenFacts> tokens, std::span<std::uint8_t> inside);

private:
  struct Sequence {
    std::int64_t first = 0; ///< position of tokens[0]
    std::vector<std::int32_t> tokens;
    std::vector<std::uint8_t> inside;
    std::uint64_t lastUse = 0;
  };

  Sequence& sequenceOf(const TokenFacts& token);
  void append(Sequence& sequence, std::int32_t token) const;
  static bool endsWith(const std::vector<std::int32_t>& tokens,
                       const std::vector<std::int32_t>& marker);

  SpanMarkers m_markers;
  std::map<std::int64_t, Sequence> m_sequences;
  std::uint64_t m_clock = 0;
};

} // namespace switchyard::routing
