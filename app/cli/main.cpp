#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>

#include <fmt/format.h>

#include "app/cli/interrupt.h"
#include "app/cli/verb.h"
#include "core/base/version.h"

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

int parseAndRun(int argc, char** argv) {
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

  Run run;
  const Interrupt interrupt;
  run.stop = interrupt.token();
  const base::Result<int> result = (*verbs.chosen())(run);
  if (std::fflush(stdout) != 0) {
    fmt::print(stderr, "switchyard: standard output could not be written\n");
    return kFailed;
  }
  if (result)
    return *result;
  fmt::print(stderr, "switchyard: {}\n", result.error().describe());
  return exitCodeOf(result.error().code);
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
