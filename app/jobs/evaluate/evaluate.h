#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/jobs/evaluate/run.h"
#include "app/jobs/evaluate/statistics.h"
#include "app/jobs/evaluate/store.h"
#include "app/jobs/evaluate/tables.h"
#include "app/jobs/evaluate/task_file.h"
#include "app/jobs/evaluate/variant.h"
#include "app/jobs/model_shelf.h"
#include "core/base/log.h"
#include "core/base/progress.h"
#include "core/base/thread_context.h"
#include "core/plugin/registry.h"
#include "core/trace/result.h"

namespace switchyard::jobs::evaluate {

struct Options {
  std::filesystem::path model;
  std::filesystem::path tasks;
  TaskFilter filter{};
  std::vector<Variant> variants{}; ///< besides the base
  std::int64_t repeats = 1;        ///< runs of each item
  int jobs = 0;                    ///< items at once; 0: one per thread
  Settings settings{};
  std::filesystem::path store; ///< SQLite file that keeps outcomes as they are made
  TestOptions tests{};
  double alpha = 0.05; ///< a corrected p at most this is called a difference
  std::shared_ptr<plugin::Registry> registry{};
  base::LogSink log{};                  ///< of decoder plugins
  std::shared_ptr<ModelShelf> models{}; ///< shared with other jobs; empty: the model is loaded
};

/// Speed of a variant: of this machine and this moment.
struct Speed {
  std::string variant;
  std::int64_t tokens = 0; ///< generated or scored, all items
  double seconds = 0;      ///< decoding or scoring them, added up over the items
};

struct Evaluation {
  bool complete = false; ///< false: stopped on request; the same command goes on
  std::int64_t total = 0, reused = 0, ran = 0; ///< items times variants times repeats
  Measured measured;                           ///< if complete
  trace::AnalysisResult result; ///< if complete; depends on nothing but inputs and options
  std::string command;          ///< that makes it again
  // Of this machine and moment:
  std::vector<Speed> speed;
  double seconds = 0; ///< of this call's running, loading apart
  int jobs = 0, threads = 0;
};

/// Answers of some variants, before any statistics.
struct Ran {
  bool complete = false; ///< false: stopped on request
  std::int64_t total = 0, reused = 0, ran = 0;
  Measured measured; ///< if complete; without looks
  RunIdentity identity;
  std::string tasks; ///< hash of the task set
  double seconds = 0;
};
/// Runs exactly these variants, in this order; else as evaluate(), whose first half this is.
base::Result<Ran> runVariants(const Options& options, std::vector<Variant> variants,
                              const base::ThreadContext& threads, const base::RunControl& control);

/// Notes what was evaluated and how in a result's provenance.
void describeRun(const Options& options, std::size_t items, const RunIdentity& identity,
                 trace::Provenance& provenance);

/// Runs the base and every variant on the same items with the same random streams. Outcomes that
/// the store has are not made again, so that an interrupted or killed evaluation goes on where it
/// was, and one more variant costs only itself. Results do not depend on jobs and threads.
/// Errors: those of tasks, model, recipes and store; InvalidArgument for options out of range.
/// Outcomes that were made before an error are kept.
base::Result<Evaluation> evaluate(const Options& options, const base::ThreadContext& threads,
                                  const base::RunControl& control);

/// " --tasks FILE --scorer ...": the flags that choose and run the same tasks.
std::string taskFlags(const Options& options);

} // namespace switchyard::jobs::evaluate
