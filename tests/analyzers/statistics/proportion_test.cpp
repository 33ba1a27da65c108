#include "analyzers/statistics/proportion.h"

#include <gtest/gtest.h>

namespace switchyard::statistics {
namespace {

/// scipy 1.17.1: binomtest(k, n).proportion_ci(level, method="wilson").
TEST(Wilson, EqualsScipy) {
  struct Case {
    std::int64_t k, n;
    double level, low, high;
  };
  const Case cases[] = {{8, 10, 0.95, 0.4901624715366418, 0.9433178485456248},
                        {0, 10, 0.95, 0.0, 0.27753279986288926},
                        {500, 500, 0.95, 0.9923756595384479, 1.0},
                        {311, 500, 0.95, 0.5787204544668167, 0.6634192064605644},
                        {1, 3, 0.9, 0.07826572633372841, 0.7464661317187758}};
  for (const Case& c : cases) {
    const auto interval = wilsonInterval(c.k, c.n, c.level);
    ASSERT_TRUE(interval);
    EXPECT_NEAR((*interval)[0], c.low, 1e-12);
    EXPECT_NEAR((*interval)[1], c.high, 1e-12);
  }
}

TEST(Wilson, RefusesWhatIsNoProportion) {
  EXPECT_FALSE(wilsonInterval(1, 0));
  EXPECT_FALSE(wilsonInterval(-1, 3));
  EXPECT_FALSE(wilsonInterval(4, 3));
  EXPECT_FALSE(wilsonInterval(1, 3, 1.0));
}

} // namespace
} // namespace switchyard::statistics
