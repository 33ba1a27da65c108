// A whole trace file. Input: its bytes.

#include <cstdint>
#include <fstream>

#include "tests/fuzz/trace_input.h"

using namespace switchyard;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::ofstream(tests::traceInputPath(), std::ios::binary)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  tests::readWholeTrace(tests::traceInputPath());
  return 0;
}
