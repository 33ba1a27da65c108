#include "app/cli/task_flags.h"

#include <tuple>

#include "app/cli/sampler_flags.h"

namespace switchyard::cli {

void TaskFlags::add(CLI::App* verb, jobs::evaluate::Options& options) {
  verb->add_option("--tasks", m_tasks, "JSONL file of tasks")->required();
  verb->add_option("--scorer", m_scorer,
                   "Scorer of tasks that name none, e.g. numeric:tolerance=0.01");
  verb->add_option("--only", m_only, "LABEL=VALUE: tasks with this label only");
  verb->add_option("--skip", options.filter.skip, "Of those, leave the first N out")
      ->capture_default_str();
  verb->add_option("--limit", options.filter.limit, "Of the rest, the first N; 0 = all")
      ->capture_default_str();
  verb->add_option("--repeats", options.repeats, "Runs of each task, with other random draws")
      ->capture_default_str();
  verb->add_option("--max-tokens", options.settings.maxTokens,
                   "Tokens of an answer at most, thinking included")
      ->capture_default_str();
  verb->add_option("--stop", options.settings.stop,
                   "Text that ends an answer; may be given several times")
      ->allow_extra_args(false);
  verb->add_flag("--no-template", m_noTemplate, "Do not add the tokenizer's BOS and EOS");
  verb->add_option("--alpha", options.alpha, "A corrected p at most this is a difference")
      ->capture_default_str();
  verb->add_option("--resamples", options.tests.resamples, "Of the bootstrap over tasks")
      ->capture_default_str();
  verb->add_option("--jobs", options.jobs,
                   "Tasks at once; 0 = one per thread (results do not depend on it)")
      ->capture_default_str();
  addSamplerFlags(verb, options.settings.sampler);
}

base::Result<void> TaskFlags::apply(jobs::evaluate::Options& options) const {
  options.tasks = m_tasks;
  if (!m_scorer.empty())
    options.filter.scorer = SY_TRY(jobs::evaluate::parseScorer(std::string_view(m_scorer)));
  if (!m_only.empty())
    std::tie(options.filter.label, options.filter.value) =
        SY_TRY(jobs::evaluate::parseLabel(m_only));
  options.settings.addTemplate = !m_noTemplate;
  return {};
}

} // namespace switchyard::cli
