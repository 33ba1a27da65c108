#include "analyzers/specialization/specialization.h"
#include "plugins/common/wrapped_analyzer.h"

namespace {

using namespace switchyard;

struct Maker {
  static std::unique_ptr<trace::Analyzer> make(const sdk::Options& options) {
    analyzers::SpecializationOptions specialization;
    specialization.label = options.string("label");
    specialization.vocabulary = options.boolean("vocabulary");
    specialization.minCount = options.integer("min-count");
    specialization.alpha = options.number("alpha");
    specialization.top = static_cast<int>(options.integer("top"));
    specialization.topTokens = static_cast<int>(options.integer("top-tokens"));
    specialization.vocabularyOptions.ranks = static_cast<int>(options.integer("ranks"));
    specialization.vocabularyOptions.firstSeen = options.boolean("first-seen");
    return std::make_unique<analyzers::Specialization>(specialization);
  }
};

} // namespace

SY_PLUGIN("org.switchyard.specialization", "1.0.0", plugins::WrappedAnalyzer<Maker>);
