#include "core/base/in_order.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace switchyard::base {
namespace {

using namespace std::chrono_literals;

TEST(ProduceInOrder, consumesAscendingAndHoldsNoMoreThanTheWindow) {
  for (const int threads : {1, 2, 5}) {
    const ThreadContext context(threads);
    constexpr std::int64_t kWindow = 3;
    std::atomic<std::int64_t> alive{0}, most{0};
    std::vector<std::int64_t> seen;
    const auto outcome = produceInOrder<std::int64_t>(
        context, 40, kWindow,
        [&](std::int64_t i) -> Result<std::int64_t> {
          const std::int64_t now = ++alive;
          std::int64_t before = most;
          while (now > before && !most.compare_exchange_weak(before, now)) {
          }
          std::this_thread::sleep_for(i % 3 == 0 ? 2ms : 0ms); // earlier ones end later
          return i * i;
        },
        [&](std::int64_t i, std::int64_t value) -> Result<void> {
          EXPECT_EQ(value, i * i);
          seen.push_back(i);
          --alive;
          return {};
        });
    ASSERT_TRUE(outcome);
    ASSERT_EQ(seen.size(), 40u);
    for (std::size_t i = 0; i < seen.size(); ++i)
      EXPECT_EQ(seen[i], static_cast<std::int64_t>(i));
    EXPECT_LE(most.load(), kWindow);
  }
}

TEST(ProduceInOrder, theFirstErrorInOrderEndsIt) {
  const ThreadContext context(4);
  std::int64_t consumed = 0;
  const auto failed = produceInOrder<int>(
      context, 100, 8,
      [&](std::int64_t i) -> Result<int> {
        if (i == 7 || i == 5) {
          std::this_thread::sleep_for(i == 5 ? 5ms : 0ms); // 7 fails sooner
          return fail(ErrorCode::InvalidArgument, "item " + std::to_string(i));
        }
        return 0;
      },
      [&](std::int64_t, int) -> Result<void> {
        ++consumed;
        return {};
      });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "item 5");
  EXPECT_EQ(consumed, 5);

  const auto refused = produceInOrder<int>(
      context, 10, 2, [](std::int64_t) -> Result<int> { return 0; },
      [](std::int64_t i, int) -> Result<void> {
        if (i == 3)
          return fail(ErrorCode::Io, "full");
        return {};
      });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "full");
}

TEST(ProduceInOrder, nothingToDoIsNoError) {
  const ThreadContext context(2);
  EXPECT_TRUE(produceInOrder<int>(
      context, 0, 1, [](std::int64_t) -> Result<int> { return 0; },
      [](std::int64_t, int) -> Result<void> { return {}; }));
}

} // namespace
} // namespace switchyard::base
