#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/plugin/adapters.h"
#include "tests/plugin/support.h"

namespace switchyard::plugin {
namespace {

using ::testing::HasSubstr;
using testing::misbehaving;
using testing::modeOptions;

base::Result<trace::AnalysisResult> resultOf(const std::string& mode, HostContext context = {}) {
  auto analyzer = SY_TRY(makeAnalyzer(misbehaving(), modeOptions(mode), context));
  const testing::MadeUpTrace trace(1, 2, 2, 8, 2);
  SY_TRY(analyzer->begin(trace.layers()));
  for (std::size_t s = 0; s < trace.sequences(); ++s)
    for (const auto& block : trace.blocks(s))
      SY_TRY(analyzer->add(block));
  return analyzer->result();
}

TEST(HostileAnalyzer, EveryFailureIsAClearError) {
  const std::vector<std::tuple<const char*, base::ErrorCode, const char*>> cases = {
      {"create-throws", base::ErrorCode::Internal, "exception left create()"},
      {"create-fails", base::ErrorCode::Unsupported, "does not feel like it \xEF\xBF\xBD"},
      {"create-null", base::ErrorCode::Internal, "no object"},
      {"unknown-status", base::ErrorCode::Internal, "status 4711"},
      {"begin-throws", base::ErrorCode::Internal, "exception left begin()"},
      {"add-throws", base::ErrorCode::Internal, "exception left add()"},
      {"result-throws", base::ErrorCode::Internal, "exception left result()"},
      {"result-short-row", base::ErrorCode::InvalidArgument, "has 2 columns, a row of it 1"},
      {"result-bad-name", base::ErrorCode::InvalidArgument, "name '../../etc/passwd'"},
      {"result-twice", base::ErrorCode::InvalidArgument, "table 't' is there twice"},
      {"result-ignores-refusal", base::ErrorCode::InvalidArgument, "a row before any table"},
      {"result-null-name", base::ErrorCode::InvalidArgument, "table name ''"},
      {"result-bad-cell", base::ErrorCode::InvalidArgument, "unknown type 77"},
      {"result-too-many", base::ErrorCode::LimitExceeded, "more than 4096"},
      {"result-huge-axis", base::ErrorCode::LimitExceeded, "values"},
      {"result-bad-merges", base::ErrorCode::InvalidArgument, "not free"},
      {"result-null-figure", base::ErrorCode::InvalidArgument, "figure is null"},
      {"result-bad-flow", base::ErrorCode::InvalidArgument, "later column"},
  };
  for (const auto& [mode, code, message] : cases) {
    const auto result = resultOf(mode);
    ASSERT_FALSE(result) << mode;
    EXPECT_EQ(result.error().code, code) << mode << ": " << result.error().message;
    EXPECT_THAT(result.error().message, HasSubstr("plugin 'misbehaving': "));
    EXPECT_THAT(result.error().message, HasSubstr(message)) << mode;
  }
}

TEST(HostileAnalyzer, ValuesThatAreNotFiniteBecomeUndefinedWithAWarning) {
  const auto result = resultOf("result-nan").value();
  ASSERT_EQ(result.tables.size(), 1u);
  for (const auto& row : result.tables[0].rows)
    for (const auto& cell : row)
      EXPECT_TRUE(std::holds_alternative<std::monostate>(cell));
  const auto& heatmap = std::get<trace::Heatmap>(result.figures[0].content);
  EXPECT_TRUE(std::isnan(heatmap.values[2]));
  EXPECT_EQ(result.findings, std::vector<std::string>{"caf\xEF\xBF\xBD is not UTF-8"});
  EXPECT_EQ(
      result.warnings,
      (std::vector<std::string>{"figure 'f': 1 value not finite; shown as undefined",
                                "table 't', column 'x': 2 values not finite; shown as undefined",
                                "table 't', column 'y': 2 values not finite; shown as undefined"}));
}

TEST(HostileAnalyzer, AHangingResultIsGivenUpAndTheInstanceNotUsedAgain) {
  HostContext context;
  context.resultLimit = std::chrono::milliseconds(100);
  auto analyzer = makeAnalyzer(misbehaving(), modeOptions("result-hangs"), context).value();
  const testing::MadeUpTrace trace(1, 1, 1, 8, 2);
  ASSERT_TRUE(analyzer->begin(trace.layers()));
  const auto begin = std::chrono::steady_clock::now();
  const auto result = analyzer->result();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, base::ErrorCode::LimitExceeded);
  EXPECT_THAT(result.error().message, HasSubstr("result() did not return within 0.1 s"));
  EXPECT_THAT(analyzer->result().error().message, HasSubstr("hung before"));
  EXPECT_FALSE(analyzer->add(trace.blocks(0).front()));
}

TEST(HostileAnalyzer, ASlowResultIsAskedToStopFirst) {
  HostContext context;
  context.resultLimit = std::chrono::milliseconds(60);
  const auto result = resultOf("result-waits-for-cancel", context);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, base::ErrorCode::Cancelled);
  EXPECT_THAT(result.error().message, HasSubstr("stopped as asked"));
}

TEST(HostileAnalyzer, CancellingTheRunReachesAResult) {
  std::stop_source stop;
  stop.request_stop();
  HostContext context;
  context.control.stop = stop.get_token();
  EXPECT_EQ(resultOf("result-waits-for-cancel", context).error().code, base::ErrorCode::Cancelled);
}

TEST(HostileAnalyzer, ThrowingInDestroyOrFailingToCloneDoesNoHarm) {
  EXPECT_TRUE(resultOf("destroy-throws"));
  auto analyzer = makeAnalyzer(misbehaving(), modeOptions("clone-fails"), {}).value();
  const auto twin = analyzer->cloneEmpty();
  EXPECT_THAT(twin->begin({}).error().message, HasSubstr("status 10"));
}

TEST(HostileAnalyzer, WantsWhatItSaysAndEverythingIfItThrows) {
  const auto wants = [](const char* mode) {
    return makeAnalyzer(misbehaving(), modeOptions(mode), {}).value()->wants();
  };
  EXPECT_EQ(wants("good"), trace::Columns{.logits = true});
  EXPECT_EQ(wants("wants-throws"), trace::Columns::ofBlocks());
}

TEST(Adapters, RefuseAPluginOfAnotherKind) {
  EXPECT_EQ(makeDecoder(misbehaving(), modeOptions("good"), {}).error().code,
            base::ErrorCode::InvalidArgument);
  EXPECT_THAT(makeSimulator(misbehaving(), modeOptions("good"), {}).error().message,
              HasSubstr("is no simulator"));
  EXPECT_FALSE(makeTransform(misbehaving(), modeOptions("good"), {}));
}

} // namespace
} // namespace switchyard::plugin
