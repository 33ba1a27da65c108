#include "analyzers/coactivation/coactivation.h"
#include "plugins/common/wrapped_analyzer.h"

namespace {

using namespace switchyard;

struct Maker {
  static std::unique_ptr<trace::Analyzer> make(const sdk::Options& options) {
    analyzers::CoactivationOptions pairs;
    pairs.adjacent = options.boolean("adjacent");
    pairs.top = static_cast<int>(options.integer("top"));
    pairs.figureExperts = static_cast<int>(options.integer("figure-experts"));
    pairs.minPairCount = options.integer("min-pair-count");
    pairs.alpha = options.number("alpha");
    pairs.groups = static_cast<int>(options.integer("groups"));
    pairs.groupsKept = static_cast<int>(options.integer("groups-kept"));
    return std::make_unique<analyzers::Coactivation>(pairs);
  }
};

} // namespace

SY_PLUGIN("org.switchyard.coactivation", "1.0.0", plugins::WrappedAnalyzer<Maker>);
