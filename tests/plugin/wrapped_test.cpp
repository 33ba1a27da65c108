#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analyzers/coactivation/coactivation.h"
#include "analyzers/entropy/entropy.h"
#include "analyzers/load/load.h"
#include "analyzers/locality/locality.h"
#include "analyzers/report/json.h"
#include "analyzers/specialization/specialization.h"
#include "analyzers/transitions/transitions.h"
#include "core/plugin/adapters.h"
#include "tests/plugin/support.h"

namespace switchyard::plugin {
namespace {

using testing::MadeUpTrace;

std::unique_ptr<trace::Analyzer> loaded(const std::string& name) {
  const auto plugin = testing::builtIn(name);
  const auto options = parseOptions(plugin->manifest().options, OptionArguments{}, name).value();
  return makeAnalyzer(plugin, options, {}).value();
}

/// What the mathematics returns, as JSON without provenance, which the host fills in.
std::string resultOf(trace::Analyzer& analyzer, const MadeUpTrace& trace) {
  EXPECT_TRUE(analyzer.begin(trace.layers()));
  for (std::size_t s = 0; s < trace.sequences(); ++s)
    for (const auto& block : trace.blocks(s))
      EXPECT_TRUE(analyzer.add(block));
  auto result = analyzer.result();
  EXPECT_TRUE(result) << result.error().describe();
  result->provenance = {};
  return analyzers::report::toJson(*result);
}

class BuiltInAnalyzer : public ::testing::TestWithParam<const char*> {
protected:
  static std::unique_ptr<trace::Analyzer> inner(const std::string& name) {
    if (name == "load")
      return std::make_unique<analyzers::Load>();
    if (name == "coactivation")
      return std::make_unique<analyzers::Coactivation>();
    if (name == "transitions")
      return std::make_unique<analyzers::Transitions>();
    if (name == "entropy")
      return std::make_unique<analyzers::Entropy>();
    if (name == "locality")
      return std::make_unique<analyzers::Locality>();
    return std::make_unique<analyzers::Specialization>();
  }
};

TEST_P(BuiltInAnalyzer, GivesThroughTheDoorWhatItGivesDirectly) {
  const MadeUpTrace trace(17, 12, 3, 16, 4);
  const auto direct = inner(GetParam());
  const auto through = loaded(GetParam());
  EXPECT_EQ(through->wants(), direct->wants());
  EXPECT_EQ(resultOf(*through, trace), resultOf(*direct, trace));
}

TEST_P(BuiltInAnalyzer, NamesItselfAndItsOptions) {
  const MadeUpTrace trace(17, 3, 1, 8, 2);
  const auto analyzer = loaded(GetParam());
  resultOf(*analyzer, trace);
  const auto provenance = analyzer->result().value().provenance;
  EXPECT_EQ(provenance.analyzer, std::string("org.switchyard.") + GetParam());
  EXPECT_EQ(provenance.sequences, 3);
  EXPECT_FALSE(provenance.formula.empty());
  EXPECT_FALSE(provenance.options.empty());
}

TEST(AgreementPlugin, ATraceAgreesWithItselfAndNeedsASecond) {
  const MadeUpTrace trace(3, 4, 2, 8, 2);
  const auto analyzer = loaded("agreement");
  ASSERT_TRUE(analyzer->begin(trace.layers()));
  EXPECT_NE(analyzer->add(trace.blocks(0).front()).error().message.find("two traces"),
            std::string::npos);
  for (std::size_t s = 0; s < trace.sequences(); ++s)
    for (const auto& block : trace.blocks(s)) {
      trace::RoutingBlock both = block;
      both.reference = &block;
      ASSERT_TRUE(analyzer->add(both));
    }
  const auto result = analyzer->result().value();
  const auto& table = result.tables.front();
  const auto column = std::ranges::find(table.columns, "identical", &trace::Column::name);
  ASSERT_NE(column, table.columns.end());
  for (const auto& row : table.rows)
    EXPECT_EQ(std::get<double>(row[static_cast<std::size_t>(column - table.columns.begin())]), 1.0);
}

INSTANTIATE_TEST_SUITE_P(All, BuiltInAnalyzer,
                         ::testing::Values("load", "coactivation", "transitions", "specialization",
                                           "entropy", "locality"),
                         [](const auto& info) { return std::string(info.param); });

} // namespace
} // namespace switchyard::plugin
