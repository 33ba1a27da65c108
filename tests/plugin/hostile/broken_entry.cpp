// Plugins that are broken before anything of them can be made. One library for each value of
// BROKEN.
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "core/plugin/abi.h"

#define NO_ENTRY 1
#define THROWS 2
#define RETURNS_NULL 3
#define WRONG_MAJOR 4
#define NEWER_MINOR 5
#define WRONG_ID 6
#define WRONG_VERSION 7
#define NO_KIND 8
#define INCOMPLETE_TABLE 9
#define SHORT_STRUCT 10
#define KIND_THROWS 11
#define UNDEFINED_SYMBOL 12
#define STATIC_CONSTRUCTOR 13

namespace {

const sy_analyzer_table kEmpty = {sizeof(sy_analyzer_table),
                                  0,
                                  nullptr,
                                  nullptr,
                                  nullptr,
                                  nullptr,
                                  nullptr,
                                  nullptr,
                                  nullptr,
                                  nullptr,
                                  nullptr,
                                  nullptr};

[[maybe_unused]] const void* kindOf(const char*) {
  if (BROKEN == KIND_THROWS)
    throw std::runtime_error("no kinds today");
  return BROKEN == NO_KIND ? nullptr : &kEmpty;
}

[[maybe_unused]] const sy_plugin kPlugin = {BROKEN == SHORT_STRUCT ? 8 : sizeof(sy_plugin),
                                            BROKEN == WRONG_MAJOR ? 99u : SY_ABI_MAJOR,
                                            BROKEN == NEWER_MINOR ? SY_ABI_MINOR + 1 : SY_ABI_MINOR,
                                            0,
                                            BROKEN == WRONG_ID ? "org.example.other"
                                                               : "org.example.broken",
                                            BROKEN == WRONG_VERSION ? "9.9.9" : "1.0.0",
                                            &kindOf};

} // namespace

#if BROKEN == UNDEFINED_SYMBOL
extern "C" int thisFunctionDoesNotExist();
int callIt() {
  return thisFunctionDoesNotExist();
}
#endif

#if BROKEN == STATIC_CONSTRUCTOR
namespace {
const bool kRan = [] {
  if (const char* path = std::getenv("SWITCHYARD_TEST_MARKER"))
    if (std::FILE* file = std::fopen(path, "w"))
      std::fclose(file);
  return true;
}();
} // namespace
#endif

#if BROKEN != NO_ENTRY
extern "C" SY_PLUGIN_EXPORT const sy_plugin* sy_plugin_entry(uint32_t, uint32_t) {
#if BROKEN == THROWS
  throw 42;
#elif BROKEN == RETURNS_NULL
  return nullptr;
#elif BROKEN == UNDEFINED_SYMBOL
  return callIt() == 0 ? &kPlugin : nullptr;
#else
  return &kPlugin;
#endif
}
#endif
