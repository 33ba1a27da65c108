#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace switchyard::base {

/// The threads that core may use, passed in rather than global so that two runs can coexist.
/// Owns one TBB arena. Const functions are safe to call from any thread.
class ThreadContext {
public:
  /// threads: 1..kMaxThreads, or 0 for all cores this process may run on.
  explicit ThreadContext(int threads = 0);
  ~ThreadContext();
  ThreadContext(const ThreadContext&) = delete;
  ThreadContext& operator=(const ThreadContext&) = delete;

  static constexpr int kMaxThreads = 1024;
  int threads() const;

  /// Runs body(i) for every i in [0, count), in any order, possibly at the same time. Returns when
  /// all are done. Which thread runs what is not defined: results must not depend on it. The body
  /// must not throw. Runs inline when count is 1 or there is one thread. Borrows the body: no copy,
  /// no allocation for it.
  template <typename Body> void parallelFor(std::int64_t count, Body&& body) const {
    using Plain = std::remove_reference_t<Body>;
    run(count, const_cast<void*>(static_cast<const void*>(&body)),
        [](void* context, std::int64_t i) { (*static_cast<Plain*>(context))(i); });
  }

  /// Splits [0, count) into at most `parts` consecutive ranges of nearly equal length and runs
  /// body(part, begin, end) for each, as parallelFor does.
  template <typename Body>
  void parallelRanges(std::int64_t count, std::int64_t parts, Body&& body) const {
    parts = parts < count ? parts : count;
    parallelFor(parts, [&](std::int64_t part) {
      body(part, count * part / parts, count * (part + 1) / parts);
    });
  }

private:
  void run(std::int64_t count, void* context, void (*call)(void*, std::int64_t)) const;

  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

} // namespace switchyard::base
