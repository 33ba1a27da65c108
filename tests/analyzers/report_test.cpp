#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "analyzers/report/csv.h"
#include "analyzers/report/encoding.h"
#include "analyzers/report/json.h"
#include "analyzers/report/read_json.h"
#include "analyzers/report/text.h"

namespace switchyard::analyzers::report {
namespace {

trace::AnalysisResult sample() {
  trace::AnalysisResult r;
  r.tables = {
      {"t",
       "A table",
       {{"name", "", "who"}, {"x", "nats", "how much"}, {"n", "", ""}},
       {{std::string("plain"), 0.1, std::int64_t{3}},
        {std::string("a,\"b\"\nc"), 1e300, std::int64_t{-9223372036854775807LL - 1}},
        {std::string("bad \xFF\xC3(\xE2\x82\xAC \x1b[31m"), std::monostate{}, std::monostate{}},
        {std::string(), std::nan(""), std::int64_t{0}}}}};
  r.headlines = {{"h", "Headline", 0.25, "share", {{0.2, 0.3}}, 0.9, "note"},
                 {"u", "Undefined", std::monostate{}, "", {}, 0.95, ""}};
  r.findings = {"First finding with \"quotes\"."};
  r.warnings = {"not enough data: 1 tokens, 2 needed"};
  r.figures = {{"map", "Map", "",
                trace::Heatmap{
                    {"x", {"0", "1"}}, {"y", {"0"}}, {1.5, std::nan("")}, "u", 1.0, {{0, 1, 0.5}}}},
               {"bars", "Bars", "",
                trace::Chart{trace::ChartKind::Bar,
                             "x",
                             "",
                             "y",
                             "",
                             {"a"},
                             {{"s", {}, {2}, {{1, 3}}, {}}},
                             0.5,
                             "chance"}},
               {"flow", "Flow", "", trace::Flow{{{"a", 0}, {"b", 1}}, {{0, 1, 2.5}}, "tokens"}}};
  r.provenance = {"demo", "1", "f", "all", 2, 10, {{"k", "v"}}};
  return r;
}

TEST(Json, readsBackWithExactNumbersAndNulls) {
  const auto j = nlohmann::json::parse(toJson(sample()));
  EXPECT_EQ(j["provenance"]["tokens"], 10);
  EXPECT_EQ(j["provenance"]["options"]["k"], "v");
  const auto& rows = j["tables"][0]["rows"];
  EXPECT_EQ(rows[0][1].get<double>(), 0.1);
  EXPECT_EQ(rows[1][1].get<double>(), 1e300);
  EXPECT_EQ(rows[1][0], "a,\"b\"\nc");
  EXPECT_EQ(rows[1][2].get<std::int64_t>(), std::numeric_limits<std::int64_t>::min());
  EXPECT_TRUE(rows[2][1].is_null());
  EXPECT_TRUE(rows[3][1].is_null());
  EXPECT_EQ(rows[2][0], "bad \xEF\xBF\xBD\xEF\xBF\xBD(\xE2\x82\xAC \x1b[31m");
  EXPECT_EQ(j["headlines"][0]["interval"], nlohmann::json::parse("[0.2, 0.3]"));
  EXPECT_TRUE(j["headlines"][1]["value"].is_null());
  EXPECT_EQ(j["figures"][0]["kind"], "heatmap");
  EXPECT_TRUE(j["figures"][0]["values"][1].is_null());
  EXPECT_EQ(j["figures"][0]["merges"][0], nlohmann::json::parse("[0, 1, 0.5]"));
  EXPECT_EQ(j["figures"][1]["kind"], "bar");
  EXPECT_EQ(j["figures"][2]["links"][0], nlohmann::json::parse("[0, 1, 2.5]"));
  const auto table = nlohmann::json::parse(toJson(sample().tables[0]));
  EXPECT_EQ(table[0]["n"], 3);
}

TEST(ReadJson, whatWasWrittenComesBack) {
  const std::string written = toJson(sample());
  const auto back = resultFromJson(nlohmann::json::parse(written), {});
  ASSERT_TRUE(back) << back.error().describe();
  EXPECT_EQ(toJson(*back), written);
}

TEST(ReadJson, whatToJsonWouldNotWriteIsRefused) {
  const nlohmann::json good = nlohmann::json::parse(toJson(sample()));
  const auto refused = [&](const char* pointer, const nlohmann::json& value) {
    nlohmann::json changed = good;
    changed[nlohmann::json::json_pointer(pointer)] = value;
    const auto read = resultFromJson(changed, {.file = "a.json"});
    return !read && read.error().code == base::ErrorCode::InvalidFormat &&
           read.error().where.file == "a.json";
  };
  EXPECT_TRUE(refused("/tables/0/rows/0", {"one cell"}));
  EXPECT_TRUE(refused("/tables/0/rows/0/0", {{"an", "object"}}));
  EXPECT_TRUE(refused("/figures/0/kind", "pie"));
  EXPECT_TRUE(refused("/figures/0/values/0", "text"));
  EXPECT_TRUE(refused("/figures/2/links/0", {0}));
  EXPECT_TRUE(refused("/provenance/tokens", "many"));
  EXPECT_TRUE(refused("/headlines/0/interval", {0.1}));
  EXPECT_FALSE(resultFromJson(nlohmann::json::array(), {}));
  EXPECT_FALSE(resultFromJson(nlohmann::json::object(), {}));
}

TEST(Csv, quotesOnlyWhereNeeded) {
  EXPECT_EQ(toCsv(sample().tables[0]), "name,x,n\n"
                                       "plain,0.1,3\n"
                                       "\"a,\"\"b\"\"\nc\",1e+300,-9223372036854775808\n"
                                       "bad \xEF\xBF\xBD\xEF\xBF\xBD(\xE2\x82\xAC \x1b[31m,,\n"
                                       ",,0\n");
}

TEST(Text, findingsComeFirstAndNoControlCharacterPasses) {
  const std::string text = toText(sample(), {.maxRows = 10});
  EXPECT_LT(text.find("First finding"), text.find("Headline"));
  EXPECT_NE(text.find("0.25 share [0.2, 0.3]"), std::string::npos) << text;
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find("not enough data"), std::string::npos);
  EXPECT_NE(toText(sample().tables[0], 1).find("... 3 more rows"), std::string::npos);
}

TEST(Text, longSentencesAreWrapped) {
  trace::AnalysisResult r;
  r.findings = {std::string("word ") + std::string(70, 'x') + " word word word"};
  const std::string text = toText(r, {.width = 40});
  std::size_t lines = 0;
  for (char c : text)
    lines += c == '\n';
  EXPECT_EQ(lines, 4u) << text;
}

TEST(Numbers, shortAndExactForms) {
  EXPECT_EQ(exactNumber(0.1), "0.1");
  EXPECT_EQ(exactNumber(5e-324), "5e-324");
  EXPECT_EQ(exactNumber(1.0), "1");
  EXPECT_EQ(exactNumber(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(shortNumber(0.123456), "0.1235");
  EXPECT_EQ(shortNumber(1234567), "1234567");
  EXPECT_EQ(shortNumber(-2.5), "-2.5");
  EXPECT_EQ(shortNumber(1e-7), "1e-07");
  EXPECT_EQ(shortNumber(std::nan("")), "-");
}

} // namespace
} // namespace switchyard::analyzers::report
