#include "app/cli/run_flags.h"

#include <tuple>

#include <fmt/format.h>

namespace switchyard::cli {

void OverrideFlags::add(CLI::App* verb) {
  verb->add_option("--model", m_models,
                   "NAME=DIR: the checkpoint folder of a model of the experiment; repeatable")
      ->allow_extra_args(false);
  verb->add_option("--prompts", m_prompts,
                   "NAME=PATH: other texts for a prompt set of the experiment; repeatable")
      ->allow_extra_args(false);
  verb->add_option("--tasks", m_tasks,
                   "NAME=PATH: another file for a task set of the experiment; repeatable")
      ->allow_extra_args(false);
}

base::Result<jobs::experiment::Overrides> OverrideFlags::overrides() const {
  jobs::experiment::Overrides all;
  for (const auto& [flag, given, list] : {std::tuple("--model", &m_models, &all.models),
                                          std::tuple("--prompts", &m_prompts, &all.prompts),
                                          std::tuple("--tasks", &m_tasks, &all.tasks)})
    for (const std::string& each : *given)
      list->push_back(SY_TRY(jobs::experiment::parseOverride(flag, each)));
  return all;
}

void showProgress(ProgressBar& bar, const std::string& verb,
                  const jobs::experiment::Progress& progress) {
  bar.retitle(fmt::format("{} {}/{}{} {}", verb, progress.done + progress.failed, progress.cells,
                          progress.failed > 0 ? fmt::format(" ({} failed)", progress.failed) : "",
                          progress.running));
  bar.update(static_cast<std::int64_t>(progress.tokens),
             static_cast<std::int64_t>(progress.allTokens), "tokens");
}

} // namespace switchyard::cli
