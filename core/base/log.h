#pragma once

#include <functional>
#include <string_view>

namespace switchyard::base {

enum class LogLevel { Debug, Info, Warning, Error };

/// Where core sends messages for people. Thread-safe implementations only: core may call it from
/// any thread, never from per-token loops. Null means silence.
using LogSink =
    std::function<void(LogLevel level, std::string_view category, std::string_view message)>;

} // namespace switchyard::base
