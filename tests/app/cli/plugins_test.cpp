// `switchyard plugins` as a user runs it.

#include <set>

#include <gtest/gtest.h>

#include "tests/app/cli/cli_runner.h"
#include "tests/support/temp_folder.h"

namespace switchyard::tests {
namespace {

TEST(Plugins, ListInfoAndCheck) {
  const nlohmann::json rows = cliJson({"plugins", "list"});
  std::set<std::string> names;
  for (const auto& row : rows)
    names.insert(row["name"].get<std::string>());
  for (const char* name : {"load", "coactivation", "transitions", "specialization", "drop-experts"})
    EXPECT_TRUE(names.contains(name)) << name;
  const ProcessResult info = cli({"plugins", "info", "coactivation"});
  EXPECT_NE(info.out.find("--coactivation.top"), std::string::npos) << info.out;
  const ProcessResult check = cli({"plugins", "check", "load"});
  EXPECT_EQ(check.exitCode, 0) << check.out;
  EXPECT_NE(check.out.find("merge law"), std::string::npos);
  // npmi cannot be made without markers.
  EXPECT_EQ(cli({"plugins", "check", "npmi"}).exitCode, 3);
  const ProcessResult npmi = cli({"plugins", "check", "npmi", "--option", "markers=wait:1:5"});
  EXPECT_EQ(npmi.exitCode, 0) << npmi.out;
}

TEST(Plugins, ABrokenSidecarIsARowWithItsReason) {
  const TempFolder folder;
  folder.write("broken.plugin.json", "{\"id\": 5}");
  ASSERT_EQ(setenv("SWITCHYARD_PLUGIN_PATH", folder.path().c_str(), 1), 0);
  const nlohmann::json rows = cliJson({"plugins", "list"});
  const ProcessResult without = cli({"--no-plugins", "plugins", "list"});
  unsetenv("SWITCHYARD_PLUGIN_PATH");
  bool found = false;
  for (const auto& row : rows)
    if (row["sidecar"].get<std::string>().find("broken") != std::string::npos) {
      found = true;
      EXPECT_EQ(row["state"], "failed");
      EXPECT_NE(row["reason"], "");
    }
  EXPECT_TRUE(found);
  EXPECT_EQ(without.out.find("failed"), std::string::npos) << without.out;
}

TEST(Plugins, NewWritesAProjectOnce) {
  const TempFolder folder;
  const std::string target = folder / "my-analysis";
  const std::vector<std::string> command = {"plugins",     "new",      "analyzer",
                                            "my-analysis", "--folder", target};
  EXPECT_EQ(cli(command).exitCode, 0);
  EXPECT_TRUE(std::filesystem::exists(target + "/CMakeLists.txt"));
  EXPECT_EQ(cli(command).exitCode, 2); // never over somebody's files
  EXPECT_EQ(cli({"plugins", "new", "filter", "x"}).exitCode, 2);
}

} // namespace
} // namespace switchyard::tests
