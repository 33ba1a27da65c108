#include "analyzers/transitions/transitions.h"
#include "plugins/common/wrapped_analyzer.h"

namespace {

using namespace switchyard;

struct Maker {
  static std::unique_ptr<trace::Analyzer> make(const sdk::Options& options) {
    analyzers::TransitionsOptions transitions;
    transitions.crossToken = options.boolean("cross-token");
    transitions.equalRank = options.boolean("equal-rank");
    transitions.figureExperts = static_cast<int>(options.integer("figure-experts"));
    transitions.flowExperts = static_cast<int>(options.integer("flow-experts"));
    transitions.permutations = static_cast<int>(options.integer("permutations"));
    transitions.seed = static_cast<std::uint64_t>(options.integer("seed"));
    return std::make_unique<analyzers::Transitions>(transitions);
  }
};

} // namespace

SY_PLUGIN("org.switchyard.transitions", "1.0.0", plugins::WrappedAnalyzer<Maker>);
