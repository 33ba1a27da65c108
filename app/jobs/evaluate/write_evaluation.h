#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/jobs/evaluate/evaluate.h"

namespace switchyard::jobs::evaluate {

/// {"program", "command", "result": {...}, "machine": {...}}. Everything but "machine" is the same
/// bytes for the same inputs and options.
std::string toJson(const Evaluation& evaluation);

/// The key "machine" of it with its value, without braces around.
std::string machineJson(const Evaluation& evaluation);

/// Tokens per second of each variant, of one machine and moment.
trace::Table speedTable(const Evaluation& evaluation);

/// A table without the columns that nobody reads on a terminal: JSON, and what is empty throughout.
trace::Table forReading(const trace::Table& table);

/// Writes evaluation.json, one CSV file per table (evaluate_*.csv), one SVG file per figure, and
/// machine_speed.csv into `folder`, which is created. Returns the paths written. Errors: Io.
base::Result<std::vector<std::filesystem::path>>
writeEvaluation(const Evaluation& evaluation, const std::filesystem::path& folder,
                const base::ThreadContext& threads);

} // namespace switchyard::jobs::evaluate
