#include "analyzers/load/load.h"
#include "plugins/common/wrapped_analyzer.h"

namespace {

using namespace switchyard;

struct Maker {
  static std::unique_ptr<trace::Analyzer> make(const sdk::Options& options) {
    analyzers::LoadOptions load;
    load.probabilities = options.string("probabilities") == "sigmoid"
                             ? analyzers::Probabilities::Sigmoid
                             : analyzers::Probabilities::Softmax;
    return std::make_unique<analyzers::Load>(load);
  }
};

} // namespace

SY_PLUGIN("org.switchyard.load", "1.0.0", plugins::WrappedAnalyzer<Maker>);
