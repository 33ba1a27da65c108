#include "analyzers/npmi/npmi.h"

#include <gtest/gtest.h>

#include "tests/analyzers/trace_data.h"

namespace switchyard::analyzers {
namespace {

using nlohmann::json;
using test::TraceData;

std::vector<std::int64_t> positions(const Marker& marker, MarkerPosition rule,
                                    const std::vector<std::int32_t>& tokens, std::int64_t first,
                                    std::int64_t rows) {
  std::vector<std::int64_t> out;
  findMarker(marker, rule, tokens, first, rows, out);
  return out;
}

TEST(Markers, lastAndAnyTokenAcrossRanges) {
  const std::vector<std::int32_t> tokens = {7, 1, 2, 9, 1, 2, 5};
  const Marker marker{.name = "m", .spellings = {{1, 2}, {5}}};
  using Positions = std::vector<std::int64_t>;
  EXPECT_EQ(positions(marker, MarkerPosition::LastToken, tokens, 0, 7), (Positions{2, 5, 6}));
  EXPECT_EQ(positions(marker, MarkerPosition::AnyToken, tokens, 0, 7), (Positions{1, 2, 4, 5, 6}));
  for (MarkerPosition rule : {MarkerPosition::LastToken, MarkerPosition::AnyToken}) {
    Positions pieces;
    for (std::int64_t first = 0; first < 7; ++first) {
      const Positions part = positions(marker, rule, tokens, first, 1);
      pieces.insert(pieces.end(), part.begin(), part.end());
    }
    EXPECT_EQ(pieces, positions(marker, rule, tokens, 0, 7)) << "ranges of one token";
  }
  EXPECT_TRUE(
      positions({.name = "x", .spellings = {{8}}}, MarkerPosition::AnyToken, tokens, 0, 7).empty());
}

/// A trace with exactly the counts of the golden composite: experts are members of as many marked
/// and unmarked tokens as it says.
TraceData compositeTrace(const json& c) {
  const std::int64_t tokens = c["T"];
  const auto layers = c["layers"].get<std::size_t>(), experts = c["experts"].get<std::size_t>();
  TraceData data;
  trace::SequenceInfo info;
  for (std::size_t m = 0; m < c["markers"].size(); ++m)
    info.tokens.insert(info.tokens.end(), c["markers"][m]["M"].get<std::size_t>(),
                       static_cast<std::int32_t>(100 + m));
  const auto marked = static_cast<std::int64_t>(info.tokens.size());
  info.tokens.resize(static_cast<std::size_t>(tokens), 1);
  data.sequences = {info};
  data.columns.resize(1);
  for (std::size_t l = 0; l < layers; ++l) {
    data.layers.push_back(
        {static_cast<int>(l), static_cast<int>(experts), static_cast<int>(experts)});
    TraceData::Column column;
    column.ids.assign(static_cast<std::size_t>(tokens) * experts, trace::kNoExpert);
    for (std::size_t e = 0; e < experts; ++e) {
      std::int64_t start = 0, rest = c["K"][l][e];
      const auto select = [&](std::int64_t first, std::int64_t count) {
        for (std::int64_t t = first; t < first + count; ++t)
          column.ids[static_cast<std::size_t>(t) * experts + e] = static_cast<std::uint16_t>(e);
      };
      for (const json& marker : c["markers"]) {
        const std::int64_t k = marker["k"][l][e];
        select(start, k);
        start += marker["M"].get<std::int64_t>();
        rest -= k;
      }
      select(marked, rest);
    }
    data.columns[0].push_back(std::move(column));
  }
  return data;
}

TEST(Npmi, goldenComposite) {
  const json c = test::golden("npmi.json")["composite"][0];
  const TraceData data = compositeTrace(c);
  NpmiOptions options;
  for (std::size_t m = 0; m < c["markers"].size(); ++m)
    options.markers.push_back({.name = c["markers"][m]["name"],
                               .spellings = {{static_cast<std::int32_t>(100 + m)}},
                               .coefficient = c["markers"][m]["coefficient"]});
  Npmi npmi(options);
  data.feedAll(npmi, 999);
  for (std::size_t m = 0; m < options.markers.size(); ++m) {
    const auto pairs = npmi.associations(m);
    ASSERT_TRUE(pairs) << pairs.error().describe();
    for (std::size_t l = 0; l < pairs->size(); ++l) {
      for (std::size_t e = 0; e < (*pairs)[l].size(); ++e)
        test::expectNear((*pairs)[l][e].npmi, c["npmi"][m][l][e], 0, 1e-11, "npmi");
    }
  }
  const auto ranking = npmi.ranking();
  ASSERT_TRUE(ranking);
  ASSERT_EQ(ranking->size(), c["ranking"].size());
  for (std::size_t i = 0; i < ranking->size(); ++i) {
    const RankedExpert& got = (*ranking)[i];
    EXPECT_EQ(json({got.moeLayer, got.expert}), c["ranking"][i]) << "rank " << i;
    test::expectNear(got.score, c["score"][got.moeLayer][static_cast<std::size_t>(got.expert)], 0,
                     1e-11, "score");
  }
}

TEST(Npmi, goldenCasesThroughATrace) {
  int checked = 0;
  const json file = test::golden("npmi.json");
  for (const json& c : file["cases"]) {
    const std::int64_t tokens = c["T"], marker = c["M"], uses = c["K"], both = c["k"];
    if (tokens > 100'000 || tokens == 0 || marker == 0)
      continue; // the formula itself is tested in the statistics library
    TraceData data;
    data.layers = {{0, 1, 1}};
    trace::SequenceInfo info;
    info.tokens.assign(static_cast<std::size_t>(marker), 5);
    info.tokens.resize(static_cast<std::size_t>(tokens), 1);
    data.sequences = {info};
    TraceData::Column column;
    column.ids.assign(static_cast<std::size_t>(tokens), trace::kNoExpert);
    std::fill_n(column.ids.begin(), both, std::uint16_t{0});
    std::fill_n(column.ids.begin() + marker, uses - both, std::uint16_t{0});
    data.columns = {{column}};
    Npmi npmi({.markers = {{.name = "m", .spellings = {{5}}}}});
    data.feedAll(npmi, 5000);
    const auto got = npmi.associations(0);
    ASSERT_TRUE(got);
    test::expectNear((*got)[0][0].npmi, c["npmi"], 0, 1e-11, "npmi");
    EXPECT_EQ((*got)[0][0].supported, c["supported"].get<bool>());
    if (!c["npmi"].is_null())
      test::expectNear((*got)[0][0].p, c["p_at_least"], 1e-10, 0, "p");
    ++checked;
  }
  EXPECT_GT(checked, 10);
}

TEST(Npmi, handWorkedValues) {
  const auto value = [](std::int64_t both) {
    return *statistics::markerAssociation({1000, 10, 100, both})->npmi;
  };
  EXPECT_NEAR(value(8), .430677, 5e-7);
  EXPECT_NEAR(value(1), 0, 1e-15);
  EXPECT_EQ(value(0), -1);
}

TEST(Npmi, recommendsSupportedExpertsWithMatchedControls) {
  const json c = test::golden("npmi.json")["composite"][0];
  NpmiOptions options;
  options.markers = {{.name = "open", .spellings = {{100}}}};
  options.controls = 3;
  Npmi npmi(options), again(options);
  const TraceData data = compositeTrace(c);
  data.feedAll(npmi);
  data.feedAll(again);
  const auto ranking = npmi.ranking();
  const auto chosen = npmi.recommended(*ranking);
  ASSERT_EQ(chosen.size(), 2u);
  const auto repeated = again.recommended(*again.ranking());
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    EXPECT_TRUE(chosen[i].expert.supported);
    EXPECT_GE(chosen[i].expert.uses, 50);
    ASSERT_EQ(chosen[i].controls.size(), 3u);
    for (std::size_t j = 0; j < 3; ++j) {
      const RankedExpert& control = chosen[i].controls[j];
      EXPECT_EQ(control.expert, repeated[i].controls[j].expert) << "the seed decides";
      for (const MatchedControls& other : chosen)
        EXPECT_FALSE(control.moeLayer == other.expert.moeLayer &&
                     control.expert == other.expert.expert);
    }
  }
  const auto result = npmi.result();
  ASSERT_TRUE(result);
  EXPECT_EQ(result->findings.size(), 2u);
}

TEST(Npmi, refusesBrokenOptions) {
  const std::vector<trace::LayerInfo> layers = {{0, 4, 2}};
  EXPECT_FALSE(Npmi({}).begin(layers));
  EXPECT_FALSE(Npmi({.markers = {{.name = "m", .spellings = {}}}}).begin(layers));
  EXPECT_FALSE(Npmi({.markers = {{.name = "m", .spellings = {{}}}}}).begin(layers));
  EXPECT_FALSE(Npmi({.markers = {{.name = "m", .spellings = {{1}}}}, .alpha = 2}).begin(layers));
}

} // namespace
} // namespace switchyard::analyzers
