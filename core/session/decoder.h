#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/ids.h"

namespace switchyard::session {

using BranchId = std::int32_t; ///< one KV state of a decoding; 0 is the one that has the prompt
using RecipeId = std::int32_t; ///< a compiled recipe; 0 is the model's own routing

/// Tokens that one branch runs next.
struct BranchStep {
  BranchId branch = 0;
  std::span<const base::TokenId> tokens; ///< at least one
  RecipeId recipe = 0;                   ///< routing of these tokens
  /// [moeLayers, E] added to the router logits of every token of the step, or empty.
  std::span<const float> routerOffsets;
  std::span<float> logits; ///< [vocabulary] next-token logits after the last token; or empty
};

/// What a decoder drives: the branches of one decoding, on the session's thread. A call that fails
/// leaves all branches as they were.
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
  /// A branch without tokens, and a copy of a branch (its KV state is shared until it differs).
  /// Error LimitExceeded past the host's bound on branches.
  virtual base::Result<BranchId> open() = 0;
  virtual base::Result<BranchId> fork(BranchId from) = 0;
  /// Gives a branch's memory back. Branch 0 stays. Error NotFound.
  virtual base::Result<void> close(BranchId branch) = 0;
  virtual base::Result<std::int64_t> length(BranchId branch) const = 0;
  /// Runs all steps as one batch that reads shared weights once; no branch twice.
  virtual base::Result<void> step(std::span<const BranchStep> steps) = 0;
  /// Whether routerGradient() works here.
  virtual bool hasGradients() const = 0;
  /// Loss and exact gradient of next-token cross-entropy (nats, mean over tokens 1..n-1 given those
  /// before) with respect to router-logit offsets [moeLayers, E], at `offsets` (same shape, or
  /// empty for zeros). Touches no branch. Error Unsupported where hasGradients() is false.
  virtual base::Result<double> routerGradient(std::span<const base::TokenId> tokens,
                                              RecipeId recipe, std::span<const float> offsets,
                                              std::span<float> gradient) = 0;
};

/// What a decoder decided, and what is worth keeping of how.
struct DecodedToken {
  base::TokenId token;
  bool stop = false; ///< the decoder ends the text here; token is not emitted
  std::vector<std::pair<std::string, double>> record; ///< named figures of the step, for the trace
};

/// Chooses the next token by driving the session: several passes, forks, a recipe for each pass.
/// One object decodes one text; used by the session's thread only.
class Decoder {
public:
  virtual ~Decoder() = default;
  virtual std::string_view id() const = 0;
  /// Called once. Branch 0 has run `prompt` but for its last token, so that the first next() can
  /// run it with the routing it wants. The prompt is not empty; borrowed during the call.
  virtual base::Result<void> begin(DecodeHost& host, std::span<const base::TokenId> prompt) = 0;
  /// The next token, given that `last` (the prompt's last token, then what next() returned) has
  /// been emitted but not run. The decoder runs it on the branches it keeps.
  virtual base::Result<DecodedToken> next(DecodeHost& host, base::TokenId last) = 0;
};

} // namespace switchyard::session
