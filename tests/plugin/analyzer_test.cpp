#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/rng.h"
#include "core/plugin/adapters.h"
#include "tests/plugin/support.h"

namespace switchyard::plugin {
namespace {

using testing::MadeUpTrace;

OptionValues firstChoiceOptions(std::int64_t top, const std::string& phase) {
  return {{"phase", OptionType::String, false, true, {phase}},
          {"top", OptionType::Integer, false, true, {top}}};
}

std::unique_ptr<trace::Analyzer> firstChoice(const std::string& phase = "all") {
  return makeAnalyzer(testing::builtIn("sample_analyzer"), firstChoiceOptions(8, phase), {})
      .value();
}

void feed(trace::Analyzer& analyzer, const MadeUpTrace& trace, std::size_t sequence,
          std::int64_t chunk) {
  for (const auto& block : trace.blocks(sequence, chunk))
    ASSERT_TRUE(analyzer.add(block));
}

TEST(SampleAnalyzer, CountsWhatANaiveLoopCounts) {
  const MadeUpTrace trace(3, 9, 3, 8, 2);
  auto analyzer = firstChoice();
  ASSERT_TRUE(analyzer->begin(trace.layers()));
  std::vector<std::vector<std::int64_t>> naive(3, std::vector<std::int64_t>(8, 0));
  for (std::size_t s = 0; s < trace.sequences(); ++s) {
    feed(*analyzer, trace, s, 7);
    for (const auto& block : trace.blocks(s, 1000))
      for (std::int64_t row = 0; row < block.rows; ++row)
        ++naive[static_cast<std::size_t>(block.moeLayer)]
               [block.ids[static_cast<std::size_t>(row) * 2]];
  }
  const auto result = analyzer->result().value();
  ASSERT_EQ(result.tables.size(), 1u);
  EXPECT_EQ(result.tables[0].rows.size(), 24u);
  for (const auto& row : result.tables[0].rows) {
    const auto layer = static_cast<std::size_t>((std::get<std::int64_t>(row[0]) - 1) / 2);
    const auto expert = static_cast<std::size_t>(std::get<std::int64_t>(row[1]));
    EXPECT_EQ(std::get<std::int64_t>(row[2]), naive[layer][expert]);
    EXPECT_DOUBLE_EQ(std::get<double>(row[3]), static_cast<double>(naive[layer][expert]) /
                                                   static_cast<double>(trace.tokens()));
  }
  EXPECT_EQ(result.provenance.analyzer, "org.switchyard.sample-analyzer");
  EXPECT_EQ(result.provenance.version, "1.0.0");
  EXPECT_EQ(result.provenance.sequences, 9);
  EXPECT_EQ(result.provenance.tokens, trace.tokens());
  EXPECT_EQ(result.provenance.options.size(), 2u);
}

TEST(SampleAnalyzer, AnySplitMergesToOnePass) {
  const MadeUpTrace trace(5, 12, 2, 16, 4);
  auto whole = firstChoice("generated");
  ASSERT_TRUE(whole->begin(trace.layers()));
  for (std::size_t s = 0; s < trace.sequences(); ++s)
    feed(*whole, trace, s, 16);
  base::Rng rng(11);
  for (int trial = 0; trial < 8; ++trial) {
    std::vector<std::unique_ptr<trace::Analyzer>> parts;
    for (int p = 0; p < 3; ++p) {
      parts.push_back(whole->cloneEmpty());
      ASSERT_TRUE(parts.back()->begin(trace.layers()));
    }
    for (std::size_t s = 0; s < trace.sequences(); ++s)
      feed(*parts[rng.nextBelow(3)], trace, s, 5);
    ASSERT_TRUE(parts[0]->merge(*parts[1]));
    ASSERT_TRUE(parts[0]->merge(*parts[2]));
    const auto a = whole->result().value(), b = parts[0]->result().value();
    EXPECT_EQ(a.tables[0].rows, b.tables[0].rows);
    EXPECT_EQ(a.provenance.tokens, b.provenance.tokens);
    EXPECT_EQ(a.provenance.sequences, b.provenance.sequences);
  }
}

TEST(SampleAnalyzer, RefusesToMergeWithAnother) {
  const MadeUpTrace trace(5, 1, 2, 16, 4);
  auto a = firstChoice("all"), b = firstChoice("generated"), c = firstChoice("all");
  ASSERT_TRUE(a->begin(trace.layers()));
  ASSERT_TRUE(b->begin(trace.layers()));
  ASSERT_TRUE(c->begin(std::span(trace.layers()).first(1)));
  EXPECT_EQ(a->merge(*b).error().code, base::ErrorCode::InvalidArgument);
  EXPECT_EQ(a->merge(*c).error().code, base::ErrorCode::InvalidArgument);
}

TEST(SampleAnalyzer, NothingSeenIsUndefinedNotZero) {
  const MadeUpTrace trace(5, 1, 1, 4, 2);
  auto analyzer = firstChoice();
  ASSERT_TRUE(analyzer->begin(trace.layers()));
  const auto result = analyzer->result().value();
  EXPECT_TRUE(std::holds_alternative<std::monostate>(result.tables[0].rows[0][3]));
  EXPECT_EQ(result.warnings.size(), 1u);
}

} // namespace
} // namespace switchyard::plugin
