#include "core/routing/policies/catalog.h"
#include "tests/core/routing/policy_bench.h"

namespace switchyard::routing::testing {

base::Result<std::unique_ptr<Policy>> makeStep(std::string_view id, const nlohmann::json& options) {
  return routing::makeStep(id, options);
}

} // namespace switchyard::routing::testing
