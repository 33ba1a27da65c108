#include "core/plugin/loader.h"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/plugin/registry.h"
#include "tests/plugin/support.h"

namespace switchyard::plugin {
namespace {

using ::testing::HasSubstr;
using testing::placeHostile;
using testing::TempFolder;

struct Broken {
  const char* library;
  base::ErrorCode code;
  const char* message;
};

class BrokenPlugins : public ::testing::TestWithParam<Broken> {};

TEST_P(BrokenPlugins, AreRowsWithAReason) {
  const TempFolder folder;
  placeHostile(folder.path(), GetParam().library, R"("analyzer")");
  const auto registry = Registry::scan({.folders = {{folder.path(), "test"}}});
  ASSERT_EQ(registry->rows().size(), 1u);
  EXPECT_EQ(registry->rows()[0].state, RowState::Available) << "nothing is opened by a scan";

  const auto opened = registry->open("broken", Kind::Analyzer);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, GetParam().code) << opened.error().describe();
  EXPECT_THAT(opened.error().message, HasSubstr(GetParam().message));
  EXPECT_THAT(opened.error().where.file, HasSubstr(GetParam().library));

  EXPECT_EQ(registry->rows()[0].state, RowState::Failed);
  EXPECT_EQ(registry->rows()[0].reason, opened.error().message);
  const auto again = registry->open("broken", Kind::Analyzer);
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, BrokenPlugins,
    ::testing::Values(
        Broken{"no_entry", base::ErrorCode::InvalidFormat, "does not export sy_plugin_entry"},
        Broken{"throws", base::ErrorCode::Internal, "exception left sy_plugin_entry"},
        Broken{"returns_null", base::ErrorCode::Unsupported, "refuses this program's ABI"},
        Broken{"wrong_major", base::ErrorCode::Unsupported, "needs plugin ABI 99.0"},
        Broken{"newer_minor", base::ErrorCode::Unsupported, "update the program"},
        Broken{"wrong_id", base::ErrorCode::InvalidFormat, "'org.example.other'"},
        Broken{"wrong_version", base::ErrorCode::InvalidFormat, "'9.9.9'"},
        Broken{"no_kind", base::ErrorCode::InvalidFormat, "no table 'switchyard.analyzer/1'"},
        Broken{"incomplete_table", base::ErrorCode::InvalidFormat, "incomplete"},
        Broken{"short_struct", base::ErrorCode::InvalidFormat, "descriptor is incomplete"},
        Broken{"kind_throws", base::ErrorCode::Internal, "exception"},
        Broken{"undefined_symbol", base::ErrorCode::InvalidFormat, "thisFunctionDoesNotExist"}),
    [](const auto& info) { return std::string(info.param.library); });

TEST(Loader, AFileThatIsNoLibrary) {
  const TempFolder folder;
  testing::writeFile(folder.path() / "text.so", "not ELF");
  testing::writeFile(folder.path() / "text.plugin.json",
                     testing::sidecarText("org.example.text", R"("router")", "text.so"));
  const auto result = LoadedPlugin::load(readManifest(folder.path() / "text.plugin.json").value());
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("cannot open the library"));
}

TEST(Loader, StaticConstructorsRunOnlyWhenAPluginIsUsed) {
  const TempFolder folder;
  const auto marker = folder.path() / "marker";
  setenv("SWITCHYARD_TEST_MARKER", marker.c_str(), 1);
  placeHostile(folder.path(), "static_constructor", R"("analyzer")");
  const auto registry = Registry::scan({.folders = {{folder.path(), "test"}}});
  EXPECT_TRUE(registry->find("broken", Kind::Analyzer));
  EXPECT_FALSE(std::filesystem::exists(marker));
  EXPECT_FALSE(registry->open("broken", Kind::Analyzer)); // its table is incomplete
  EXPECT_TRUE(std::filesystem::exists(marker));
}

TEST(Loader, OpensEveryBuiltInSample) {
  EXPECT_NE(testing::builtIn("sample_router")->router(), nullptr);
  EXPECT_NE(testing::builtIn("sample_analyzer")->analyzer(), nullptr);
  EXPECT_NE(testing::builtIn("sample_simulator")->simulator(), nullptr);
  EXPECT_NE(testing::builtIn("sample_decoder")->decoder(), nullptr);
  EXPECT_NE(testing::builtIn("drop_experts")->transform(), nullptr);
  EXPECT_EQ(testing::builtIn("sample_router")->analyzer(), nullptr);
}

} // namespace
} // namespace switchyard::plugin
