#include "core/plugin/host.h"

#include <algorithm>

#include "core/base/rng.h"
#include "core/plugin/crash_guard.h"
#include "core/plugin/utf8.h"

namespace switchyard::plugin {

namespace {

constexpr std::size_t kMaxLogBytes = 4096;
constexpr std::size_t kMaxPhaseBytes = 64;

HostServices& self(void* context) {
  return *static_cast<HostServices*>(context);
}

} // namespace

HostServices::HostServices(HostContext context, std::string label)
    : m_context(std::move(context)), m_label(std::move(label)) {
  m_table.struct_size = sizeof(sy_host);
  m_table.abi_major = SY_ABI_MAJOR;
  m_table.abi_minor = SY_ABI_MINOR;
  m_table.name = "switchyard";
  m_table.version = SY_VERSION;
  m_table.context = this;
  m_table.log = [](void* host, int32_t level, const char* message) {
    const int clamped = std::clamp<int>(level, SY_LOG_DEBUG, SY_LOG_ERROR);
    self(host).logLine(static_cast<base::LogLevel>(clamped), foreignText(message, kMaxLogBytes));
  };
  m_table.progress = [](void* host, int64_t done, int64_t total, const char* phase) {
    HostServices& services = self(host);
    const std::lock_guard lock(services.m_mutex);
    if (services.m_cutOff)
      return;
    total = std::max<int64_t>(total, 0);
    done = std::clamp<int64_t>(done, 0, total == 0 ? INT64_MAX : total);
    Progress progress{done, total, foreignText(phase, kMaxPhaseBytes), true};
    if (services.m_defer)
      services.m_progress = std::move(progress);
    else
      services.m_context.control.report(done, total, progress.phase);
  };
  m_table.cancelled = [](void* host) -> int32_t {
    const HostServices& services = self(host);
    return services.m_cancelled || services.m_context.control.stop.stop_requested() ? 1 : 0;
  };
  m_table.random = [](void*, const uint32_t counter[4], const uint32_t key[2], uint32_t words[4]) {
    const base::PhiloxCounter out =
        base::philox4x32({counter[0], counter[1], counter[2], counter[3]}, {key[0], key[1]});
    std::ranges::copy(out, words);
  };
  m_table.parallel_for = [](void* host, int64_t count, void* bodyContext,
                            void (*body)(void*, int64_t)) {
    const auto& threads = self(host).m_context.threads;
    if (threads != nullptr) {
      const char* id = InPlugin::id();
      const char* function = InPlugin::function();
      threads->parallelFor(count, [&](std::int64_t i) {
        const InPlugin running(id, function);
        body(bodyContext, i);
      });
      return;
    }
    for (std::int64_t i = 0; i < count; ++i)
      body(bodyContext, i);
  };
}

void HostServices::deferProgress(bool defer) {
  const std::lock_guard lock(m_mutex);
  m_defer = defer;
}

void HostServices::takeProgress() {
  const std::lock_guard lock(m_mutex);
  if (!m_progress.fresh)
    return;
  m_progress.fresh = false;
  m_context.control.report(m_progress.done, m_progress.total, m_progress.phase);
}

void HostServices::cutOff() {
  const std::lock_guard lock(m_mutex);
  m_cutOff = true;
  m_cancelled = true;
}

void HostServices::logLine(base::LogLevel level, const std::string& message) {
  const std::lock_guard lock(m_mutex);
  if (!m_cutOff && m_context.log)
    m_context.log(level, m_label, message);
}

} // namespace switchyard::plugin
