#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/jobs/decoders.h"
#include "app/jobs/evaluate/likelihood.h"
#include "app/jobs/evaluate/outcome.h"
#include "app/jobs/evaluate/task_file.h"
#include "app/jobs/evaluate/thinking.h"
#include "app/jobs/evaluate/variant.h"
#include "core/base/progress.h"
#include "core/base/thread_context.h"
#include "core/model/model.h"
#include "core/session/sampler.h"

namespace switchyard::jobs::evaluate {

/// How every variant answers.
struct Settings {
  std::int64_t maxTokens = 256; ///< of an answer, thinking included
  session::SamplerOptions sampler{};
  std::vector<std::string> stop{}; ///< texts that end an answer
  bool addTemplate = true;         ///< the tokenizer's BOS and EOS around prompts
};
/// Everything that changes an outcome, as one line of JSON.
std::string toJson(const Settings& settings);

/// What is run, loaded and tokenized. Immutable; shared by all workers.
struct Bench {
  std::shared_ptr<const model::Model> model;
  std::optional<tokenizer::Tokenizer> tokenizer;
  std::optional<ThinkingMarkers> markers;
  Settings settings;
  std::vector<Task> tasks;
  std::vector<ScoredText> prompts;            ///< of each task that generates: its tokens
  std::vector<std::vector<ScoredText>> texts; ///< of each task that only rates: what is rated
};

/// Tokenizes and checks. Errors: the tokenizer's; LimitExceeded, with file and line, for a text
/// beyond the model's positions.
base::Result<Bench> makeBench(std::shared_ptr<const model::Model> model,
                              std::optional<tokenizer::Tokenizer> tokenizer,
                              std::vector<Task> tasks, const Settings& settings);

/// A variant, ready to run.
struct Way {
  std::unique_ptr<routing::Policy> policy; ///< begun; null for the model's own routing
  std::shared_ptr<const DecoderChoice> decoder;
  session::CompileRecipe compile; ///< of the decoder's recipes
};

/// One run of one item. Nothing if it was stopped on request. The random stream depends on item and
/// repeat only, so that variants see the same draws. The way's policy is used by this thread alone.
base::Result<std::optional<Outcome>> runItem(const Bench& bench, const Way& way, std::int64_t item,
                                             std::int64_t repeat,
                                             const base::ThreadContext& threads,
                                             const base::RunControl& control);

/// What is still to be run.
struct Cell {
  std::size_t variant = 0; ///< in the list of variants
  std::int64_t item = 0;
  std::int64_t repeat = 0;
};

/// Called with each finished cell, on the thread that called runCells, in any order.
using CellSink = std::function<base::Result<void>(const Cell& cell, Outcome outcome)>;

/// Runs cells, `jobs` at once, with the threads shared among them. ways: one per variant. Returns
/// false after a stop request. Errors: the first one of a
/// cell, with the item's file and line, or the sink's; cells that are running are finished first.
base::Result<bool> runCells(const Bench& bench, const std::vector<Way>& ways,
                            const std::vector<Cell>& cells, int jobs,
                            const base::ThreadContext& threads, const CellSink& sink,
                            std::stop_token stop);

} // namespace switchyard::jobs::evaluate
