#include "app/cli/log.h"

#include <string>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace switchyard::cli {

namespace {

spdlog::level::level_enum levelOf(base::LogLevel level) {
  switch (level) {
  case base::LogLevel::Debug:
    return spdlog::level::debug;
  case base::LogLevel::Info:
    return spdlog::level::info;
  case base::LogLevel::Warning:
    return spdlog::level::warn;
  case base::LogLevel::Error:
    return spdlog::level::err;
  }
  return spdlog::level::err;
}

} // namespace

base::LogSink stderrLog(bool quiet) {
  auto logger = std::make_shared<spdlog::logger>(
      "switchyard", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_pattern("%^%l%$: %v");
  logger->set_level(quiet ? spdlog::level::warn : spdlog::level::info);
  return [logger](base::LogLevel level, std::string_view category, std::string_view message) {
    logger->log(levelOf(level), "{}: {}", category, message);
  };
}

} // namespace switchyard::cli
