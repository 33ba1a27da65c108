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

} // namespace
} // namespace switchyard::base
