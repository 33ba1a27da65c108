#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/plugin/crash_guard.h"
#include "core/plugin/host.h"
#include "core/plugin/loader.h"
#include "core/plugin/options.h"

namespace switchyard::plugin {

/// OptionValues as the C tables that create() gets; valid while this lives and does not move.
class OptionTables {
public:
  explicit OptionTables(const OptionValues& values);
  OptionTables(const OptionTables&) = delete;
  OptionTables& operator=(const OptionTables&) = delete;
  const sy_options* table() const { return &m_table; }

private:
  struct Storage {
    std::vector<std::int64_t> integers;
    std::vector<double> numbers;
    std::vector<std::string> texts;
    std::vector<const char*> strings;
    std::string name;
  };
  std::vector<Storage> m_storage;
  std::vector<sy_option> m_options;
  std::vector<const sy_option*> m_pointers;
  sy_options m_table{};
};

/// One object of a plugin with the services it was given. Shared, so that a thread that was given
/// up keeps what it uses; destroyed with the last owner, unless the plugin hung in it.
class PluginInstance {
public:
  /// `create` makes the object given services and error buffer; `destroy` ends it.
  template <typename Create>
  static base::Result<std::shared_ptr<PluginInstance>>
  make(std::shared_ptr<const LoadedPlugin> plugin, const HostContext& context,
       void (*destroy)(void*), Create&& create) {
    std::shared_ptr<PluginInstance> instance(
        new PluginInstance(std::move(plugin), context, destroy));
    void* object = nullptr;
    SY_TRY(instance->call("create",
                          [&](sy_error* error) { return create(*instance, &object, error); }));
    if (object == nullptr)
      return instance->failure(base::ErrorCode::Internal, "create() returned no object");
    instance->m_object = object;
    return instance;
  }
  ~PluginInstance();
  PluginInstance(const PluginInstance&) = delete;
  PluginInstance& operator=(const PluginInstance&) = delete;

  void* object() const { return m_object; }
  HostServices& host() { return m_host; }
  const LoadedPlugin& plugin() const { return *m_plugin; }
  std::shared_ptr<const LoadedPlugin> sharedPlugin() const { return m_plugin; }

  /// Calls into the plugin: status and message become an Error, exceptions are caught. `what` names
  /// the function in messages.
  template <typename Call> base::Result<void> call(const char* what, Call&& body) {
    if (m_abandoned)
      return failure(base::ErrorCode::Unsupported, "it hung before and was given up");
    sy_error error{};
    error.struct_size = sizeof(error);
    sy_status status = SY_INTERNAL;
    try {
      const InPlugin running(m_plugin->manifest().id.c_str(), what);
      status = body(&error);
    } catch (...) {
      return escaped(what);
    }
    return status == SY_OK ? base::Result<void>() : refused(status, error, what);
  }

  /// After a hang: no call reaches the plugin any more, and it reaches nothing of the run. why:
  /// what HostContext::brokeOff is told.
  void abandon(const base::Error& why);

  /// An Error that begins with the plugin's name.
  tl::unexpected<base::Error> failure(base::ErrorCode code, const std::string& what) const;

private:
  PluginInstance(std::shared_ptr<const LoadedPlugin> plugin, const HostContext& context,
                 void (*destroy)(void*));
  base::Result<void> refused(sy_status status, const sy_error& error, const char* what) const;
  base::Result<void> escaped(const char* what);

  std::shared_ptr<const LoadedPlugin> m_plugin;
  HostServices m_host;
  void (*m_destroy)(void*);
  void* m_object = nullptr;
  std::atomic<bool> m_abandoned = false;
};

/// An object of the kind whose table is given; `prepare` adds services before it is made. Error
/// InvalidArgument if the table is null.
template <typename Table>
base::Result<std::shared_ptr<PluginInstance>>
createInstance(std::shared_ptr<const LoadedPlugin> plugin, const Table* table, Kind kind,
               const OptionValues& options, const HostContext& context,
               const std::function<void(HostServices&)>& prepare = {}) {
  if (table == nullptr)
    return base::fail(base::ErrorCode::InvalidArgument, "plugin '" +
                                                            plugin->manifest().shortName() +
                                                            "' is no " + std::string(name(kind)));
  const OptionTables tables(options);
  return PluginInstance::make(std::move(plugin), context, table->destroy,
                              [&](PluginInstance& self, void** object, sy_error* error) {
                                if (prepare)
                                  prepare(self.host());
                                return table->create(self.host().table(), tables.table(), object,
                                                     error);
                              });
}

} // namespace switchyard::plugin
