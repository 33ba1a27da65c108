#include "core/base/thread_context.h"

#include <vector>

#include <gtest/gtest.h>

namespace switchyard::base {
namespace {

TEST(ThreadContext, RunsEveryIndexOnce) {
  for (const int threads : {1, 2, 8}) {
    const ThreadContext context(threads);
    EXPECT_EQ(context.threads(), threads);
    std::vector<int> seen(1000);
    context.parallelFor(1000, [&](std::int64_t i) { ++seen[static_cast<std::size_t>(i)]; });
    EXPECT_EQ(seen, std::vector<int>(1000, 1));
  }
  EXPECT_GE(ThreadContext().threads(), 1);
}

TEST(ThreadContext, RangesCoverEverythingInOrder) {
  const ThreadContext context(3);
  for (const std::int64_t count : {0, 1, 2, 7, 100}) {
    std::vector<int> seen(static_cast<std::size_t>(count));
    context.parallelRanges(count, 4, [&](std::int64_t part, std::int64_t begin, std::int64_t end) {
      EXPECT_LT(part, 4);
      EXPECT_LT(begin, end);
      for (std::int64_t i = begin; i < end; ++i)
        ++seen[static_cast<std::size_t>(i)];
    });
    EXPECT_EQ(seen, std::vector<int>(static_cast<std::size_t>(count), 1));
  }
}

} // namespace
} // namespace switchyard::base
