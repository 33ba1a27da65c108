// Colour domains, number texts, binning: worked by hand or against naive code.

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "app/studio/figures/color_domain.h"
#include "app/studio/figures/grid_pyramid.h"
#include "app/studio/figures/value_text.h"

namespace switchyard::studio {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

TEST(ColorDomain, LoadIsLogarithmicAboutFairShare) {
  const std::vector<double> values = {0.5, 1, 2, 1.5};
  const ColorDomain domain = domainFor(values, DomainRule::Load);
  EXPECT_EQ(domain.scale, ScaleKind::Log2);
  EXPECT_EQ(domain.low, 0.25);
  EXPECT_EQ(domain.high, 4);
  EXPECT_DOUBLE_EQ(domain.share(1), 0.5);
  EXPECT_DOUBLE_EQ(domain.share(2), 0.75);
  EXPECT_DOUBLE_EQ(domain.share(0.5), 0.25);
  EXPECT_EQ(domain.share(0), 0);
  EXPECT_EQ(domain.share(100), 1);
  EXPECT_TRUE(std::isnan(domain.share(kNone)));
  EXPECT_FALSE(domain.clampsLow);
  EXPECT_FALSE(domain.clampsHigh);
  for (const double t : {0.0, 0.2, 0.5, 0.8, 1.0})
    EXPECT_NEAR(domain.share(domain.valueAt(t)), t, 1e-12);
}

TEST(ColorDomain, SkewedLoadTurnsSequentialWithFairShareMarked) {
  // 3 of 10 values are beyond a quarter or four times: more than 20 %.
  std::vector<double> values = {0.1, 0.1, 9, 1, 1, 1, 1, 1, 1, 1};
  const ColorDomain skewed = domainFor(values, DomainRule::Load);
  EXPECT_FALSE(skewed.isDiverging());
  EXPECT_EQ(skewed.low, 0);
  EXPECT_EQ(skewed.mark, 1.0);
  // 2 of 10: still the fixed domain, clamped ends said.
  values[0] = 1;
  const ColorDomain fixed = domainFor(values, DomainRule::Load);
  EXPECT_TRUE(fixed.isDiverging());
  EXPECT_TRUE(fixed.clampsLow);
  EXPECT_TRUE(fixed.clampsHigh);
}

TEST(ColorDomain, DifferencesAreSymmetricAndProbabilitiesStartAtZero) {
  const std::vector<double> differences = {-0.25, 0.1, kNone};
  const ColorDomain difference = domainFor(differences, DomainRule::Difference);
  EXPECT_EQ(difference.low, -0.3);
  EXPECT_EQ(difference.high, 0.3);
  EXPECT_DOUBLE_EQ(difference.share(0), 0.5);
  const std::vector<double> shares = {0.02, 0.13};
  const ColorDomain probability = domainFor(shares, DomainRule::Probability, 0.125);
  EXPECT_EQ(probability.low, 0);
  EXPECT_EQ(probability.high, 0.15);
  EXPECT_EQ(probability.mark, 0.125);
  const ColorDomain empty = domainFor({}, DomainRule::Range);
  EXPECT_LT(empty.low, empty.high);
  ColorDomain inverted = probability;
  inverted.inverted = true;
  EXPECT_EQ(inverted.share(0), 1);
}

TEST(ColorDomain, LegendsShowEndsCentreAndChance) {
  EXPECT_EQ(legendValues(domainFor(std::vector<double>{1.0}, DomainRule::Load)),
            (std::vector<double>{0.25, 0.5, 1, 2, 4}));
  EXPECT_EQ(legendValues(domainFor(std::vector<double>{0.7}, DomainRule::Probability, 0.125)),
            (std::vector<double>{0, 0.125, 1}));
}

TEST(ValueText, IsWrittenAsTheDesignSays) {
  EXPECT_EQ(valueText(0.24, ValueFormat::Times), QString("0.24×"));
  EXPECT_EQ(valueText(0.25, ValueFormat::Times), QString("¼×"));
  EXPECT_EQ(valueText(9.4, ValueFormat::Times), QString("9.4×"));
  EXPECT_EQ(valueText(0.35, ValueFormat::Percent), QString("35 %"));
  EXPECT_EQ(valueText(45025, ValueFormat::Count), QString("45\u2009025"));
  EXPECT_EQ(valueText(0.3, ValueFormat::Signed), QString("+0.3"));
  EXPECT_EQ(valueText(-0.25, ValueFormat::Signed), QString("\u22120.25"));
  EXPECT_EQ(valueText(kNone), QString("no data"));
  EXPECT_EQ(valueText(0.774, {0.767, 0.781}), QString("0.774 ± 0.007"));
  EXPECT_EQ(valueText(0.77, {0.759, 0.781}), QString("0.770 ± 0.011"));
  EXPECT_EQ(valueText(0.24, {0.17, 0.32}, ValueFormat::Times), QString("0.24× [0.17, 0.32]"));
  EXPECT_EQ(valueText(0.35, {0.33, 0.38}, ValueFormat::Percent), QString("35 % [33, 38]"));
  EXPECT_EQ(valueText(-0.089, {-0.103, -0.074}), QString("\u22120.089 [\u22120.103, \u22120.074]"));
  EXPECT_EQ(pText(0.0004), QString("< 0.001"));
  EXPECT_EQ(pText(0.034), QString("0.034"));
  EXPECT_EQ(ordinal(1) + ordinal(2) + ordinal(3) + ordinal(11) + ordinal(32),
            QString("1st2nd3rd11th32nd"));
}

/// What reduce() must give, cell by cell.
double naive(const std::vector<double>& values, int columns, int r0, int r1, int c0, int c1,
             Binning binning) {
  double best = kNone, sum = 0;
  int known = 0;
  for (int r = r0; r < r1; ++r)
    for (int c = c0; c < c1; ++c) {
      const double v = values[static_cast<std::size_t>(r * columns + c)];
      if (std::isnan(v))
        continue;
      best = known == 0 ? v : std::max(best, v);
      sum += v;
      ++known;
    }
  return binning == Binning::Mean ? (known ? sum / known : kNone) : best;
}

TEST(GridPyramid, ReducesAsNaiveCodeDoesForAnyBinAndRange) {
  constexpr int kRows = 7, kColumns = 1003;
  std::mt19937 random(3);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<double> values(kRows * kColumns);
  for (double& value : values)
    value = uniform(random) < 0.1 ? kNone : uniform(random);
  const GridPyramid pyramid(values, kRows, kColumns);
  for (const auto& [rowBin, columnBin] :
       {std::pair(1, 1), {1, 3}, {2, 8}, {3, 12}, {1, 64}, {7, 1003}, {2, 40}})
    for (const int first : {0, 2 * columnBin})
      for (const Binning binning : {Binning::Maximum, Binning::Mean}) {
        const GridRange range{rowBin, kRows - rowBin, first, kColumns - first};
        if (range.columns <= 0 || range.rows <= 0)
          continue;
        const DrawnGrid grid = pyramid.reduce(range, rowBin, columnBin, binning);
        for (int r = 0; r < grid.rows; ++r)
          for (int c = 0; c < grid.columns; ++c) {
            const int r0 = range.firstRow + r * rowBin, c0 = first + c * columnBin;
            const double expected = naive(values, kColumns, r0, std::min(r0 + rowBin, kRows), c0,
                                          std::min(c0 + columnBin, kColumns), binning);
            const auto got =
                static_cast<double>(grid.values[static_cast<std::size_t>(r * grid.columns + c)]);
            if (std::isnan(expected))
              ASSERT_TRUE(std::isnan(got)) << rowBin << " " << columnBin << " " << r << " " << c;
            else
              ASSERT_NEAR(got, expected, 1e-6)
                  << rowBin << " " << columnBin << " " << r << " " << c;
          }
      }
}

TEST(GridPyramid, AboutACentreTheFarthestValueIsShown) {
  const GridPyramid pyramid(std::vector<double>{0.1, -0.9, 0.3, 0.2}, 1, 4);
  const DrawnGrid grid = pyramid.reduce({0, 1, 0, 4}, 1, 2, Binning::Maximum, 0.0);
  EXPECT_FLOAT_EQ(grid.values[0], -0.9F);
  EXPECT_FLOAT_EQ(grid.values[1], 0.3F);
}

TEST(GridPyramid, BinsKeepCellsAtThreePixels) {
  EXPECT_EQ(GridPyramid::binFor(512, 700), 3); // the design's example
  EXPECT_EQ(GridPyramid::binFor(512, 1600), 1);
  EXPECT_EQ(GridPyramid::binFor(32, 700), 1);
  EXPECT_EQ(GridPyramid::binFor(0, 700), 1);
  for (const int cells : {33, 512, 2048, 10000, 123457})
    for (const double pixels : {100.0, 700.0, 1918.0}) {
      const int bin = GridPyramid::binFor(cells, pixels);
      const int drawn = (cells + bin - 1) / bin;
      EXPECT_GE(pixels / drawn, 2.9) << cells;
      EXPECT_LE(bin, 1 + static_cast<int>(1.25 * 3 * cells / pixels + 1)) << cells;
    }
}

} // namespace
} // namespace switchyard::studio
