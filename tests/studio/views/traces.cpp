#include "tests/studio/views/traces.h"

#include <cstdlib>
#include <fstream>

#include <unistd.h>

#include "app/jobs/prompts.h"

namespace switchyard::tests {

namespace {

namespace fs = std::filesystem;

/// A folder for this process, removed at its end.
const fs::path& folder() {
  static const struct Folder {
    fs::path path = fs::path(::testing::TempDir()) / ("studio_views." + std::to_string(::getpid()));
    Folder() { fs::create_directories(path); }
    ~Folder() {
      std::error_code ignored;
      fs::remove_all(path, ignored);
    }
  } made;
  return made.path;
}

fs::path banRecipe() {
  static const fs::path path = [] {
    const fs::path recipe = folder() / "ban.json";
    std::ofstream(recipe) << R"({"steps":[{"plugin":"ban","options":{"experts":["5:19"]}}]})";
    return recipe;
  }();
  return path;
}

fs::path record(const std::string& name, const fs::path& prompts, const fs::path& recipe) {
  jobs::CaptureOptions options;
  options.model = SY_DATA "/demo-model";
  options.prompts = prompts;
  options.out = folder() / name;
  options.columns.weights = true;
  options.columns.logits = true;
  options.recipe = recipe;
  options.registry = builtPlugins();
  options.overwrite = true;
  const base::ThreadContext threads;
  const auto result = jobs::capture(options, threads, {});
  EXPECT_TRUE(result) << (result ? "" : result.error().describe());
  return options.out;
}

} // namespace

fs::path somePrompts(const std::string& name, int first, int step) {
  std::ifstream all(SY_DATA "/prompts/domains.jsonl");
  const fs::path path = folder() / name;
  std::ofstream some(path);
  std::string row;
  for (int line = 0; std::getline(all, row); ++line)
    if (line % step == first)
      some << row << '\n';
  return path;
}

std::shared_ptr<plugin::Registry> builtPlugins() {
  return plugin::Registry::scan({.folders = {{SY_BUILT_PLUGINS, "build tree"}}});
}

fs::path demoTrace() {
  static const fs::path path = record("demo.swy", somePrompts("some.jsonl", 0, 6), {});
  return path;
}

fs::path bannedTrace() {
  static const fs::path path = record("banned.swy", somePrompts("some.jsonl", 0, 6), banRecipe());
  return path;
}

fs::path longTrace() {
  static const fs::path path = record("long.swy", SY_DATA "/prompts/domains.jsonl", {});
  return path;
}

fs::path longBannedTrace() {
  static const fs::path path =
      record("long-banned.swy", SY_DATA "/prompts/domains.jsonl", banRecipe());
  return path;
}

fs::path fewTrace() {
  static const fs::path path = record("few.swy", somePrompts("three.jsonl", 0, 50), {});
  return path;
}

fs::path fewBannedTrace() {
  static const fs::path path =
      record("few-banned.swy", somePrompts("three.jsonl", 0, 50), banRecipe());
  return path;
}

fs::path otherTrace() {
  static const fs::path path = record("other.swy", somePrompts("others.jsonl", 3, 30), {});
  return path;
}

studio::ItemKey openTrace(studio::Workbench& workbench, const fs::path& path) {
  const QString name = QString::fromStdString(path.string());
  const auto key = [&] { return workbench.document().findByPath(studio::ItemKind::Trace, name); };
  workbench.opener().open(name);
  waitFor([&] { return key() != 0 && workbench.jobs().active() == 0; });
  return key();
}

} // namespace switchyard::tests
