#pragma once

#include <cstdlib>
#include <iostream>

namespace switchyard::tests {

/// Ends the process if what a parser promises about accepted input does not hold.
inline void require(bool holds, const char* promise) {
  if (holds)
    return;
  std::cerr << "broken promise: " << promise << "\n";
  std::abort();
}

} // namespace switchyard::tests
