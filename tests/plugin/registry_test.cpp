#include "core/plugin/registry.h"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/plugin/support.h"

namespace switchyard::plugin {
namespace {

using ::testing::HasSubstr;
using testing::sidecarText;
using testing::TempFolder;
using testing::writeFile;

TEST(Registry, ListsEverySidecarWithItsState) {
  const TempFolder first, second;
  writeFile(first.path() / "a.plugin.json", sidecarText("org.one.alpha", R"("router")", "a.so"));
  writeFile(first.path() / "a.so", "");
  writeFile(first.path() / "b.plugin.json", "{");
  writeFile(first.path() / "c.plugin.json", sidecarText("org.one.gone", R"("router")", "gone.so"));
  writeFile(first.path() / "d.plugin.json", sidecarText("org.one.off", R"("router")", "a.so"));
  writeFile(first.path() / "notes.json", "{}");
  writeFile(second.path() / "a.plugin.json", sidecarText("org.one.alpha", R"("router")", "a.so"));
  std::string newer = sidecarText("org.one.newer", R"("router")", "a.so");
  newer.replace(newer.find("\"1.0\""), 5, "\"1.9\"");
  writeFile(second.path() / "e.plugin.json", newer);
  const auto registry = Registry::scan({.folders = {{first.path(), "user"},
                                                    {"/does/not/exist", "installed"},
                                                    {second.path(), "installed"}},
                                        .disabled = {"org.one.off"}});
  const auto rows = registry->rows();
  ASSERT_EQ(rows.size(), 6u);
  EXPECT_EQ(rows[0].state, RowState::Available);
  EXPECT_EQ(rows[0].origin, "user");
  EXPECT_EQ(rows[1].state, RowState::Failed);
  EXPECT_FALSE(rows[1].manifest);
  EXPECT_FALSE(rows[1].reason.empty());
  EXPECT_EQ(rows[2].state, RowState::Failed);
  EXPECT_THAT(rows[2].reason, HasSubstr("gone.so"));
  EXPECT_EQ(rows[3].state, RowState::Disabled);
  EXPECT_EQ(rows[4].state, RowState::Shadowed);
  EXPECT_THAT(rows[4].reason, HasSubstr(first.path().string()));
  EXPECT_EQ(rows[5].state, RowState::Failed);
  EXPECT_THAT(rows[5].reason, HasSubstr("needs plugin ABI 1.9"));

  EXPECT_TRUE(registry->find("alpha", std::nullopt));
  EXPECT_TRUE(registry->find("org.one.alpha", Kind::Router));
  EXPECT_EQ(registry->find("alpha", Kind::Analyzer).error().code, base::ErrorCode::NotFound);
  EXPECT_THAT(registry->find("beta", Kind::Router).error().message, HasSubstr("there is alpha"));
  EXPECT_THAT(registry->find("gone", std::nullopt).error().message, HasSubstr("missing"));
  EXPECT_THAT(registry->open("off", std::nullopt).error().message, HasSubstr("disabled"));
}

TEST(Registry, TheSameShortNameTwiceAsksForTheId) {
  const TempFolder folder;
  writeFile(folder.path() / "x.so", "");
  writeFile(folder.path() / "a.plugin.json", sidecarText("org.one.same", R"("router")", "x.so"));
  writeFile(folder.path() / "b.plugin.json", sidecarText("org.two.same", R"("router")", "x.so"));
  const auto registry = Registry::scan({.folders = {{folder.path(), "test"}}});
  EXPECT_THAT(registry->find("same", Kind::Router).error().message,
              HasSubstr("org.one.same, org.two.same"));
  EXPECT_TRUE(registry->find("org.two.same", Kind::Router));
}

TEST(SearchPath, EnvironmentThenUserThenInstalled) {
  setenv("SWITCHYARD_PLUGIN_PATH", "/one::/two/../three", 1);
  setenv("XDG_DATA_HOME", "/data", 1);
  const auto folders = defaultSearchPath();
  unsetenv("SWITCHYARD_PLUGIN_PATH");
  unsetenv("XDG_DATA_HOME");
  ASSERT_GE(folders.size(), 4u);
  EXPECT_EQ(folders[0].path, "/one");
  EXPECT_EQ(folders[1].path, "/three");
  EXPECT_EQ(folders[1].origin, "SWITCHYARD_PLUGIN_PATH");
  EXPECT_EQ(folders[2].path, "/data/switchyard/plugins");
  EXPECT_EQ(folders[3].origin, "build tree") << "this test runs in its build tree";
  EXPECT_EQ(folders[3].path, SY_BUILT_PLUGINS);
}

} // namespace
} // namespace switchyard::plugin
