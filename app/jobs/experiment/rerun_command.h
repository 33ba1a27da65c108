#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "app/jobs/analyze.h"

namespace switchyard::jobs::experiment {

/// Runs this program with some words behind its name, what it prints left out, and interrupts it
/// when that is asked for. Returns its exit code.
using RunProgram =
    std::function<base::Result<int>(const std::vector<std::string>& words, std::stop_token stop)>;

/// The words of a command line as shellQuoted() wrote them. Error InvalidFormat for anything else.
base::Result<std::vector<std::string>> wordsOf(const std::string& command);

/// Hashes of what results say they were made of: "model", "tasks", "input" (an ablation's texts),
/// "trace".
std::map<std::string, std::string> recordedInputs(const Analysis& analysis);

/// A command that makes results again, from a file that may be anybody's.
struct ResultCommand {
  std::vector<std::string> words; ///< without the program and without where it writes
};
/// Errors: InvalidFormat for no command; Unsupported for one other than analyze, evaluate, steer,
/// ablate and similarity.
base::Result<ResultCommand> resultCommand(const std::string& command);

/// The hashes of what the command would read now, by the same names as recordedInputs().
/// Errors: those of reading.
base::Result<std::map<std::string, std::string>> currentInputs(const ResultCommand& command);

/// Runs it with its output in `folder`, and reads that. Errors: Cancelled if it was interrupted;
/// Internal with what else it ended with; those of readAnalysis.
base::Result<Analysis> runAgain(const ResultCommand& command, const std::filesystem::path& folder,
                                const RunProgram& program, std::stop_token stop);

} // namespace switchyard::jobs::experiment
