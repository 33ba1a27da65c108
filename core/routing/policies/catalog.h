#pragma once

#include <memory>
#include <span>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "core/base/error.h"
#include "core/routing/policy.h"

namespace switchyard::routing {

/// One built-in step.
struct StepInfo {
  std::string_view id;
  std::string_view summary;
  bool causal = true; ///< false: a token's experts depend on later tokens of its batch
  /// Has the option `experts`, which is also where the experts of a recipe scope go.
  bool actsOnExperts = false;
  bool needsTokenId = false; ///< as its policy's traits
  int virtualExperts = 0;    ///< at most, as its policy's traits
};

/// All built-in steps, by id.
std::span<const StepInfo> builtInSteps();

/// Makes a built-in step from its options (a JSON object; see steps.h for each).
/// Errors: NotFound (no such step, lists them), InvalidArgument naming the option.
base::Result<std::unique_ptr<Policy>> makeStep(std::string_view id, const nlohmann::json& options);

} // namespace switchyard::routing
