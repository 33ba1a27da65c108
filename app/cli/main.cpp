#include <algorithm>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <unistd.h>

#include <fmt/format.h>

#include "app/cli/interrupt.h"
#include "app/cli/team.h"
#include "app/cli/verb.h"
#include "core/base/version.h"
#include "core/plugin/crash_guard.h"

namespace switchyard::cli {

namespace {

constexpr const char* kExitCodes =
    "Exit codes: 0 done, 1 failed while running, 2 wrong usage, 3 a check found problems,\n"
    "4 missing or damaged input, 5 unsupported input, 6 a limit was reached, 130 interrupted.\n"
    "\n"
    "Start here:\n"
    "  switchyard info data/demo-model\n"
    "  switchyard generate data/demo-model --prompt 'Q: 47+85=? <think>'\n"
    "  switchyard capture data/demo-model --prompts data/prompts/domains.jsonl --out demo.swy\n"
    "  switchyard analyze demo.swy --by domain --out demo-analysis";

/// The registry has to be there before the options are, for plugins bring options of their own.
std::shared_ptr<plugin::Registry> scanPlugins(int argc, char** argv) {
  plugin::RegistryOptions options;
  const bool onlyInstalled = std::any_of(argv, argv + argc, [](const char* argument) {
    return std::string_view(argument) == "--no-plugins";
  });
  if (onlyInstalled)
    std::erase_if(options.folders, [](const plugin::PluginFolder& folder) {
      return folder.origin != "installed" && folder.origin != "build tree";
    });
  return plugin::Registry::scan(options);
}

/// Prints an error; gives its exit code.
int failed(const base::Error& error) {
  fmt::print(stderr, "switchyard: {}\n", error.describe());
  return exitCodeOf(error.code);
}

int runVerb(const VerbSet& verbs, std::stop_token stop,
            const std::optional<jobs::LaunchedAs>& launched, int terminal) {
  Run run;
  run.stop = std::move(stop);
  std::optional<Team> team;
  if (launched) {
    auto joined = Team::join(*launched, verbs.chosenName(), verbs.chosenIsShared(), terminal);
    if (!joined)
      return failed(joined.error());
    team.emplace(std::move(*joined));
    run.ranks = team->ranks();
  }
  const base::Result<int> result = (*verbs.chosen())(run);
  int code = result ? *result : failed(result.error());
  if (std::fflush(stdout) != 0) {
    fmt::print(stderr, "switchyard: standard output could not be written\n");
    code = kFailed;
  }
  if (team)
    team->end(result, code, run.stop);
  return code;
}

int parseAndRun(int argc, char** argv) {
  const auto launched = jobs::launchedAs();
  const int terminal = launched && launched->rank > 0 ? silence() : STDERR_FILENO;
  CLI::App app("Switchyard shows, measures and changes where a mixture-of-experts model sends its "
               "tokens.",
               "switchyard");
  app.require_subcommand(1);
  app.footer(kExitCodes);
  app.set_version_flag("--version", "switchyard " + std::string(base::version()));
  app.get_formatter()->column_width(34);
  bool noPlugins = false; // read by scanPlugins()
  app.add_flag("--no-plugins", noPlugins, "Use only the plugins that are part of Switchyard");
  VerbSet verbs(app, scanPlugins(argc, argv));
  addInfo(verbs);
  addTokenize(verbs);
  addGenerate(verbs);
  addCapture(verbs);
  addTrace(verbs);
  addAnalyze(verbs);
  addPerplexity(verbs);
  addEvaluate(verbs);
  addAblate(verbs);
  addSteer(verbs);
  addRecipe(verbs);
  addSimilarity(verbs);
  addTransform(verbs);
  addRun(verbs);
  addResults(verbs);
  addRerun(verbs);
  addReport(verbs);
  addPlugins(verbs);
  addCompletion(verbs);

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success); // --help, --version
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "switchyard: {}\nTry 'switchyard --help', or --help after a command.\n",
               error.what());
    return kUsage;
  }

  (void)plugin::noteCrashes({}); // without a file nothing can fail
  const Interrupt interrupt;
  return runVerb(verbs, interrupt.token(), launched, terminal);
}

} // namespace
} // namespace switchyard::cli

int main(int argc, char** argv) {
  try {
    return switchyard::cli::parseAndRun(argc, argv);
  } catch (const std::exception& error) {
    // Nothing of ours throws; this is a library's out-of-memory or the like.
    std::fprintf(stderr, "switchyard: internal error: %s\n", error.what());
    return switchyard::cli::kFailed;
  }
}
