#pragma once

#include <filesystem>

namespace switchyard::tests {

/// The path of a file of this process that an input can be written to; the folder goes at exit.
const std::filesystem::path& traceInputPath();

/// Opens a trace and reads what its first sequences have; whatever is wrong with it is an error
/// value. Ends the process if a promise of the reader is broken.
void readWholeTrace(const std::filesystem::path& path);

} // namespace switchyard::tests
