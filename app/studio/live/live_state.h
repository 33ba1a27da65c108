#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "app/studio/document/item.h"
#include "core/hooks/observer.h"
#include "core/model/kv_cache.h"
#include "core/routing/recipe.h"
#include "core/trace/reader.h"

namespace switchyard::studio {

struct LiveRequest;

/// What a generation leaves for one that begins with the same tokens: its KV state and the rows
/// that were recorded with it. Of plain decoding only: other decoders have states of their own.
/// Belongs to the thread that generates.
struct LiveState {
  /// A state that takes more memory than this is not kept.
  static constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30;

  std::weak_ptr<const LoadedModel> model{};
  std::shared_ptr<const routing::Recipe> recipe{};
  std::uint64_t seed = 0; ///< counts for random routing
  std::vector<base::TokenId> prompt{};
  std::vector<base::TokenId> generated{};
  std::shared_ptr<const trace::Trace> trace{}; ///< null: nothing is kept
  model::KvCache cache{};

  /// How many positions of the text that `request` asks for are here and need not be run: those
  /// that the caller has (LiveRequest::held), but for the last one before a draw.
  std::int64_t reusable(const LiveRequest& request, std::span<const base::TokenId> prompt) const;
};

/// Shows `observer` the first `rows` rows of the trace's first sequence as the forward pass did.
/// Errors: those of the reader and of the observer; Cancelled.
base::Result<void> showRecorded(const trace::Trace& trace, std::int64_t rows,
                                hooks::Observer& observer, const base::RunControl& control);

} // namespace switchyard::studio
