#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/base/error.h"
#include "core/hooks/observer.h"
#include "core/trace/analyzer.h"

namespace switchyard::trace {

/// Gives routing to analyzers while a model runs, without a file in between: the same blocks as a
/// scan of the recorded trace, so that result() is the same bytes, at any time in between too.
/// LM logits come after the routing of their row, so RoutingBlock::predicted stays empty: analyzers
/// that want it say what they cannot tell. One sequence at a time; used by the session's thread.
class LiveFeed final : public hooks::Observer {
public:
  /// Calls begin() of each analyzer. layers: the model's MoE layers in order. The analyzers are
  /// borrowed. Errors: the analyzers'.
  static base::Result<std::unique_ptr<LiveFeed>> create(std::vector<LayerInfo> layers,
                                                        std::span<Analyzer* const> analyzers);

  /// Rows whose RowInfo::sequence is `id` belong to the sequence from now on; rows of others are
  /// left out. info.tokens and promptLength may be empty: tokens are taken from the rows.
  void beginSequence(SequenceInfo info, base::SequenceId id = base::SequenceId{0});

  hooks::PointSet wants() const override;
  /// Errors: InvalidArgument for a layer that was not announced or another number of experts; the
  /// analyzers'.
  base::Result<void> onRouter(const hooks::RouterEvent& event) override;

private:
  LiveFeed(std::vector<LayerInfo> layers, std::span<Analyzer* const> analyzers);
  void learnTokens(const hooks::RouterEvent& event, std::size_t first, std::size_t rows);

  std::vector<LayerInfo> m_layers;
  std::vector<Analyzer*> m_analyzers;
  SequenceInfo m_sequence;
  base::SequenceId m_id;
  std::vector<std::uint16_t> m_ids;
};

} // namespace switchyard::trace
