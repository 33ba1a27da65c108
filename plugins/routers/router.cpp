#include "plugins/common/wrapped_router.h"

namespace {

using namespace switchyard;

/// The step that the build names.
class Step final : public plugins::WrappedRouter {
public:
  inline static const std::uint32_t kFlags = plugins::stepFlags(SY_STEP);
  inline static const int kVirtualExperts = plugins::stepVirtualExperts(SY_STEP);
  explicit Step(const sdk::Options& options) : WrappedRouter(SY_STEP, options) {}
};

} // namespace

SY_PLUGIN("org.switchyard." SY_STEP, "1.0.0", Step);
