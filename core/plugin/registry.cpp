#include "core/plugin/registry.h"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

namespace switchyard::plugin {

namespace {

namespace fs = std::filesystem;

/// More sidecars than this in one folder are not plugins but a mistake.
constexpr std::size_t kMaxSidecars = 4096;

} // namespace

std::string_view name(RowState state) {
  switch (state) {
  case RowState::Available:
    return "available";
  case RowState::Loaded:
    return "loaded";
  case RowState::Failed:
    return "failed";
  case RowState::Shadowed:
    return "shadowed";
  case RowState::Disabled:
    return "disabled";
  }
  return "";
}

std::shared_ptr<Registry> Registry::scan(const RegistryOptions& options) {
  std::shared_ptr<Registry> registry(new Registry());
  for (const PluginFolder& folder : options.folders)
    registry->scanFolder(folder, options.disabled);
  registry->m_loaded.resize(registry->m_rows.size());
  return registry;
}

void Registry::scanFolder(const PluginFolder& folder, const std::set<std::string>& disabled) {
  std::vector<fs::path> sidecars;
  std::error_code error;
  for (fs::directory_iterator it(folder.path, error), end; !error && it != end; it.increment(error))
    if (it->path().filename().string().ends_with(kSidecarSuffix) && sidecars.size() < kMaxSidecars)
      sidecars.push_back(it->path());
  std::ranges::sort(sidecars);
  for (const fs::path& sidecar : sidecars) {
    PluginRow row{sidecar, folder.origin, std::nullopt, RowState::Available, ""};
    auto manifest = readManifest(sidecar);
    if (!manifest) {
      row.state = RowState::Failed;
      row.reason = manifest.error().message;
      m_rows.push_back(std::move(row));
      continue;
    }
    for (const PluginRow& earlier : m_rows)
      if (earlier.manifest && earlier.manifest->id == manifest->id &&
          earlier.state != RowState::Shadowed) {
        row.state = RowState::Shadowed;
        row.reason =
            fmt::format("id '{}' is already taken by {}", manifest->id, earlier.sidecar.string());
        break;
      }
    if (row.state == RowState::Available && disabled.contains(manifest->id)) {
      row.state = RowState::Disabled;
      row.reason = "disabled in the settings";
    }
    if (row.state == RowState::Available)
      if (auto abi = checkAbi(manifest->abi, {}); !abi) {
        row.state = RowState::Failed;
        row.reason = abi.error().message;
      }
    if (row.state == RowState::Available && !fs::exists(manifest->libraryPath(), error)) {
      row.state = RowState::Failed;
      row.reason = fmt::format("its library {} is missing", manifest->library);
    }
    row.manifest = std::move(*manifest);
    m_rows.push_back(std::move(row));
  }
}

std::vector<PluginRow> Registry::rows() const {
  const std::lock_guard lock(m_mutex);
  return m_rows;
}

base::Result<std::size_t> Registry::locate(std::string_view nameOrId,
                                           std::optional<Kind> kind) const {
  std::vector<std::size_t> found;
  std::string there;
  for (std::size_t i = 0; i < m_rows.size(); ++i) {
    const PluginRow& row = m_rows[i];
    if (!row.manifest || row.state == RowState::Shadowed || (kind && !row.manifest->has(*kind)))
      continue;
    if (row.manifest->id == nameOrId)
      return i;
    if (row.manifest->shortName() == nameOrId)
      found.push_back(i);
    if (row.state != RowState::Disabled && row.state != RowState::Failed)
      there += (there.empty() ? "" : ", ") + row.manifest->shortName();
  }
  if (found.size() == 1)
    return found.front();
  const std::string what = kind ? std::string(name(*kind)) + " plugin" : "plugin";
  if (found.empty())
    return base::fail(base::ErrorCode::NotFound,
                      fmt::format("there is no {} '{}'; there is {}", what, nameOrId,
                                  there.empty() ? "none" : there));
  std::string ids;
  for (const std::size_t i : found)
    ids += (ids.empty() ? "" : ", ") + m_rows[i].manifest->id;
  return base::fail(base::ErrorCode::InvalidArgument,
                    fmt::format("'{}' means several plugins; say which: {}", nameOrId, ids));
}

base::Result<Manifest> Registry::find(std::string_view nameOrId, std::optional<Kind> kind) const {
  const std::lock_guard lock(m_mutex);
  const PluginRow& row = m_rows[SY_TRY(locate(nameOrId, kind))];
  if (row.state == RowState::Failed || row.state == RowState::Disabled)
    return base::fail(base::ErrorCode::Unsupported,
                      fmt::format("plugin '{}' cannot be used: {}", nameOrId, row.reason),
                      {.file = row.sidecar.string()});
  return *row.manifest;
}

base::Result<std::shared_ptr<const LoadedPlugin>> Registry::open(std::string_view nameOrId,
                                                                 std::optional<Kind> kind) {
  SY_TRY(find(nameOrId, kind));
  const std::lock_guard lock(m_mutex);
  const std::size_t i = SY_TRY(locate(nameOrId, kind));
  PluginRow& row = m_rows[i];
  if (m_loaded[i] != nullptr)
    return m_loaded[i];
  auto loaded = LoadedPlugin::load(*row.manifest);
  if (!loaded) {
    row.state = RowState::Failed;
    row.reason = loaded.error().message;
    return tl::unexpected(std::move(loaded.error()));
  }
  row.state = RowState::Loaded;
  m_loaded[i] = *loaded;
  return *loaded;
}

void Registry::switchOff(std::string_view id, const std::string& reason) {
  const std::lock_guard lock(m_mutex);
  for (PluginRow& row : m_rows)
    if (row.manifest && row.manifest->id == id &&
        (row.state == RowState::Available || row.state == RowState::Loaded)) {
      row.state = RowState::Disabled;
      row.reason = reason;
    }
}

void Registry::switchOn(std::string_view id) {
  const std::lock_guard lock(m_mutex);
  for (std::size_t i = 0; i < m_rows.size(); ++i)
    if (PluginRow& row = m_rows[i];
        row.manifest && row.manifest->id == id && row.state == RowState::Disabled) {
      row.state = m_loaded[i] ? RowState::Loaded : RowState::Available;
      row.reason.clear();
    }
}

void Registry::switchOffWhatBreaks(
    std::function<void(const Manifest&, const std::string& what)> told) {
  const std::lock_guard lock(m_mutex);
  m_told = std::move(told);
}

void Registry::breakOff(const Manifest& manifest, const std::string& what) {
  std::function<void(const Manifest&, const std::string&)> told;
  {
    const std::lock_guard lock(m_mutex);
    told = m_told;
  }
  if (!told)
    return;
  switchOff(manifest.id, "it was switched off after it broke off: " + what);
  told(manifest, what);
}

HostContext Registry::watched(const HostContext& context, const LoadedPlugin& plugin) {
  HostContext watching = context;
  watching.brokeOff = [self = weak_from_this(), manifest = plugin.manifest(),
                       next = context.brokeOff](const std::string& what) {
    if (const auto registry = self.lock())
      registry->breakOff(manifest, what);
    if (next)
      next(what);
  };
  return watching;
}

base::Result<std::unique_ptr<routing::Policy>> Registry::policy(std::string_view nameOrId,
                                                                const OptionValues& options,
                                                                const HostContext& context) {
  const auto plugin = SY_TRY(open(nameOrId, Kind::Router));
  return makePolicy(plugin, options, watched(context, *plugin));
}

base::Result<std::unique_ptr<trace::Analyzer>> Registry::analyzer(std::string_view nameOrId,
                                                                  const OptionValues& options,
                                                                  const HostContext& context) {
  const auto plugin = SY_TRY(open(nameOrId, Kind::Analyzer));
  return makeAnalyzer(plugin, options, watched(context, *plugin));
}

base::Result<std::unique_ptr<session::Decoder>> Registry::decoder(std::string_view nameOrId,
                                                                  const OptionValues& options,
                                                                  const HostContext& context) {
  const auto plugin = SY_TRY(open(nameOrId, Kind::Decoder));
  return makeDecoder(plugin, options, watched(context, *plugin));
}

base::Result<std::unique_ptr<trace::Simulator>> Registry::simulator(std::string_view nameOrId,
                                                                    const OptionValues& options,
                                                                    const HostContext& context) {
  const auto plugin = SY_TRY(open(nameOrId, Kind::Simulator));
  return makeSimulator(plugin, options, watched(context, *plugin));
}

base::Result<std::unique_ptr<model::Transform>> Registry::transform(std::string_view nameOrId,
                                                                    const OptionValues& options,
                                                                    const HostContext& context) {
  const auto plugin = SY_TRY(open(nameOrId, Kind::Transform));
  return makeTransform(plugin, options, watched(context, *plugin));
}

} // namespace switchyard::plugin
