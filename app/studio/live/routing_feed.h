#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "analyzers/common/softmax.h"
#include "app/studio/live/spsc_ring.h"
#include "app/studio/live/token_routing.h"
#include "core/hooks/observer.h"
#include "core/routing/policy.h"

namespace switchyard::studio {

struct FeedOptions {
  TrackShape shape{};
  analyzers::Probabilities probabilities = analyzers::Probabilities::Softmax;
  /// The model's own rule, for TrackShape::agreement; borrowed, and so is what it borrows.
  std::span<const routing::LayerFacts> facts{};
};

/// Brings the routing of every token from the thread that decodes to the one that paints, through a
/// ring that neither side waits for. A token is handed over when the one behind it begins, or with
/// what was chosen after it: a reader is never more than one token behind. Where the reader does
/// not keep up, tokens are counted as dropped, not waited for.
class RoutingFeed final : public hooks::Observer {
public:
  explicit RoutingFeed(const FeedOptions& options);

  // --- the thread that decodes
  hooks::PointSet wants() const override;
  /// Errors: InvalidArgument for a layer that the shape does not have; those of routing::route.
  base::Result<void> onRouter(const hooks::RouterEvent& event) override;
  /// What follows the last token that was run; hands that token over. Takes what is in `next` and
  /// leaves it with the memory of an earlier one, to be filled again.
  void setNext(NextToken& next);
  /// Hands over what is held back.
  void flush();

  // --- the thread that paints
  /// Calls `take` with every token that has arrived, in order; `take` may take its parts. Returns
  /// how many there were.
  std::size_t drain(const std::function<void(TokenRouting&)>& take);
  std::int64_t dropped() const { return m_dropped.load(std::memory_order_relaxed); }

private:
  void begin(std::span<const hooks::RowInfo> rows);
  void fill(const hooks::RouterEvent& event, std::size_t moeLayer);
  base::Result<void> compare(const hooks::RouterEvent& event, std::size_t moeLayer);
  void push(TokenRouting& routing);

  FeedOptions m_options;
  std::size_t m_k = 0;
  std::vector<int> m_moeLayerOf;    ///< by position in the stack; -1: dense
  std::vector<TokenRouting> m_rows; ///< of the pass that is running
  std::size_t m_rowCount = 0;
  TokenRouting m_held; ///< finished, not handed over
  bool m_holds = false;
  NextToken m_spare; ///< what a token before left, for its memory
  std::vector<float> m_probabilities, m_ownWeights;
  std::vector<std::int32_t> m_own;
  SpscRing<TokenRouting> m_ring;
  std::atomic<std::int64_t> m_dropped{0};
};

} // namespace switchyard::studio
