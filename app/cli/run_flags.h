#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "app/cli/progress_bar.h"
#include "app/jobs/experiment/experiment.h"
#include "app/jobs/experiment/work.h"

namespace switchyard::cli {

/// --model, --prompts and --tasks NAME=PATH of verbs that run experiments.
class OverrideFlags {
public:
  void add(CLI::App* verb);
  /// Errors: InvalidArgument naming the flag.
  base::Result<jobs::experiment::Overrides> overrides() const;

private:
  std::vector<std::string> m_models, m_prompts, m_tasks;
};

/// Draws the one line of a run: cells done, the one that runs, tokens.
void showProgress(ProgressBar& bar, const std::string& verb,
                  const jobs::experiment::Progress& progress);

} // namespace switchyard::cli
