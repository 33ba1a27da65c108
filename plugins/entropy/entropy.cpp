#include "analyzers/entropy/entropy.h"
#include "plugins/common/wrapped_analyzer.h"

namespace {

using namespace switchyard;

struct Maker {
  static std::unique_ptr<trace::Analyzer> make(const sdk::Options& options) {
    analyzers::EntropyOptions entropy;
    entropy.probabilities = options.string("probabilities") == "sigmoid"
                                ? analyzers::Probabilities::Sigmoid
                                : analyzers::Probabilities::Softmax;
    entropy.uncertainShare = options.number("uncertain-share");
    return std::make_unique<analyzers::Entropy>(entropy);
  }
};

} // namespace

SY_PLUGIN("org.switchyard.entropy", "1.0.0", plugins::WrappedAnalyzer<Maker>);
