#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/jobs/decoders.h"
#include "app/jobs/generate.h"
#include "app/studio/document/item.h"
#include "app/studio/live/chosen_tokens.h"
#include "app/studio/live/live_state.h"
#include "app/studio/live/pacer.h"
#include "app/studio/live/routing_feed.h"
#include "core/plugin/registry.h"
#include "core/trace/reader.h"

namespace switchyard::studio {

/// What is generated, with what. A value that both threads may hold.
struct LiveRequest {
  std::shared_ptr<const LoadedModel> model{};
  std::filesystem::path folder{}; ///< of the model
  std::string prompt{};
  jobs::GenerateOptions generate{};
  jobs::DecoderRequest decoder{};
  std::shared_ptr<const routing::Recipe> recipe{}; ///< null: the model's own routing
  std::filesystem::path trace{};                   ///< new file to record into; empty: nothing is
  trace::Columns columns{.weights = true, .logits = true};
  /// So many of the text's first positions the caller has already: they need not come through the
  /// feed.
  std::int64_t held = 0;
};

/// Known once the prompt has been tokenized, before the model runs.
struct LiveStart {
  TrackShape shape{};
  std::vector<base::TokenId> prompt{};
  std::shared_ptr<RoutingFeed> feed{};    ///< the caller's thread reads it
  std::shared_ptr<ChosenTokens> chosen{}; ///< behind those that are forced
};

struct LiveOutcome {
  jobs::GenerateResult generated{};
  std::shared_ptr<const trace::Trace> trace{}; ///< of the request's file; null: not recorded
};

/// Generates on the calling thread; `started` is called on it once, then tokens come through the
/// feed, at the pace that `pacer` allows. Pacer::stop() ends it like a stop request: what was made
/// is recorded and returned with StopReason::Cancelled. state: what the generation before left;
/// positions that it holds and the caller has are not run again, with the same tokens and the same
/// trace. It is replaced by what this one leaves; null: everything is run, nothing is left. Errors:
/// those of tokenizing, of the recipe, the decoder, the model and of recording.
base::Result<LiveOutcome> runLive(const LiveRequest& request,
                                  const std::shared_ptr<plugin::Registry>& registry,
                                  const base::ThreadContext& threads, Pacer& pacer,
                                  const std::function<void(LiveStart)>& started,
                                  const base::RunControl& control, LiveState* state = nullptr);

} // namespace switchyard::studio
