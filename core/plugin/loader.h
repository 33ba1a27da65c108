#pragma once

#include <memory>

#include "core/base/error.h"
#include "core/plugin/abi.h"
#include "core/plugin/manifest.h"

namespace switchyard::plugin {

/// A plugin whose library is open and whose tables have been checked: versions fit, id and version
/// are those of the sidecar, every declared kind has a complete table. It stays open until the
/// process ends. Immutable, shared.
class LoadedPlugin {
public:
  /// Opens the library (RTLD_NOW, RTLD_LOCAL), which runs its static constructors, and calls its
  /// one exported symbol. A file that was opened before is not opened again. Errors: NotFound,
  /// InvalidFormat (not a library, no entry, incomplete tables, another id), Unsupported (ABI),
  /// Internal (an exception left the entry).
  static base::Result<std::shared_ptr<const LoadedPlugin>> load(const Manifest& manifest);

  /// For tests and statically linked plugins: a descriptor instead of a library.
  static base::Result<std::shared_ptr<const LoadedPlugin>> adopt(const Manifest& manifest,
                                                                 const sy_plugin* plugin);

  const Manifest& manifest() const { return m_manifest; }
  /// Null if the plugin is not of that kind.
  const sy_router_table* router() const { return m_router; }
  const sy_analyzer_table* analyzer() const { return m_analyzer; }
  const sy_decoder_table* decoder() const { return m_decoder; }
  const sy_simulator_table* simulator() const { return m_simulator; }
  const sy_transform_table* transform() const { return m_transform; }

private:
  explicit LoadedPlugin(Manifest manifest) : m_manifest(std::move(manifest)) {}
  base::Result<void> readTables(const sy_plugin* plugin);

  Manifest m_manifest;
  const sy_router_table* m_router = nullptr;
  const sy_analyzer_table* m_analyzer = nullptr;
  const sy_decoder_table* m_decoder = nullptr;
  const sy_simulator_table* m_simulator = nullptr;
  const sy_transform_table* m_transform = nullptr;
};

/// Whether this host can open a plugin that needs `abi`. Error Unsupported saying which of the two
/// is to be updated.
base::Result<void> checkAbi(AbiVersion abi, const base::Where& where);

} // namespace switchyard::plugin
