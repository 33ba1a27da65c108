#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace switchyard::tests {

/// An #include that breaks the table of who may include whom.
struct Violation {
  std::string file; ///< from the repository's root
  int line = 0;     ///< from 1
  std::string text; ///< the line itself
  std::string rule; ///< what it breaks

  std::string describe() const;
};

/// Checks the includes of one source file against the table in include_rules.cpp. `file`: its path
/// from the repository's root, with '/'. Includes through macros are not seen.
std::vector<Violation> checkIncludes(std::string_view file, std::string_view content);

/// Whether the table covers this file at all.
bool isChecked(std::string_view file);

} // namespace switchyard::tests
