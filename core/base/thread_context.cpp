#include "core/base/thread_context.h"

#include <algorithm>
#include <optional>

#include <tbb/global_control.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

namespace switchyard::base {

struct ThreadContext::Impl {
  explicit Impl(int count) : threads(count), arena(count) {
    // More threads than cores only if asked for by name (tests of determinism do).
    if (count > tbb::info::default_concurrency())
      oversubscribe.emplace(tbb::global_control::max_allowed_parallelism,
                            static_cast<std::size_t>(count));
  }

  int threads;
  std::optional<tbb::global_control> oversubscribe;
  tbb::task_arena arena;
};

namespace {
int clampThreads(int threads) {
  return threads <= 0 ? tbb::info::default_concurrency()
                      : std::min(threads, ThreadContext::kMaxThreads);
}
} // namespace

ThreadContext::ThreadContext(int threads) : m_impl(std::make_unique<Impl>(clampThreads(threads))) {}

ThreadContext::~ThreadContext() = default;

int ThreadContext::threads() const {
  return m_impl->threads;
}

void ThreadContext::run(std::int64_t count, void* context,
                        void (*call)(void*, std::int64_t)) const {
  if (count <= 1 || m_impl->threads == 1) {
    for (std::int64_t i = 0; i < count; ++i)
      call(context, i);
    return;
  }
  m_impl->arena.execute([&] {
    tbb::parallel_for(
        tbb::blocked_range<std::int64_t>(0, count, 1),
        [&](const tbb::blocked_range<std::int64_t>& range) {
          for (std::int64_t i = range.begin(); i != range.end(); ++i)
            call(context, i);
        },
        tbb::simple_partitioner{});
  });
}

} // namespace switchyard::base
