#include "core/plugin/loader.h"

#include <cstddef>
#include <cstring>

#include <fmt/format.h>

namespace switchyard::plugin {

namespace {

/// Longest id or version that is read from a plugin's memory.
constexpr std::size_t kMaxText = 256;

std::string_view bounded(const char* text) {
  return text == nullptr ? std::string_view() : std::string_view(text, strnlen(text, kMaxText));
}

bool complete(const sy_router_table& t) {
  return t.create && t.destroy && t.clone && t.begin && t.max_k && t.apply;
}
bool complete(const sy_analyzer_table& t) {
  return t.create && t.destroy && t.clone_empty && t.wants && t.begin && t.add && t.merge &&
         t.result;
}
bool complete(const sy_decoder_table& t) {
  return t.create && t.destroy && t.begin && t.next;
}
bool complete(const sy_simulator_table& t) {
  return t.create && t.destroy && t.begin && t.add && t.result;
}
bool complete(const sy_transform_table& t) {
  return t.create && t.destroy && t.run;
}

/// Bytes that a table must have: functions that were appended later may be missing.
template <typename Table> constexpr std::size_t leastSize() {
  return sizeof(Table);
}
template <> constexpr std::size_t leastSize<sy_decoder_table>() {
  return offsetof(sy_decoder_table, figures);
}
template <> constexpr std::size_t leastSize<sy_analyzer_table>() {
  return offsetof(sy_analyzer_table, save);
}

/// The table of one kind, with all functions of its first revision.
template <typename Table>
base::Result<const Table*> tableOf(const sy_plugin& plugin, Kind kind, const base::Where& where) {
  const void* found = nullptr;
  try {
    found = plugin.kind(tableId(kind));
  } catch (...) {
    return base::fail(base::ErrorCode::Internal,
                      "an exception left the plugin while it was asked for its kinds", where);
  }
  if (found == nullptr)
    return base::fail(base::ErrorCode::InvalidFormat,
                      fmt::format("the sidecar says {}, but the library has no table '{}'",
                                  name(kind), tableId(kind)),
                      where);
  const auto* table = static_cast<const Table*>(found);
  if (table->struct_size < leastSize<Table>() || !complete(*table))
    return base::fail(base::ErrorCode::InvalidFormat,
                      fmt::format("table '{}' of the library is incomplete", tableId(kind)), where);
  return table;
}

} // namespace

base::Result<void> checkAbi(AbiVersion abi, const base::Where& where) {
  if (abi.major == SY_ABI_MAJOR && abi.minor <= SY_ABI_MINOR)
    return {};
  const bool newer = abi.major >= SY_ABI_MAJOR;
  return base::fail(base::ErrorCode::Unsupported,
                    fmt::format("needs plugin ABI {}.{}, this program has {}.{}: {}", abi.major,
                                abi.minor, SY_ABI_MAJOR, SY_ABI_MINOR,
                                newer ? "update the program" : "rebuild the plugin"),
                    where);
}

base::Result<void> LoadedPlugin::readTables(const sy_plugin* plugin) {
  const base::Where where{.file = m_manifest.libraryPath().string()};
  if (plugin == nullptr)
    return base::fail(
        base::ErrorCode::Unsupported,
        fmt::format("the plugin refuses this program's ABI {}.{}", SY_ABI_MAJOR, SY_ABI_MINOR),
        where);
  if (plugin->struct_size < sizeof(sy_plugin) || plugin->kind == nullptr)
    return base::fail(base::ErrorCode::InvalidFormat, "the plugin's descriptor is incomplete",
                      where);
  SY_TRY(checkAbi({plugin->abi_major, plugin->abi_minor}, where));
  if (bounded(plugin->id) != m_manifest.id)
    return base::fail(base::ErrorCode::InvalidFormat,
                      fmt::format("the library says it is '{}', the sidecar '{}'",
                                  bounded(plugin->id), m_manifest.id),
                      where);
  if (bounded(plugin->version) != m_manifest.version)
    return base::fail(base::ErrorCode::InvalidFormat,
                      fmt::format("the library has version '{}', the sidecar '{}'",
                                  bounded(plugin->version), m_manifest.version),
                      where);
  for (const Kind kind : m_manifest.kinds)
    switch (kind) {
    case Kind::Router:
      m_router = SY_TRY(tableOf<sy_router_table>(*plugin, kind, where));
      break;
    case Kind::Analyzer:
      m_analyzer = SY_TRY(tableOf<sy_analyzer_table>(*plugin, kind, where));
      break;
    case Kind::Decoder:
      m_decoder = SY_TRY(tableOf<sy_decoder_table>(*plugin, kind, where));
      break;
    case Kind::Simulator:
      m_simulator = SY_TRY(tableOf<sy_simulator_table>(*plugin, kind, where));
      break;
    case Kind::Transform:
      m_transform = SY_TRY(tableOf<sy_transform_table>(*plugin, kind, where));
      break;
    }
  return {};
}

base::Result<std::shared_ptr<const LoadedPlugin>> LoadedPlugin::adopt(const Manifest& manifest,
                                                                      const sy_plugin* plugin) {
  std::shared_ptr<LoadedPlugin> loaded(new LoadedPlugin(manifest));
  SY_TRY(loaded->readTables(plugin));
  return loaded;
}

} // namespace switchyard::plugin
