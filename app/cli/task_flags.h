#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "app/jobs/evaluate/evaluate.h"

namespace switchyard::cli {

/// The flags of verbs that run tasks: which tasks, how they are answered, and the statistics.
class TaskFlags {
public:
  /// Fills `options` while parsing; it must live as long as the verb.
  void add(CLI::App* verb, jobs::evaluate::Options& options);
  /// The rest, once parsed. Errors: InvalidArgument.
  base::Result<void> apply(jobs::evaluate::Options& options) const;

private:
  std::string m_tasks, m_scorer, m_only;
  bool m_noTemplate = false;
};

} // namespace switchyard::cli
