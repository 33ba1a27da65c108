#pragma once

#include <dlfcn.h>

#include <cstdint>
#include <deque>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "core/plugin/sdk/common.hpp"

SY_SDK_NAMESPACE_BEGIN

/// One option of a test: its name and value, of the type that the sidecar declares.
struct TestOption {
  std::string name;
  std::variant<bool, std::int64_t, double, std::string, std::vector<std::int64_t>,
               std::vector<double>, std::vector<std::string>>
      value;
};

/// Throws if a call failed.
inline void expectOk(sy_status status, const sy_error& error) {
  if (status != SY_OK)
    throw std::runtime_error("status " + std::to_string(status) + ": " + error.message);
}

/// An opened plugin library.
class TestPlugin {
public:
  explicit TestPlugin(const std::string& library) {
    void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr)
      throw std::runtime_error(dlerror());
    const auto entry = reinterpret_cast<sy_plugin_entry_fn>(dlsym(handle, SY_PLUGIN_ENTRY));
    m_plugin = entry == nullptr ? nullptr : entry(SY_ABI_MAJOR, SY_ABI_MINOR);
    if (m_plugin == nullptr)
      throw std::runtime_error(library + " is no plugin for this ABI");
  }
  const sy_plugin& plugin() const { return *m_plugin; }
  template <typename Table> const Table& table(const char* kind) const {
    const void* found = m_plugin->kind(kind);
    if (found == nullptr)
      throw std::runtime_error(std::string("the plugin is no ") + kind);
    return *static_cast<const Table*>(found);
  }

private:
  const sy_plugin* m_plugin = nullptr;
};

/// Host services, options and layers, and the object that is tested. Does not move.
template <typename Table> class TestObject {
public:
  /// prepare: adds services to the host before the object is made.
  TestObject(const TestPlugin& plugin, const char* kind, const std::vector<TestOption>& options,
             const sy_session_services* session = nullptr,
             const sy_checkpoint_services* checkpoint = nullptr)
      : m_table(plugin.table<Table>(kind)) {
    m_host.struct_size = sizeof(m_host);
    m_host.abi_major = SY_ABI_MAJOR;
    m_host.abi_minor = SY_ABI_MINOR;
    m_host.name = "test host";
    m_host.version = "0";
    m_host.context = this;
    m_host.cancelled = [](void* context) -> std::int32_t {
      return static_cast<TestObject*>(context)->cancel ? 1 : 0;
    };
    m_host.parallel_for = [](void*, std::int64_t count, void* context,
                             void (*body)(void*, std::int64_t)) {
      for (std::int64_t i = count - 1; i >= 0; --i) // an order that nobody may rely on
        body(context, i);
    };
    m_host.session = session;
    m_host.checkpoint = checkpoint;
    for (const TestOption& option : options)
      addOption(option);
    std::vector<const sy_option*> pointers;
    for (const sy_option& option : m_options)
      pointers.push_back(&option);
    const sy_options table{sizeof(sy_options), static_cast<std::uint32_t>(pointers.size()),
                           pointers.data()};
    sy_error error = makeError();
    expectOk(m_table.create(&m_host, &table, &m_object, &error), error);
  }
  ~TestObject() { m_table.destroy(m_object); }
  TestObject(const TestObject&) = delete;
  TestObject& operator=(const TestObject&) = delete;

  /// `layers` MoE layers of `experts` experts, top-`k`.
  void setLayers(int layers, int experts, int k, const sy_gate* gate = nullptr) {
    for (int l = 0; l < layers; ++l)
      m_layers.push_back({sizeof(sy_layer), l, l, layers, experts, k, gate, nullptr});
    for (const sy_layer& layer : m_layers)
      m_layerPointers.push_back(&layer);
  }

  const Table& table() const { return m_table; }
  void* object() const { return m_object; }
  const sy_host* host() const { return &m_host; }
  const sy_layer* const* layers() const { return m_layerPointers.data(); }
  std::uint32_t layerCount() const { return static_cast<std::uint32_t>(m_layers.size()); }
  const sy_layer& layer(int i) const { return m_layers[static_cast<std::size_t>(i)]; }

  bool cancel = false; ///< what cancelled() says

private:
  struct Values {
    std::string name;
    std::vector<std::int64_t> integers{};
    std::vector<double> numbers{};
    std::vector<std::string> texts{};
    std::vector<const char*> strings{};
  };

  static void take(Values& v, bool value) { v.integers.push_back(value ? 1 : 0); }
  static void take(Values& v, std::int64_t value) { v.integers.push_back(value); }
  static void take(Values& v, double value) { v.numbers.push_back(value); }
  static void take(Values& v, const std::string& value) { v.texts.push_back(value); }
  template <typename T> static void take(Values& v, const std::vector<T>& values) {
    for (const T& value : values)
      take(v, value);
  }

  void addOption(const TestOption& option) {
    Values& values = m_values.emplace_back(Values{option.name});
    std::visit([&](const auto& value) { take(values, value); }, option.value);
    for (const std::string& text : values.texts)
      values.strings.push_back(text.c_str());
    constexpr std::int32_t kTypes[] = {SY_OPTION_BOOLEAN, SY_OPTION_INTEGER, SY_OPTION_NUMBER,
                                       SY_OPTION_STRING,  SY_OPTION_INTEGER, SY_OPTION_NUMBER,
                                       SY_OPTION_STRING};
    m_options.push_back({sizeof(sy_option), kTypes[option.value.index()], values.name.c_str(),
                         option.value.index() > 3 ? 1u : 0u, 1u,
                         values.integers.size() + values.numbers.size() + values.texts.size(),
                         values.integers.data(), values.numbers.data(), values.strings.data()});
  }

  const Table& m_table;
  sy_host m_host{};
  std::deque<Values> m_values;
  std::deque<sy_option> m_options;
  std::deque<sy_layer> m_layers;
  std::vector<const sy_layer*> m_layerPointers;
  void* m_object = nullptr;
};

SY_SDK_NAMESPACE_END
