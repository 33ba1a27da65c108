#include "analyzers/statistics/multiple_testing.h"

#include <cmath>

#include "tests/analyzers/statistics/golden.h"

namespace switchyard::statistics {
namespace {

using testing::close;
using testing::golden;

TEST(MultipleTesting, GoldenVectors) {
  const auto& file = golden("multiple_testing.json");
  const double alpha = file["alpha"];
  ASSERT_EQ(file["cases"].size(), 17u);
  for (const auto& item : file["cases"]) {
    const auto p = testing::numbers(item["p"]);
    for (const auto& [prefix, correction] :
         {std::pair{"bh", Correction::BenjaminiHochberg},
          std::pair{"by", Correction::BenjaminiYekutieli}, std::pair{"holm", Correction::Holm}}) {
      SCOPED_TRACE(item["name"].get<std::string>() + " " + prefix);
      const std::string name = prefix;
      const auto adjusted = adjustPValues(p, correction);
      ASSERT_TRUE(adjusted.has_value());
      std::int64_t rejected = 0;
      for (std::size_t i = 0; i < p.size(); ++i) {
        const bool reject = rejects((*adjusted)[i], alpha);
        rejected += reject ? 1 : 0;
        if (item.contains(name + "_adjusted")) {
          EXPECT_TRUE(close((*adjusted)[i], item[name + "_adjusted"][i], {1e-12, 0.0})) << i;
        }
        if (item.contains(name + "_reject")) {
          EXPECT_EQ(reject, item[name + "_reject"][i].get<bool>()) << i;
        }
      }
      EXPECT_EQ(rejected, item[name + "_rejected"].get<std::int64_t>());
    }
  }
}

TEST(MultipleTesting, EmptyAndInvalid) {
  EXPECT_TRUE(adjustPValues({}, Correction::Holm)->empty());
  for (const double bad : {-0.1, 1.1, std::nan("")}) {
    const std::vector<double> p{0.5, bad};
    EXPECT_EQ(adjustPValues(p, Correction::BenjaminiHochberg).error().code,
              base::ErrorCode::InvalidArgument);
  }
}

} // namespace
} // namespace switchyard::statistics
