// Figures and sentences over the cells of a grid, from numbers worked by hand.

#include <cmath>

#include <gtest/gtest.h>

#include "app/jobs/experiment/grid_figures.h"

namespace switchyard::tests {
namespace {

using namespace jobs::experiment;

/// Base, k=1 and k=2 of one model, and a decoder without an axis.
class GridFigures : public ::testing::Test {
protected:
  GridFigures() {
    m_experiment.models = {{"m", {}, ""}};
    m_experiment.recipes = {
        {"base", "", {}}, {"k=1", "{}", {"k", 1.0, ""}}, {"k=2", "{}", {"k", 2.0, ""}}};
    m_experiment.decoders = {{"plain", "", {}}, {"odd", "odd", {}}};
    m_experiment.seeds = {0};
    m_experiment.capture.emplace();
    m_experiment.capture->prompts = {"p"};
    for (std::size_t i = 0; i < 3; ++i) {
      m_cells[i].name = "capture/m/p/" + m_experiment.recipes[i].name;
      m_cells[i].recipe = i;
    }
    m_cells[3].name = "capture/m/p/odd";
    m_cells[3].decoder = 1;
  }
  GridNumber number(std::size_t cell, trace::Cell value,
                    std::optional<std::pair<double, double>> interval = {}) {
    return {&m_cells[cell], "load", "h", "Height", "m", std::move(value), interval};
  }

  Experiment m_experiment;
  Cell m_cells[4];
};

TEST_F(GridFigures, ANumberThatVariesIsAnAxisAndTheBaseALine) {
  const std::vector<GridNumber> numbers = {number(0, 5.0, std::pair(4.0, 6.0)),
                                           number(1, 3.0, std::pair(2.0, 4.0)),
                                           number(2, std::int64_t{7}, std::pair(6.0, 8.0))};
  const auto figures = gridFigures(m_experiment, numbers);
  ASSERT_EQ(figures.size(), 1u);
  const auto& chart = std::get<trace::Chart>(figures[0].content);
  EXPECT_EQ(chart.kind, trace::ChartKind::Line);
  EXPECT_EQ(chart.xTitle, "k");
  ASSERT_EQ(chart.series.size(), 1u);
  EXPECT_EQ(chart.series[0].x, (std::vector<double>{1, 2}));
  EXPECT_EQ(chart.series[0].y, (std::vector<double>{3, 7}));
  EXPECT_EQ(chart.series[0].intervals[1], std::pair(6.0, 8.0));
  EXPECT_EQ(chart.reference, 5.0);
  const auto findings = gridFindings(m_experiment, numbers);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0], "load, Height: from 3 (k=1) to 7 m (k=2), 3 cells.");
}

TEST_F(GridFigures, WaysWithoutANumberAreBars) {
  const std::vector<GridNumber> numbers = {number(0, 5.0), number(3, 2.0)};
  const auto figures = gridFigures(m_experiment, numbers);
  ASSERT_EQ(figures.size(), 1u);
  const auto& chart = std::get<trace::Chart>(figures[0].content);
  EXPECT_EQ(chart.kind, trace::ChartKind::Bar);
  EXPECT_EQ(chart.categories, (std::vector<std::string>{"base", "odd"}));
  EXPECT_EQ(chart.series[0].y, (std::vector<double>{5, 2}));
  EXPECT_TRUE(chart.series[0].intervals.empty());
}

TEST_F(GridFigures, UndefinedNumbersAreInTheTableOnly) {
  const std::vector<GridNumber> numbers = {number(0, std::monostate()), number(1, 2.0),
                                           number(2, std::nan(""))};
  EXPECT_TRUE(gridFigures(m_experiment, numbers).empty());
  EXPECT_TRUE(gridFindings(m_experiment, numbers).empty());
  const trace::Table table = gridTable(m_experiment, numbers);
  ASSERT_EQ(table.rows.size(), 3u);
  EXPECT_EQ(std::get<std::string>(table.rows[1][0]), "capture/m/p/k=1");
  EXPECT_EQ(table.rows[1].size(), table.columns.size());
}

} // namespace
} // namespace switchyard::tests
