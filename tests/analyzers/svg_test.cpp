#include "analyzers/report/svg.h"

#include <cmath>
#include <limits>
#include <set>

#include <gtest/gtest.h>

#include "analyzers/report/palette.h"
#include "analyzers/report/scale.h"
#include "analyzers/report/svg_canvas.h"

namespace switchyard::analyzers::report {
namespace {

using trace::Figure;

/// Whether every element is closed in order and no bare & or < stands in the text.
testing::AssertionResult wellFormed(const std::string& svg) {
  std::vector<std::string> open;
  for (std::size_t at = 0; at < svg.size();) {
    if (svg[at] == '&') {
      const std::size_t end = svg.find(';', at);
      if (end == std::string::npos || end - at > 6)
        return testing::AssertionFailure() << "bare & at " << at;
    }
    if (svg[at] != '<') {
      ++at;
      continue;
    }
    const std::size_t end = svg.find('>', at);
    if (end == std::string::npos)
      return testing::AssertionFailure() << "unclosed tag at " << at;
    const std::string tag = svg.substr(at + 1, end - at - 1);
    if (std::count(tag.begin(), tag.end(), '"') % 2 != 0 || tag.find('<') != std::string::npos)
      return testing::AssertionFailure() << "broken tag <" << tag << ">";
    const std::string name = tag.substr(0, tag.find_first_of(" \n"));
    if (tag[0] == '/') {
      if (open.empty() || "/" + open.back() != name)
        return testing::AssertionFailure() << "unexpected <" << tag << ">";
      open.pop_back();
    } else if (tag[0] != '?' && tag.back() != '/') {
      open.push_back(name);
    }
    at = end + 1;
  }
  if (!open.empty())
    return testing::AssertionFailure() << "<" << open.back() << "> is never closed";
  return testing::AssertionSuccess();
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    ++n;
  return n;
}

const double kNan = std::numeric_limits<double>::quiet_NaN();

Figure heatmap() {
  return {"map", "Load <b> & \"more\"", "note",
          trace::Heatmap{{"expert", {"0", "1", "2"}},
                         {"layer", {"a<script>", "b"}},
                         {0.5, 1, 2, kNan, 0, 1.5},
                         "times",
                         1.0,
                         {}}};
}

TEST(Svg, heatmapEscapesTextAndMarksMissingData) {
  const std::string svg = toSvg(heatmap());
  EXPECT_TRUE(wellFormed(svg));
  EXPECT_EQ(svg.find("<script>"), std::string::npos);
  EXPECT_NE(svg.find("Load &lt;b&gt; &amp; &quot;more&quot;"), std::string::npos);
  EXPECT_EQ(count(svg, "fill=\"url(#no-data)\""), 2u) << "the cell and its legend";
  EXPECT_NE(svg.find("layer b, expert 0: no data"), std::string::npos);
  EXPECT_NE(svg.find(divergingColour(0.5)), std::string::npos) << "the neutral value";
  EXPECT_NE(svg.find("1 (neutral)"), std::string::npos);
  EXPECT_EQ(toSvg(heatmap()), svg);
}

TEST(Svg, dendrogramHasOneBracketPerMerge) {
  trace::Heatmap map{
      {"j", {"2", "0", "1"}},    {"i", {"2", "0", "1"}}, std::vector<double>(9, 0.1), "P", {},
      {{1, 2, 0.2}, {0, 3, 0.9}}};
  const std::string svg = toSvg({"m", "Matrix", "", map});
  EXPECT_TRUE(wellFormed(svg));
  EXPECT_EQ(count(svg, "fill=\"none\" stroke=\"#1a1a1a\""), 2u);
  map.merges = {{1, 99, 0.2}};
  EXPECT_TRUE(wellFormed(toSvg({"m", "Matrix", "", map}))) << "a merge of nothing is not drawn";
}

TEST(Svg, chartsOfEveryKind) {
  trace::Chart chart{
      trace::ChartKind::Bar,
      "label",
      "",
      "share",
      "",
      {"python & co", "prose"},
      {{"a", {}, {0.5, kNan}, {{0.4, 0.6}, {kNan, kNan}}, {}}, {"b", {}, {-1, 2}, {}, {}}},
      0.25,
      "chance"};
  const std::string bars = toSvg({"c", "Bars", "", chart});
  EXPECT_TRUE(wellFormed(bars));
  EXPECT_NE(bars.find("python &amp; co"), std::string::npos);
  EXPECT_NE(bars.find("chance"), std::string::npos);
  EXPECT_EQ(count(bars, "url(#no-data)"), 1u);
  chart.kind = trace::ChartKind::Line;
  chart.series = {{"a", {0, 1, 2, 3}, {1, kNan, 2, 3}, {}, {}}};
  const std::string lines = toSvg({"c", "Lines", "", chart});
  EXPECT_TRUE(wellFormed(lines));
  EXPECT_EQ(count(lines, "<circle"), 3u);
  chart.kind = trace::ChartKind::Scatter;
  chart.series[0].labels = {"p", "q", "r", "s"};
  EXPECT_NE(toSvg({"c", "Points", "", chart}).find("a r: 2, 2"), std::string::npos);
  for (trace::ChartKind kind :
       {trace::ChartKind::Bar, trace::ChartKind::Line, trace::ChartKind::Scatter})
    EXPECT_TRUE(
        wellFormed(toSvg({"c", "Empty", "", trace::Chart{kind, "", "", "", "", {}, {}, {}, ""}})));
}

TEST(Svg, flowDrawsLinksThatLeadSomewhere) {
  const trace::Flow flow{{{"layer 0 expert 1", 0}, {"layer 1 other", 1}},
                         {{0, 1, 3}, {0, 7, 1}, {-1, 0, 1}, {0, 1, kNan}},
                         "tokens"};
  const std::string svg = toSvg({"f", "Flow", "", flow});
  EXPECT_TRUE(wellFormed(svg));
  EXPECT_EQ(count(svg, "opacity=\"0.35\""), 1u);
  EXPECT_NE(svg.find("layer 0 expert 1 to layer 1 other: 3 tokens"), std::string::npos);
  EXPECT_TRUE(wellFormed(toSvg({"f", "Nothing", "", trace::Flow{}})));
}

TEST(Svg, hostileTextStaysText) {
  Figure figure = heatmap();
  figure.title = std::string("\x01\x1b]0;\xFF\xC0\xAF") + "'\"><";
  const std::string svg = toSvg(figure);
  EXPECT_TRUE(wellFormed(svg));
  for (char c : svg)
    EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n');
}

TEST(Palette, coloursDifferAndClamp) {
  std::set<std::string> colours;
  for (int i = 0; i < 8; ++i)
    colours.insert(seriesColour(static_cast<std::size_t>(i)));
  EXPECT_EQ(colours.size(), 8u);
  EXPECT_EQ(sequentialColour(-3), sequentialColour(0));
  EXPECT_EQ(sequentialColour(0), "#440154");
  EXPECT_EQ(sequentialColour(1), "#fde725");
  EXPECT_EQ(divergingColour(.5), "#f7f7f7");
}

TEST(Scale, roundNumbers) {
  EXPECT_EQ(ticks(0, 1, 5).size(), 6u);
  EXPECT_DOUBLE_EQ(ticks(0.13, 0.87, 4).front(), 0.2);
  const LinearScale scale = niceScale(0.03, 0.97, 100, 0);
  EXPECT_DOUBLE_EQ(scale.low, 0);
  EXPECT_DOUBLE_EQ(scale.high, 1);
  EXPECT_DOUBLE_EQ(scale(0.25), 75);
  EXPECT_GT(niceScale(3, 3, 0, 1).high, 3) << "one value gets room";
}

} // namespace
} // namespace switchyard::analyzers::report
