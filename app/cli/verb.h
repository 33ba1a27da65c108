#pragma once

#include <functional>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "app/cli/exit_codes.h"
#include "app/cli/progress_bar.h"
#include "app/jobs/ranks/ranks.h"
#include "core/base/error.h"
#include "core/base/progress.h"
#include "core/base/thread_context.h"
#include "core/plugin/registry.h"

namespace switchyard::cli {

/// Options that most verbs share.
struct CommonOptions {
  bool json = false;
  bool quiet = false;
  int threads = 0; ///< 0: all cores
};

/// What a verb has at hand while it runs.
struct Run {
  std::stop_token stop;
  jobs::Ranks* ranks = nullptr; ///< the processes of this command; null: this one alone

  /// Whether this process is the one that writes and speaks to the user.
  bool isFirst() const { return ranks == nullptr || ranks->rank() == 0; }
};

/// The body of a verb: returns an ExitCode, or an error that main prints.
using VerbBody = std::function<base::Result<int>(const Run& run)>;

/// Collects verbs; main runs the one that was named on the command line.
class VerbSet {
public:
  VerbSet(CLI::App& app, std::shared_ptr<plugin::Registry> registry)
      : m_app(app), m_registry(std::move(registry)) {}

  /// A subcommand of `parent` (the program itself by default). `examples` is shown by --help.
  CLI::App* add(const std::string& name, const std::string& summary, const std::string& examples,
                CLI::App* parent = nullptr);
  void body(CLI::App* verb, VerbBody body);
  /// The same for a verb whose work processes started by mpirun or srun share.
  void sharedBody(CLI::App* verb, VerbBody body);
  CLI::App& app() { return m_app; }
  const std::shared_ptr<plugin::Registry>& registry() const { return m_registry; }
  /// The body of the parsed subcommand; null if none was given.
  const VerbBody* chosen() const { return m_chosen ? m_chosen.get() : nullptr; }
  const std::string& chosenName() const { return m_chosenName; }
  bool chosenIsShared() const { return m_chosenIsShared; }

private:
  CLI::App& m_app;
  std::shared_ptr<plugin::Registry> m_registry;
  void setBody(CLI::App* verb, VerbBody body, bool shared);

  std::shared_ptr<VerbBody> m_chosen;
  std::string m_chosenName;
  bool m_chosenIsShared = false;
};

/// --json, --quiet, --threads; leave out what makes no sense for a verb.
void addJson(CLI::App* verb, CommonOptions& options);
void addQuiet(CLI::App* verb, CommonOptions& options);
void addThreads(CLI::App* verb, CommonOptions& options);

/// Error InvalidArgument for a thread count outside 0..ThreadContext::kMaxThreads.
base::Result<void> checkThreads(const CommonOptions& options);

/// A size with an optional suffix K, M, G, T (powers of 1024): "4G". Error InvalidArgument.
base::Result<std::uint64_t> parseBytes(const std::string& text);

// One function per file cmd_*.cpp: declares its options and registers its body.
void addInfo(VerbSet& verbs);
void addSimilarity(VerbSet& verbs);
void addTokenize(VerbSet& verbs);
void addGenerate(VerbSet& verbs);
void addCapture(VerbSet& verbs);
void addTrace(VerbSet& verbs);
void addTransform(VerbSet& verbs);
void addAnalyze(VerbSet& verbs);
void addPerplexity(VerbSet& verbs);
void addEvaluate(VerbSet& verbs);
void addAblate(VerbSet& verbs);
void addSteer(VerbSet& verbs);
void addRecipe(VerbSet& verbs);
void addRecipeNew(VerbSet& verbs, CLI::App* parent); ///< a part of addRecipe
void addReport(VerbSet& verbs);
void addRun(VerbSet& verbs);
void addResults(VerbSet& verbs);
void addResultsDiff(VerbSet& verbs, CLI::App* parent); ///< a part of addResults
void addRerun(VerbSet& verbs);
void addPlugins(VerbSet& verbs);
void addCompletion(VerbSet& verbs);

} // namespace switchyard::cli
