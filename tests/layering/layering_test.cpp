// Who may include whom, checked over the source tree, and the checker itself.

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/layering/include_rules.h"

namespace switchyard::tests {
namespace {

namespace fs = std::filesystem;

std::string contentOf(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

bool isSource(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".h" || extension == ".hpp" || extension == ".cpp" || extension == ".c";
}

TEST(Layering, EveryIncludeOfTheTreeIsAllowed) {
  const fs::path root = SY_SOURCE_ROOT;
  int files = 0;
  for (const char* folder : {"core", "analyzers", "plugins", "app"}) {
    if (!fs::exists(root / folder))
      continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (!entry.is_regular_file() || !isSource(entry.path()))
        continue;
      ++files;
      const std::string name = fs::relative(entry.path(), root).generic_string();
      for (const Violation& violation : checkIncludes(name, contentOf(entry.path())))
        ADD_FAILURE() << violation.describe();
    }
  }
  EXPECT_GT(files, 50) << "the source tree was not found at " << root;
}

std::string firstRule(std::string_view file, std::string_view content) {
  const auto violations = checkIncludes(file, content);
  return violations.empty() ? "" : violations.front().rule;
}

TEST(Layering, AForbiddenIncludeIsCaughtWithItsLine) {
  const auto violations =
      checkIncludes("core/trace/reader.cpp", "#include <vector>\n"
                                             "#include \"core/base/error.h\"\n"
                                             "  #  include \"core/model/model.h\"\n"
                                             "int x;\n");
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].line, 3);
  EXPECT_EQ(violations[0].describe(),
            "core/trace/reader.cpp:3:   #  include \"core/model/model.h\" "
            "(core/trace/ may not include this)");
}

TEST(Layering, TheTableSaysNoWhereItMust) {
  const std::pair<const char*, const char*> forbidden[] = {
      {"core/base/error.h", "core/tensor/dtype.h"},
      {"core/tensor/dtype.h", "core/checkpoint/checkpoint.h"},
      {"core/checkpoint/checkpoint.h", "core/model/model.h"},
      {"core/hooks/events.h", "core/routing/gate.h"},
      {"core/tokenizer/bpe.h", "core/tensor/dtype.h"},
      {"core/model/model.h", "core/session/session.h"},
      {"core/model/model.h", "core/trace/recorder.h"},
      {"core/session/session.h", "core/trace/recorder.h"},
      {"core/trace/recorder.h", "core/session/session.h"},
      {"core/trace/recorder.h", "core/plugin/abi.h"},
      {"core/plugin/abi.h", "core/base/ids.h"},
      {"core/plugin/abi.h", "core/plugin/sdk.hpp"},
      {"core/plugin/sdk.hpp", "core/base/error.h"},
      {"core/plugin/sdk/router.hpp", "core/routing/policy.h"},
      {"core/plugin/registry.h", "app/jobs/text.h"},
      {"plugins/npmi/npmi.cpp", "core/base/error.h"},
      {"plugins/npmi/npmi.cpp", "core/trace/analyzer.h"},
      {"plugins/routers/router.cpp", "core/routing/policy.h"},
      {"analyzers/load/load.cpp", "core/model/model.h"},
      {"analyzers/load/load.cpp", "app/jobs/text.h"},
      {"app/cli/main.cpp", "app/studio/main_window.h"},
      {"app/studio/main.cpp", "app/cli/verb.h"},
      {"app/studio/views/heatmap_view.h", "core/session/session.h"},
      {"app/studio/theme/theme.h", "app/studio/shell/view.h"},
      {"app/studio/jobs/job_runner.h", "app/studio/document/document.h"},
      {"app/studio/figures/heatmap.h", "app/studio/shell/view.h"},
      {"app/studio/document/document.h", "app/studio/shell/main_window.h"},
      {"app/cli/main.cpp", "tests/support/reference.h"},
      {"core/model/model.cpp", "bench/make_model.h"},
  };
  for (const auto& [file, include] : forbidden)
    EXPECT_NE(firstRule(file, std::string("#include \"") + include + "\"\n"), "")
        << file << " includes " << include;
}

TEST(Layering, TheTableSaysYesWhereItMay) {
  const std::pair<const char*, const char*> allowed[] = {
      {"core/base/json.h", "core/base/error.h"},
      {"core/model/model.h", "core/checkpoint/checkpoint.h"},
      {"core/hooks/events.h", "core/routing/selection.h"},
      {"core/trace/recorder.h", "core/hooks/observer.h"},
      {"core/plugin/adapters.h", "core/trace/analyzer.h"},
      {"core/plugin/sdk.hpp", "core/plugin/abi.h"},
      {"core/plugin/sdk/router.hpp", "core/plugin/sdk/common.hpp"},
      {"plugins/npmi/npmi.cpp", "core/plugin/sdk.hpp"},
      {"plugins/npmi/npmi.cpp", "plugins/npmi/table.h"},
      {"plugins/common/wrapped_router.h", "core/routing/policy.h"},
      {"analyzers/load/load.cpp", "analyzers/common/cells.h"},
      {"app/cli/main.cpp", "core/plugin/registry.h"},
      {"app/studio/live/generation.cpp", "core/session/session.h"},
      {"app/studio/figures/heatmap.h", "app/studio/theme/theme.h"},
      {"app/studio/views/heatmap_view.cpp", "core/trace/result.h"},
      {"core/tensor/ops/matmul.cpp", "hwy/foreach_target.h"},
  };
  for (const auto& [file, include] : allowed)
    EXPECT_EQ(firstRule(file, std::string("#include \"") + include + "\"\n"), "")
        << file << " includes " << include;
}

TEST(Layering, QtOutsideTheStudioIsCaught) {
  for (const char* line :
       {"#include <QString>", "#include <QtCore/qglobal.h>", "#include <QObject>",
        "#include \"qcustomplot.h\"", "#include <qstring.h>", "#include <QtWidgets>"}) {
    EXPECT_NE(firstRule("core/base/json.cpp", line), "") << line;
    EXPECT_NE(firstRule("app/cli/main.cpp", line), "") << line;
    EXPECT_EQ(firstRule("app/studio/main.cpp", line), "") << line;
  }
  EXPECT_EQ(firstRule("core/base/json.cpp", "#include <queue>"), "");
}

TEST(Layering, MpiOutsideItsModuleIsCaught) {
  EXPECT_NE(firstRule("app/jobs/ranks/team.cpp", "#include <mpi.h>"), "");
  EXPECT_NE(firstRule("app/cli/main.cpp", "#include \"mpi.h\""), "");
  EXPECT_EQ(firstRule("app/mpi/mpi_ranks.cpp", "#include <mpi.h>"), "");
}

TEST(Layering, IncludesThatDoNotStartAtTheRootAreCaught) {
  EXPECT_NE(firstRule("core/base/json.cpp", "#include \"json.h\""), "");
  EXPECT_NE(firstRule("core/base/json.cpp", "#include \"../base/json.h\""), "");
  EXPECT_NE(firstRule("core/base/json.cpp", "#include <core/base/json.h>"), "");
}

TEST(Layering, FoldersOutsideTheTableAreCaught) {
  EXPECT_NE(firstRule("core/newlayer/x.h", ""), "");
  EXPECT_FALSE(isChecked("core/newlayer/x.h"));
  EXPECT_TRUE(isChecked("core/base/error.h"));
}

} // namespace
} // namespace switchyard::tests
