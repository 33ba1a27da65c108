#include "core/plugin/conformance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/plugin/support.h"

namespace switchyard::plugin {
namespace {

using ::testing::HasSubstr;

std::string failuresOf(const ConformanceReport& report) {
  std::string text;
  for (const Check& check : report.checks)
    if (check.verdict == Verdict::Failed)
      text += check.name + ": " + check.detail + "\n";
  return text;
}

ConformanceReport checkHostile(const std::string& mode, const std::string& kinds) {
  const testing::TempFolder folder;
  const auto sidecar =
      testing::placeHostile(folder.path(), "misbehaving", kinds, "org.example.misbehaving");
  ConformanceOptions options;
  options.arguments = {{"mode", mode}};
  options.limit = std::chrono::seconds(20);
  options.resultLimit = std::chrono::milliseconds(200);
  return checkPlugin(sidecar, options).value();
}

class BuiltIn : public ::testing::TestWithParam<const char*> {};

TEST_P(BuiltIn, Conforms) {
  const auto report = checkPlugin(std::filesystem::path(SY_BUILT_PLUGINS) /
                                  (std::string(GetParam()) + ".plugin.json"));
  ASSERT_TRUE(report) << report.error().describe();
  EXPECT_TRUE(report->passed()) << failuresOf(*report);
  EXPECT_GE(report->checks.size(), 6u);
}

INSTANTIATE_TEST_SUITE_P(All, BuiltIn,
                         ::testing::Values("load", "coactivation", "transitions", "specialization",
                                           "entropy", "agreement", "locality", "expert_cache",
                                           "sample_router", "sample_analyzer", "sample_simulator",
                                           "sample_decoder", "self_contrast", "rerouting",
                                           "drop_experts"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Conformance, OfAPluginThatNeedsAnOption) {
  const auto sidecar = std::filesystem::path(SY_BUILT_PLUGINS) / "npmi.plugin.json";
  EXPECT_THAT(failuresOf(checkPlugin(sidecar).value()), HasSubstr("needs option 'markers'"));
  const auto report =
      checkPlugin(sidecar, {.arguments = {{"markers", "a:1:7"}, {"markers", "b:-1:8 9|3"}}});
  EXPECT_TRUE(report->passed()) << failuresOf(*report);
  for (const char* wrong : {"a", "a:1", "a:x:7", "a:1:seven", ":1:7"})
    EXPECT_THAT(failuresOf(checkPlugin(sidecar, {.arguments = {{"markers", wrong}}}).value()),
                HasSubstr("NAME:COEFFICIENT:IDS"))
        << wrong;
}

TEST(Conformance, FindsWhatIsWrong) {
  const std::vector<std::tuple<const char*, const char*, const char*>> cases = {
      {"result-nan", R"("analyzer")", "finite numbers"},
      {"result-throws", R"("analyzer")", "exception left result()"},
      {"result-hangs", R"("analyzer")", "did not return within 0.2 s"},
      {"add-throws", R"("analyzer")", "exception left add()"},
      {"leaks-a-thread", R"("analyzer")", "threads are still running"},
      {"depends-on-history", R"("analyzer")", "determinism"},
      {"id-twice", R"("router")", "twice"},
      {"weight-nan", R"("router")", "weight nan"},
      {"looks-at-neighbours", R"("router")", "set needs_batch"},
  };
  for (const auto& [mode, kinds, message] : cases) {
    const ConformanceReport report = checkHostile(mode, kinds);
    EXPECT_FALSE(report.passed()) << mode;
    EXPECT_THAT(failuresOf(report), HasSubstr(message)) << mode;
  }
}

TEST(Conformance, ACrashIsAFailedCheckNotTheEndOfTheProgram) {
  const ConformanceReport report = checkHostile("crashes", R"("analyzer")");
  EXPECT_FALSE(report.passed());
  EXPECT_THAT(failuresOf(report), HasSubstr("the plugin "));
}

TEST(Conformance, APluginThatEndsTheProcessIsFoundOut) {
  EXPECT_THAT(failuresOf(checkHostile("exits", R"("analyzer")")),
              HasSubstr("ended the process with status 3"));
}

TEST(Conformance, AHangOutsideResultIsKilled) {
  const testing::TempFolder folder;
  const auto sidecar = testing::placeHostile(folder.path(), "misbehaving", R"("analyzer")",
                                             "org.example.misbehaving");
  ConformanceOptions options;
  options.arguments = {{"mode", "add-hangs"}};
  options.limit = std::chrono::milliseconds(800);
  const auto report = checkPlugin(sidecar, options).value();
  EXPECT_THAT(failuresOf(report), HasSubstr("did not end within 0.8 s and was killed"));
}

TEST(Conformance, ABrokenLibraryFailsToLoad) {
  const testing::TempFolder folder;
  const auto sidecar = testing::placeHostile(folder.path(), "no_entry", R"("analyzer")");
  EXPECT_THAT(failuresOf(checkPlugin(sidecar).value()), HasSubstr("load: "));
  EXPECT_FALSE(checkPlugin(folder.path() / "nothing.plugin.json"));
}

} // namespace
} // namespace switchyard::plugin
