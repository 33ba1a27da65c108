#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/jobs/evaluate/scorers.h"
#include "app/jobs/prompts.h"

namespace switchyard::jobs::evaluate {

/// One item: what the model is given, and what counts as right.
struct Task {
  Prompt prompt;                    ///< id, text or tokens, labels
  std::vector<std::string> answers; ///< accepted texts; of Perplexity: the text to score, or none
  std::vector<std::string> choices; ///< MultipleChoice: as they follow the prompt, spaces included
  std::size_t rightChoice = 0;
  Scorer scorer;
};

struct TaskSet {
  std::vector<Task> tasks; ///< at least one; ids differ
  Measure measure = Measure::Accuracy;
  std::string file; ///< fingerprint of the file's bytes
  std::string hash; ///< of the file's bytes and of what chose and completed the tasks
};

/// Which rows of a file are tasks, and what they leave open.
struct TaskFilter {
  std::optional<Scorer> scorer{}; ///< of rows that name none
  /// Rows with this label and value only; "" = "" takes all.
  std::string label{}, value{};
  std::size_t skip = 0;  ///< of those, the first are left out
  std::size_t limit = 0; ///< of the rest, the first; 0: all
};
/// "style=think" as label and value. Error InvalidArgument.
base::Result<std::pair<std::string, std::string>> parseLabel(const std::string& text);

/// Reads a JSONL file of items. A row is a row of a prompt set (see readPrompts) with, besides:
/// "answer" (a string, a number, or a list of accepted ones; of multiple-choice the number of the
/// choice from 0, or its text), "scorer" (see parseScorer), "choices" (a list of texts), and
/// "labels" (an object of further labels). Without "scorer" a row uses the filter's, and without
/// that multiple-choice if it has choices, exact if it has an answer, else perplexity. Errors:
/// those of reading; InvalidFormat with file and line, also for rows that measure loss among rows
/// that measure accuracy, and for no task that passes the filter. render: as for readPrompts; what
/// it makes is part of the set's hash.
base::Result<TaskSet> readTasks(const std::filesystem::path& path, const TaskFilter& filter = {},
                                const ChatRenderer& render = {});

/// The prompts of tasks with their labels as a JSONL prompt set, which readPrompts reads. Those of
/// conversations as token ids: as text they would get the tokenizer's own template, too.
/// Errors: those of the tokenizer.
base::Result<std::string> promptRows(const std::vector<Task>& tasks,
                                     const std::filesystem::path& model);

} // namespace switchyard::jobs::evaluate
