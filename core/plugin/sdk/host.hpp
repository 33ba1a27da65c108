#pragma once

#include <array>
#include <cstdint>
#include <exception>
#include <limits>
#include <mutex>
#include <string>

#include "core/plugin/sdk/common.hpp"

SY_SDK_NAMESPACE_BEGIN

/// What the host offers to one instance. A copyable handle, valid until the instance is destroyed;
/// services that the host does not have do nothing.
class Host {
public:
  Host() = default;
  explicit Host(const sy_host* table) : m_table(table) {}

  void log(int level, const std::string& message) const {
    if (m_table != nullptr && m_table->log != nullptr)
      m_table->log(m_table->context, level, message.c_str());
  }
  void info(const std::string& message) const { log(SY_LOG_INFO, message); }
  void warn(const std::string& message) const { log(SY_LOG_WARNING, message); }

  /// done <= total; total 0: unknown. Only on the thread of the running call.
  void progress(std::int64_t done, std::int64_t total, const char* phase) const {
    if (m_table != nullptr && m_table->progress != nullptr)
      m_table->progress(m_table->context, done, total, phase);
  }

  bool cancelled() const {
    return m_table != nullptr && m_table->cancelled != nullptr &&
           m_table->cancelled(m_table->context) != 0;
  }
  /// Throws a Failure with SY_CANCELLED once the user asked to stop. For loops: every 10 ms or so.
  void checkCancelled() const {
    if (cancelled())
      throw Failure(SY_CANCELLED, "stopped on request");
  }

  /// Four random words that depend on counter and key only (Philox4x32-10).
  std::array<std::uint32_t, 4> random(const std::array<std::uint32_t, 4>& counter,
                                      const std::array<std::uint32_t, 2>& key) const {
    std::array<std::uint32_t, 4> words{};
    if (m_table == nullptr || m_table->random == nullptr)
      throw Failure(SY_UNSUPPORTED, "this host has no random numbers");
    m_table->random(m_table->context, counter.data(), key.data(), words.data());
    return words;
  }

  /// body(i) for every i in [0, count), in any order, on any threads; serially on a host without
  /// threads. What is computed must not depend on the order. Of several exceptions the one of the
  /// lowest i is thrown again, after all calls are done.
  template <typename Body> void parallelFor(std::int64_t count, Body&& body) const {
    if (m_table == nullptr || m_table->parallel_for == nullptr) {
      for (std::int64_t i = 0; i < count; ++i)
        body(i);
      return;
    }
    struct Shared {
      std::remove_reference_t<Body>* body;
      std::mutex mutex{};
      std::exception_ptr failure{};
      std::int64_t failed = std::numeric_limits<std::int64_t>::max();
    } shared{&body};
    m_table->parallel_for(m_table->context, count, &shared, [](void* context, std::int64_t i) {
      Shared& s = *static_cast<Shared*>(context);
      try {
        (*s.body)(i);
      } catch (...) {
        const std::lock_guard lock(s.mutex);
        if (i < s.failed) {
          s.failed = i;
          s.failure = std::current_exception();
        }
      }
    });
    if (shared.failure)
      std::rethrow_exception(shared.failure);
  }

  const sy_host* table() const { return m_table; }

private:
  const sy_host* m_table = nullptr;
};

SY_SDK_NAMESPACE_END
