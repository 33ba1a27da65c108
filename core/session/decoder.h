#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/ids.h"
#include "core/routing/policy.h"

namespace switchyard::session {

using BranchId = std::int32_t; ///< one KV state of a decoding; 0 is the one that has the prompt
/// A compiled recipe; 0 is the run's routing: the model's own, or what the user's recipe makes of
/// it.
using RecipeId = std::int32_t;

/// Tokens that one branch runs next.
struct BranchStep {
  BranchId branch = 0;
  std::span<const base::TokenId> tokens; ///< at least one
  RecipeId recipe = 0;                   ///< routing of these tokens
  /// [moeLayers, E] added to the router logits of every token of the step, or empty.
  std::span<const float> routerOffsets;
  std::span<float> logits; ///< [vocabulary] next-token logits after the last token; or empty
};

/// How the tokens of a gradient's forward pass were routed. T = tokens - 1: the last one is not
/// run.
struct ContextRouting {
  /// [moeLayers] mean over tokens and selected experts of -log p in nats, p the router's softmax
  /// (sigmoid gates: sigmoids divided by their sum) with the offsets added, before a recipe's
  /// edits; or empty.
  std::span<double> surprise;
  /// [moeLayers, T, k] selected experts in rank order, -1 in unused slots; or empty.
  std::span<std::int32_t> ids;
};

/// A text and where to take its gradient.
struct GradientCall {
  std::span<const base::TokenId> tokens; ///< at least two
  RecipeId recipe = 0;
  std::span<const float> offsets; ///< [moeLayers, E] added to the router logits; empty: zeros
  std::span<float> gradient;      ///< out, [moeLayers, E]; empty: the loss alone, a forward pass
  ContextRouting routing{};       ///< out
};

/// What a decoder drives: the branches of one decoding, on the session's thread. A call that fails
/// leaves all branches as they were.
///
/// Branch 0 is what the user sees: it runs the prompt and the emitted tokens and nothing else, in
/// order, and its routing is what a trace records. Other branches may run anything.
class DecodeHost {
public:
  virtual ~DecodeHost() = default;
  virtual int vocabulary() const = 0;
  virtual int moeLayers() const = 0;
  virtual int experts() const = 0; ///< E
  virtual int k() const = 0;
  /// Compiles a recipe (JSON text). Errors: InvalidFormat, InvalidArgument; Unsupported where the
  /// host cannot apply recipes.
  virtual base::Result<RecipeId> compileRecipe(std::string_view json) = 0;
  /// A branch without tokens, and a copy of a branch, its KV state and all: costs as much memory as
  /// the branch it is made of. Error LimitExceeded past the host's bound on branches.
  virtual base::Result<BranchId> open() = 0;
  virtual base::Result<BranchId> fork(BranchId from) = 0;
  /// Gives a branch's memory back. Errors: NotFound; InvalidArgument for branch 0, which stays.
  virtual base::Result<void> close(BranchId branch) = 0;
  virtual base::Result<std::int64_t> length(BranchId branch) const = 0;
  /// Runs all steps as one batch that reads shared weights once; no branch twice.
  virtual base::Result<void> step(std::span<const BranchStep> steps) = 0;
  /// Next-token logits of some tokens, `out` [tokens], after the last one that the branch has run:
  /// the bits that BranchStep::logits gets, at the cost of these tokens' part of the LM head.
  /// Errors: NotFound; InvalidArgument for a token outside the vocabulary, another size of `out`,
  /// and a branch that has run nothing here or was rewound.
  virtual base::Result<void> tokenLogits(BranchId branch, std::span<const base::TokenId> tokens,
                                         std::span<float> out) = 0;
  /// Whether anybody keeps what decoders record. Where not, records may stay empty, and what would
  /// be computed for them alone need not be.
  virtual bool keepsRecords() const = 0;
  /// Drops what a branch has run from `length` tokens on. Tokens that branch 0 runs again are not
  /// recorded again. Errors: NotFound; InvalidArgument for a length that it has not; Unsupported
  /// where its routing remembers the tokens that would be dropped.
  virtual base::Result<void> rewind(BranchId branch, std::int64_t length) = 0;
  /// Draws the next token as the user asked (greedy, temperature, top-k, ...) from the decoder's
  /// scores [vocabulary]: logits, or what it made of them; -inf: cannot be chosen. Once for each
  /// token. Error NonFinite if a score is NaN or none is finite.
  virtual base::Result<base::TokenId> sample(std::span<const float> scores) = 0;
  /// Whether routerGradient() works here.
  virtual bool hasGradients() const = 0;
  /// Loss and exact gradient of next-token cross-entropy (nats, mean over tokens 1..n-1 given those
  /// before) with respect to router-logit offsets. Touches no branch. Error Unsupported where
  /// hasGradients() is false, the recipe is not 0, or the run's recipe has no derivative.
  virtual base::Result<double> routerGradient(const GradientCall& call) = 0;
};

/// What a decoder decided, and what is worth keeping of how.
struct DecodedToken {
  base::TokenId token;
  bool stop = false; ///< the decoder ends the text here; token is not emitted
  std::vector<std::pair<std::string, double>> record; ///< named figures of the step, for the trace
};

/// Chooses the next token by driving the session: several passes, forks, a recipe for each pass.
/// Samplers work under every decoder that draws its tokens with DecodeHost::sample().
/// One object decodes one text; used by the session's thread only.
class Decoder {
public:
  virtual ~Decoder() = default;
  virtual std::string_view id() const = 0;
  /// Names of all figures that records may hold, in the order of a trace's columns; no others are
  /// stored. Called once, before begin(). layers: the model's MoE layers.
  virtual base::Result<std::vector<std::string>>
  figures(std::span<const routing::LayerFacts> layers) = 0;
  /// Called once. Branch 0 has run `prompt` but for its last token, so that the first next() can
  /// run it with the routing it wants. The prompt is not empty; borrowed during the call.
  virtual base::Result<void> begin(DecodeHost& host, std::span<const base::TokenId> prompt) = 0;
  /// The next token, given that `last` (the prompt's last token, then what next() returned) has
  /// been emitted but not run. The decoder runs it on the branches it keeps.
  virtual base::Result<DecodedToken> next(DecodeHost& host, base::TokenId last) = 0;
};

} // namespace switchyard::session
