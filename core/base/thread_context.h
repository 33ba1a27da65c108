#pragma once

#include <cstdint>
#include <functional>
#include <memory>

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
  /// must not throw. Runs inline when count is 1 or there is one thread.
  void parallelFor(std::int64_t count, const std::function<void(std::int64_t)>& body) const;

private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

} // namespace switchyard::base
