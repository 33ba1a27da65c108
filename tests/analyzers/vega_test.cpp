#include "analyzers/report/vega.h"

#include <cmath>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace switchyard::analyzers::report {
namespace {

using nlohmann::json;

json spec(trace::Figure figure) {
  return json::parse(toVega(figure));
}

TEST(Vega, heatmapsHaveOneRowPerCellAndNullsForNoData) {
  trace::Heatmap map{{"expert", {"0", "1", "2"}},
                     {"layer", {"4", "5"}},
                     {1, 2, std::nan(""), 0.5, 4, 1},
                     "times chance",
                     1.0,
                     {}};
  const json s = spec({"m", "Map", "", map});
  EXPECT_EQ(s["$schema"], "https://vega.github.io/schema/vega-lite/v5.json");
  const json rows = s["data"]["values"];
  ASSERT_EQ(rows.size(), 6u);
  EXPECT_EQ(rows[4]["column"], "1");
  EXPECT_EQ(rows[4]["row"], "5");
  EXPECT_EQ(rows[4]["value"], 4.0);
  EXPECT_TRUE(rows[2]["value"].is_null());
  // The colours cover the values' range; the neutral value has the middle of the scale, so that
  // 0.5 (0.5 below) is as far from it as 1.5 would be.
  EXPECT_EQ(s["encoding"]["color"]["scale"]["domain"], json::array({0.5, 4.0}));
  EXPECT_EQ(s["encoding"]["color"]["scale"]["range"].size(), 17u);
}

TEST(Vega, aTreeStandsOverItsColumns) {
  trace::Heatmap map{
      {"j", {"a", "b", "c"}},      {"i", {"a", "b", "c"}}, std::vector<double>(9, 1.0), "", {},
      {{0, 1, 0.25}, {3, 2, 0.75}}};
  const json s = spec({"m", "Map", "", map});
  ASSERT_EQ(s["vconcat"].size(), 2u);
  const json rows = s["vconcat"][0]["data"]["values"];
  ASSERT_EQ(rows.size(), 8u);
  // Merge 1 joins the middle of leaves 0 and 1 (x = 1, height 0.25) with leaf 2 (x = 2.5).
  EXPECT_EQ(rows[4]["x"], 1.0);
  EXPECT_EQ(rows[4]["height"], 0.25);
  EXPECT_EQ(rows[5]["height"], 0.75);
  EXPECT_EQ(rows[7]["x"], 2.5);
  EXPECT_EQ(rows[7]["height"], 0.0);
}

TEST(Vega, labelsStayData) {
  const std::string hostile = "'];alert(1)//\"\\ \xE2\x80\xAE";
  trace::Heatmap map{{"x", {hostile}}, {"y", {"0"}}, {1}, "", {}, {}};
  const json s = spec({"m", "Map", "", map});
  const std::string expression = s["encoding"]["x"]["axis"]["labelExpr"];
  const std::size_t end = expression.rfind("[floor(datum.value)]");
  ASSERT_NE(end, std::string::npos);
  const json labels = json::parse(expression.substr(0, end));
  EXPECT_EQ(labels, json::array({hostile})); // one string literal, nothing beside it
  for (const char c : expression)
    EXPECT_LT(static_cast<unsigned char>(c), 0x7f);
}

TEST(Vega, chartsCarryIntervalsAndTheReference) {
  trace::Chart chart{trace::ChartKind::Line,
                     "beta",
                     "",
                     "accuracy",
                     "share",
                     {},
                     {{"base", {1, 2}, {0.5, 0.625}, {{0.25, 0.75}, {0.5, 0.75}}, {}},
                      {"control", {1, 2}, {0.5, std::nan("")}, {}, {}}},
                     0.5,
                     "chance"};
  const json s = spec({"c", "Curve", "", chart});
  ASSERT_EQ(s["data"]["values"].size(), 4u);
  EXPECT_EQ(s["data"]["values"][1]["high"], 0.75);
  EXPECT_TRUE(s["data"]["values"][3]["y"].is_null());
  ASSERT_EQ(s["layer"].size(), 3u);
  EXPECT_EQ(s["layer"][2]["data"]["values"][0]["y"], 0.5);
  EXPECT_EQ(s["layer"][0]["encoding"]["color"]["scale"]["domain"],
            json::array({"base", "control"}));
  chart.kind = trace::ChartKind::Bar;
  chart.categories = {"one", "two"};
  const json bars = spec({"c", "Bars", "", chart});
  EXPECT_EQ(bars["data"]["values"][3]["x"], "two");
  EXPECT_EQ(bars["layer"][0]["encoding"]["xOffset"]["field"], "series");
}

TEST(Vega, bandsLeaveAndEnterNodesInFull) {
  trace::Flow flow{{{"a", 0}, {"b", 0}, {"c", 1}}, {{0, 2, 3}, {1, 2, 1}, {0, 9, 1}}, "tokens"};
  const json s = spec({"f", "Flow", "", flow});
  const json bands = s["layer"][0]["data"]["values"];
  const json nodes = s["layer"][1]["data"]["values"];
  ASSERT_EQ(nodes.size(), 3u);
  EXPECT_EQ(nodes[2]["y2"].get<double>() - nodes[2]["y"].get<double>(), 4.0);
  // The link that leads nowhere is left out; the second band ends where the first one stopped.
  double least = 1e9, most = 0;
  for (const json& band : bands) {
    EXPECT_LT(band["link"].get<int>(), 2);
    if (band["x"].get<double>() < 1)
      continue;
    least = std::min(least, band["y"].get<double>());
    most = std::max(most, band["y2"].get<double>());
  }
  EXPECT_EQ(least, 0.0);
  EXPECT_EQ(most, 4.0);
}

} // namespace
} // namespace switchyard::analyzers::report
