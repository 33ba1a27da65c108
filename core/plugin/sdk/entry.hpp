#pragma once

#include <cstdint>
#include <string_view>

#include "core/plugin/sdk/common.hpp"

SY_SDK_NAMESPACE_BEGIN

struct RouterKind;
struct AnalyzerKind;
struct DecoderKind;
struct SimulatorKind;
struct TransformKind;

constexpr std::string_view kindId(const RouterKind*) {
  return SY_KIND_ROUTER;
}
constexpr std::string_view kindId(const AnalyzerKind*) {
  return SY_KIND_ANALYZER;
}
constexpr std::string_view kindId(const DecoderKind*) {
  return SY_KIND_DECODER;
}
constexpr std::string_view kindId(const SimulatorKind*) {
  return SY_KIND_SIMULATOR;
}
constexpr std::string_view kindId(const TransformKind*) {
  return SY_KIND_TRANSFORM;
}

/// The table of the class among Ts whose kind has that id, or null.
template <typename... Ts> const void* findKind(const char* id) {
  const void* found = nullptr;
  ((kindId(static_cast<const typename Ts::Kind*>(nullptr)) == id
        ? static_cast<void>(found = kindTable<Ts>(typename Ts::Kind{}))
        : static_cast<void>(0)),
   ...);
  return found;
}

/// Whether a host of one ABI version can use a plugin that was built against another.
constexpr bool serves(std::uint32_t hostMajor, std::uint32_t hostMinor, std::uint32_t major,
                      std::uint32_t minor) {
  return hostMajor == major && hostMinor >= minor;
}

SY_SDK_NAMESPACE_END

/// Once in a plugin, in the global namespace: the id and version of its sidecar, then its classes
/// (one for each kind).
#define SY_PLUGIN(id, version, ...)                                                                \
  extern "C" SY_PLUGIN_EXPORT const sy_plugin* sy_plugin_entry(std::uint32_t hostMajor,            \
                                                               std::uint32_t hostMinor) {          \
    static const sy_plugin plugin = {                                                              \
        sizeof(sy_plugin), SY_ABI_MAJOR, SY_ABI_MINOR, 0, id, version, [](const char* kind) {      \
          return switchyard::sdk::findKind<__VA_ARGS__>(kind);                                     \
        }};                                                                                        \
    return switchyard::sdk::serves(hostMajor, hostMinor, SY_ABI_MAJOR, SY_ABI_MINOR) ? &plugin     \
                                                                                     : nullptr;    \
  }                                                                                                \
  static_assert(true)
