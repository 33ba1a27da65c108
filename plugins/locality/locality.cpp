#include "analyzers/locality/locality.h"
#include "plugins/common/wrapped_analyzer.h"

namespace {

using namespace switchyard;

struct Maker {
  static std::unique_ptr<trace::Analyzer> make(const sdk::Options& options) {
    analyzers::LocalityOptions locality;
    locality.lags = narrow(options.integers("lags"));
    locality.windows = narrow(options.integers("windows"));
    return std::make_unique<analyzers::Locality>(locality);
  }

private:
  static std::vector<int> narrow(const std::vector<std::int64_t>& values) {
    std::vector<int> out;
    for (const std::int64_t value : values)
      out.push_back(static_cast<int>(value));
    return out;
  }
};

} // namespace

SY_PLUGIN("org.switchyard.locality", "1.0.0", plugins::WrappedAnalyzer<Maker>);
