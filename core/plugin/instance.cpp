#include "core/plugin/instance.h"

#include <fmt/format.h>

#include "core/plugin/status.h"
#include "core/plugin/utf8.h"

namespace switchyard::plugin {

namespace {

std::int32_t abiType(OptionType type) {
  switch (type) {
  case OptionType::Boolean:
    return SY_OPTION_BOOLEAN;
  case OptionType::Integer:
    return SY_OPTION_INTEGER;
  case OptionType::Number:
    return SY_OPTION_NUMBER;
  case OptionType::String:
    return SY_OPTION_STRING;
  }
  return 0;
}

} // namespace

OptionTables::OptionTables(const OptionValues& values) : m_storage(values.size()) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const OptionValue& value = values[i];
    Storage& storage = m_storage[i];
    storage.name = value.name;
    for (const OptionScalar& scalar : value.values) {
      if (const auto* flag = std::get_if<bool>(&scalar))
        storage.integers.push_back(*flag ? 1 : 0);
      else if (const auto* integer = std::get_if<std::int64_t>(&scalar))
        storage.integers.push_back(*integer);
      else if (const auto* number = std::get_if<double>(&scalar))
        storage.numbers.push_back(*number);
      else
        storage.texts.push_back(std::get<std::string>(scalar));
    }
    for (const std::string& text : storage.texts)
      storage.strings.push_back(text.c_str());
    sy_option option{};
    option.struct_size = sizeof(option);
    option.type = abiType(value.type);
    option.name = storage.name.c_str();
    option.is_list = value.list ? 1 : 0;
    option.is_set = value.set ? 1 : 0;
    option.count = value.values.size();
    if (value.type == OptionType::String)
      option.strings = storage.strings.data();
    else if (value.type == OptionType::Number)
      option.numbers = storage.numbers.data();
    else
      option.integers = storage.integers.data();
    m_options.push_back(option);
  }
  for (const sy_option& option : m_options)
    m_pointers.push_back(&option);
  m_table = {sizeof(m_table), static_cast<std::uint32_t>(m_pointers.size()), m_pointers.data()};
}

PluginInstance::PluginInstance(std::shared_ptr<const LoadedPlugin> plugin,
                               const HostContext& context, void (*destroy)(void*))
    : m_plugin(std::move(plugin)), m_host(context, m_plugin->manifest().shortName()),
      m_destroy(destroy) {}

PluginInstance::~PluginInstance() {
  if (m_object == nullptr)
    return;
  try {
    const InPlugin running(m_plugin->manifest().id.c_str(), "destroy");
    m_destroy(m_object);
  } catch (...) {
    m_host.logLine(base::LogLevel::Warning, "an exception left destroy()");
  }
}

void PluginInstance::abandon(const base::Error& why) {
  m_abandoned = true;
  if (m_host.context().brokeOff)
    m_host.context().brokeOff(why.message);
  m_host.cutOff();
}

tl::unexpected<base::Error> PluginInstance::failure(base::ErrorCode code,
                                                    const std::string& what) const {
  return base::fail(code, fmt::format("plugin '{}': {}", m_plugin->manifest().shortName(), what));
}

base::Result<void> PluginInstance::refused(sy_status status, const sy_error& error,
                                           const char* what) const {
  const std::string message = foreignText(error.message, sizeof(error.message));
  return failure(codeOf(status),
                 message.empty()
                     ? fmt::format("{}() failed with status {} and no reason", what, status)
                     : message);
}

base::Result<void> PluginInstance::escaped(const char* what) {
  const auto error =
      failure(base::ErrorCode::Internal,
              fmt::format("an exception left {}(); it must be caught in the plugin", what));
  if (!m_abandoned && m_host.context().brokeOff)
    m_host.context().brokeOff(error.value().message);
  return error;
}

} // namespace switchyard::plugin
