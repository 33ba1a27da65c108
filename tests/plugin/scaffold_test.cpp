#include "core/plugin/scaffold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/file.h"
#include "core/plugin/manifest.h"
#include "tests/plugin/support.h"

namespace switchyard::plugin {
namespace {

TEST(Scaffold, WritesAProjectWithAValidSidecarForEveryKind) {
  const testing::TempFolder folder;
  for (const Kind kind : kKinds) {
    const std::string name = "my-" + std::string(plugin::name(kind));
    const auto files = writeScaffold({.kind = kind, .name = name, .folder = folder.path() / name});
    ASSERT_TRUE(files) << files.error().describe();
    EXPECT_EQ(files->size(), 5u);
    for (const auto& file : *files) {
      const std::string text = base::readTextFile(file, 1u << 20).value();
      EXPECT_EQ(text.find("@ID@"), std::string::npos) << file;
      EXPECT_EQ(text.find("@NAME@"), std::string::npos) << file;
      if (file.string().ends_with(".plugin.json")) {
        const auto manifest = readManifest(file);
        ASSERT_TRUE(manifest) << manifest.error().describe();
        EXPECT_EQ(manifest->id, "org.example." + name);
        EXPECT_TRUE(manifest->has(kind));
        EXPECT_FALSE(manifest->options.empty());
      }
    }
  }
}

TEST(Scaffold, RefusesBadNamesIdsAndFoldersInUse) {
  const testing::TempFolder folder;
  for (const char* name : {"", "My", "1st", "a_b", "a/b", "../x", "a-", "test", "all"})
    EXPECT_EQ(writeScaffold({.name = name, .folder = folder.path() / "x"}).error().code,
              base::ErrorCode::InvalidArgument)
        << name;
  EXPECT_FALSE(writeScaffold({.name = "good", .id = "no id", .folder = folder.path() / "x"}));
  EXPECT_FALSE(
      writeScaffold({.name = "good", .id = "org.me.other", .folder = folder.path() / "x"}));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "x"));
  testing::writeFile(folder.path() / "file", "mine");
  EXPECT_FALSE(writeScaffold({.name = "good", .folder = folder.path()}));
  EXPECT_TRUE(writeScaffold({.name = "good", .folder = folder.path() / "y"}));
  EXPECT_FALSE(writeScaffold({.name = "good", .folder = folder.path() / "y"}));
}

} // namespace
} // namespace switchyard::plugin
