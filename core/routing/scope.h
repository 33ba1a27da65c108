#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/routing/policies/expert_list.h"
#include "core/routing/policy.h"
#include "core/routing/span_tracker.h"

namespace switchyard::routing {

enum class Phase : std::uint8_t { Prompt, Generated };

/// Positions from..to - 1 of a sequence.
struct PositionRange {
  std::int64_t from = 0;
  std::int64_t to = 0;
  friend bool operator==(const PositionRange&, const PositionRange&) = default;
};

/// Where a step acts: a token must meet every part that is given. Empty parts do not restrict.
struct Scope {
  std::vector<std::int32_t> layers{};     ///< positions in the stack
  std::vector<ExpertRef> experts{};       ///< a choosing step may only choose among these
  std::vector<PositionRange> positions{}; ///< any of them
  std::optional<Phase> phase{};
  std::optional<std::vector<std::int32_t>> tokens{}; ///< ascending ids; given but empty: no token
  std::optional<SpanMarkers> inside{};

  bool needsTokenId() const { return tokens.has_value() || inside.has_value(); }
};

/// Which layers and rows of a batch a scope takes.
class ScopeFilter {
public:
  explicit ScopeFilter(Scope scope);

  const Scope& scope() const { return m_scope; }
  bool takes(const LayerFacts& layer) const;
  /// Ascending rows in scope. Called for every batch of every layer in scope, in order, so that
  /// spans are followed. Valid until the next call.
  std::span<const std::int32_t> rows(std::span<const TokenFacts> tokens);

private:
  bool takes(const TokenFacts& token) const;

  Scope m_scope;
  std::optional<SpanTracker> m_spans;
  std::vector<std::uint8_t> m_inside; ///< [T]
  std::vector<std::int32_t> m_rows;
};

} // namespace switchyard::routing
