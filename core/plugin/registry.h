#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/plugin/adapters.h"
#include "core/plugin/manifest.h"
#include "core/plugin/search_path.h"

namespace switchyard::plugin {

enum class RowState : std::uint8_t {
  Available, ///< its sidecar is fine; the library is opened on first use
  Loaded,
  Failed,   ///< `reason` says why it cannot be used
  Shadowed, ///< another folder, earlier on the path, has the same id
  Disabled, ///< by the user, or since it broke off
};
std::string_view name(RowState state);

/// One sidecar that was found.
struct PluginRow {
  std::filesystem::path sidecar;
  std::string origin;
  std::optional<Manifest> manifest; ///< nothing if the sidecar could not be read
  RowState state = RowState::Available;
  std::string reason;
};

struct RegistryOptions {
  std::vector<PluginFolder> folders = defaultSearchPath();
  std::set<std::string> disabled{}; ///< ids that are listed but never opened
};

/// The plugins that can be used, by kind and name. Scanning reads sidecars only: no library is
/// opened before something of it is made. Thread-safe.
class Registry : public std::enable_shared_from_this<Registry> {
public:
  /// Never fails: what cannot be used is a row with a reason. Rows by folder, then file name.
  static std::shared_ptr<Registry> scan(const RegistryOptions& options = {});

  std::vector<PluginRow> rows() const;

  /// The sidecar of a usable plugin by id or short name. Errors: NotFound (listing what there is of
  /// that kind), InvalidArgument if several have that short name, and for a plugin that failed its
  /// reason. Without a kind: any.
  base::Result<Manifest> find(std::string_view nameOrId, std::optional<Kind> kind) const;

  /// Opens a plugin if need be; a failure becomes its row's reason, and find() then reports it.
  base::Result<std::shared_ptr<const LoadedPlugin>> open(std::string_view nameOrId,
                                                         std::optional<Kind> kind);

  /// From now on nothing more is made of this plugin, and `reason` says why (Disabled); what was
  /// made before goes on. Does nothing for one that is not Available or Loaded.
  void switchOff(std::string_view id, const std::string& reason);
  /// Takes switchOff() back.
  void switchOn(std::string_view id);
  /// A plugin that breaks off (HostContext::brokeOff) is switched off from then on, and `told` is
  /// called with its manifest and a sentence, on any thread, for as long as the program runs. Set
  /// before anything is made; without it, such a plugin stays in use.
  void switchOffWhatBreaks(std::function<void(const Manifest&, const std::string& what)> told);

  /// find, open, and an adapter (see adapters.h).
  base::Result<std::unique_ptr<routing::Policy>>
  policy(std::string_view nameOrId, const OptionValues& options, const HostContext& context);
  base::Result<std::unique_ptr<trace::Analyzer>>
  analyzer(std::string_view nameOrId, const OptionValues& options, const HostContext& context);
  base::Result<std::unique_ptr<session::Decoder>>
  decoder(std::string_view nameOrId, const OptionValues& options, const HostContext& context);
  base::Result<std::unique_ptr<trace::Simulator>>
  simulator(std::string_view nameOrId, const OptionValues& options, const HostContext& context);
  base::Result<std::unique_ptr<model::Transform>>
  transform(std::string_view nameOrId, const OptionValues& options, const HostContext& context);

private:
  Registry() = default;
  void scanFolder(const PluginFolder& folder, const std::set<std::string>& disabled);
  base::Result<std::size_t> locate(std::string_view nameOrId, std::optional<Kind> kind) const;
  /// `context` that tells this registry when the plugin breaks off.
  HostContext watched(const HostContext& context, const LoadedPlugin& plugin);
  void breakOff(const Manifest& manifest, const std::string& what);

  mutable std::mutex m_mutex;
  std::vector<PluginRow> m_rows;
  std::vector<std::shared_ptr<const LoadedPlugin>> m_loaded; ///< by row
  std::function<void(const Manifest&, const std::string&)> m_told;
};

} // namespace switchyard::plugin
