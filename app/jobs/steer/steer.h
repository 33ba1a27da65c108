#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "app/jobs/evaluate/evaluate.h"
#include "app/jobs/prompts.h"
#include "core/base/progress.h"
#include "core/base/thread_context.h"
#include "core/plugin/registry.h"

namespace switchyard::jobs::steer {

struct Options {
  /// Tasks, model, how they are answered, and the statistics. Variants and store are set here.
  evaluate::Options evaluation;
  std::filesystem::path out; ///< folder of everything that is made
  /// Where the marked responses come from: a trace; or these prompts; or, where both are empty, the
  /// first `identify` tasks, which are then left out of the evaluation.
  std::filesystem::path trace{};
  std::filesystem::path prompts{};
  PromptFilter promptFilter{}; ///< which of the prompts
  std::size_t identify = 100;
  std::vector<std::string> markers{}; ///< see AnalyzeOptions
  plugin::OptionArguments npmi{};     ///< of the npmi plugin: top, min-expert, min-both, ...
  std::vector<double> multipliers = {4, 16, 64, 256}; ///< above 0, not 1; each once
  std::string where = "post-norm";                    ///< of the step npmi-steer
  int controls = 3;                                   ///< sets of random experts, 1..100
  std::uint64_t seed = 0;                             ///< of their choice
};

struct Steering {
  bool complete = false;        ///< false: stopped on request; the same command goes on
  trace::AnalysisResult result; ///< if complete
  evaluate::Evaluation evaluation;
  std::string command;
  std::vector<std::string> steps; ///< commands that make each intermediate file again
};

/// nPMI steering from end to end (RICE, arXiv:2505.14681): captures marked responses, ranks experts
/// by nPMI, writes recipes that multiply the best ones and recipes for random experts of the same
/// layer and like load, and evaluates all of them against the model as it is. Each part leaves
/// files in `out` that the ordinary commands read and make: prompts.jsonl, trace.swy, analysis/,
/// recipes/, tasks.eval, evaluation/; what is there is used again. Errors: those of the parts;
/// InvalidArgument for options out of range, or if nPMI recommends no expert.
base::Result<Steering> steer(const Options& options, const base::ThreadContext& threads,
                             const base::RunControl& control);

/// {"program", "command", "steps", "result", "machine"}.
std::string toJson(const Steering& steering);

} // namespace switchyard::jobs::steer
