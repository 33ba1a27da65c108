#pragma once

#include <memory>
#include <string>
#include <vector>

#include <QString>

#include "app/jobs/decoders.h"
#include "app/jobs/generate.h"
#include "app/studio/document/item.h"
#include "app/studio/steer/token_diff.h"
#include "core/base/progress.h"
#include "core/plugin/registry.h"

namespace switchyard::studio {

struct AbRequest {
  std::shared_ptr<const LoadedModel> model;
  std::string prompt;
  jobs::GenerateOptions generate{};              ///< of both
  jobs::DecoderRequest decoder{};                ///< of both
  std::shared_ptr<const routing::Recipe> recipe; ///< of B
};

/// The two `switchyard generate` that make A and B, a line each. model: its folder.
QString commandLines(const AbRequest& request, const QString& model);

struct AbOutcome {
  std::vector<base::TokenId> prompt;
  jobs::GenerateResult a, b;
  TokenDiff diff; ///< of the generated tokens
};

/// Continues a prompt with the model's own routing (A), then with the recipe (B): same decoder,
/// limits and random draws. Reports tokens of both together. Errors: those of tokenizing, recipe,
/// decoder and model; Unsupported without a tokenizer; Cancelled.
base::Result<AbOutcome> runAb(const AbRequest& request,
                              const std::shared_ptr<plugin::Registry>& registry,
                              const base::ThreadContext& threads, const base::RunControl& control);

} // namespace switchyard::studio
