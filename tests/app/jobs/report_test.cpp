#include "app/jobs/report/report.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/jobs/report/html.h"
#include "app/jobs/report/markdown.h"
#include "app/jobs/report/markup.h"
#include "core/base/file.h"
#include "tests/support/temp_folder.h"

namespace switchyard::jobs::report {
namespace {

using tests::TempFolder;

/// A document in which every text that can come from outside is hostile.
Document hostile() {
  const std::string evil = "</script><script>alert(1)</script>&\"'`|\xE2\x80\xAE";
  trace::AnalysisResult result;
  result.findings = {evil};
  result.warnings = {evil};
  result.headlines = {{"rate", evil, 0.75, evil, {{0.5, 1.0}}, 0.95, evil}};
  result.tables = {{"t", evil, {{"token", "", evil}, {"n", "tokens", ""}},
                    {{evil, std::int64_t{3}}, {std::string("plain"), std::monostate{}}}}};
  result.figures = {{"m", evil, evil,
                     trace::Heatmap{{evil, {evil}}, {evil, {evil}}, {1.0}, evil, {}, {}}}};
  result.provenance = {evil, "1", evil, evil, 2, 10, {{"label", evil}}};
  Document document;
  document.title = evil;
  document.question = evil;
  document.notes = {evil};
  document.parts = {{evil, "switchyard analyze '" + evil + "'", evil, {evil}, {{"load", result}}}};
  return document;
}

TEST(Markup, textOfAnybodyStaysText) {
  EXPECT_EQ(htmlText("<b a='x\"'>&amp;"), "&lt;b a=&#39;x&quot;&#39;&gt;&amp;amp;");
  EXPECT_EQ(htmlText("a\xE2\x80\xAE" "b\x1b\xFF"), "a[U+202E]b[U+001B]\xEF\xBF\xBD");
  EXPECT_EQ(htmlText("\xE4\xBD\xA0\xE5\xA5\xBD\n"), "\xE4\xBD\xA0\xE5\xA5\xBD\n");
  EXPECT_EQ(scriptText("{\"a\":\"</script><!--\xE2\x80\xA8\"}"),
            "{\"a\":\"\\u003c/script>\\u003c!--\\u2028\"}");
  EXPECT_EQ(markdownText("a|b\n[x](y) *z*"), "a\\|b \\[x\\]\\(y\\) \\*z\\*");
}

TEST(ReportHtml, nothingOfTheDataIsMarkup) {
  const Html html = toHtml(hostile(), {}, {"switchyard report"}, "r.data.js", 1u << 30);
  EXPECT_TRUE(html.data.empty());
  EXPECT_EQ(html.page.find("<script>alert"), std::string::npos);
  EXPECT_EQ(html.page.find("\xE2\x80\xAE</"), std::string::npos);
  EXPECT_EQ(html.page, toHtml(hostile(), {}, {"switchyard report"}, "r.data.js", 1u << 30).page);
  // The data are one JSON document, and hold what the result holds.
  const std::string open = "<script type=\"application/json\" id=\"data\">";
  const std::size_t from = html.page.find(open) + open.size();
  const auto data =
      nlohmann::json::parse(html.page.substr(from, html.page.find("</script>", from) - from));
  EXPECT_EQ(data["tables"].size(), 1u);
  EXPECT_EQ(data["tables"].front()["rows"][0][1], 3);
  EXPECT_TRUE(data["tables"].front()["rows"][1][1].is_null());
  for (const char* part : {"connect-src 'none'", "0.75", "[0.5, 1] (95 %)", "switchyard report"})
    EXPECT_NE(html.page.find(part), std::string::npos) << part;
}

TEST(ReportHtml, muchDataLieBeside) {
  const Html html = toHtml(hostile(), {}, {}, "r.data.js", 10);
  EXPECT_TRUE(html.data.starts_with("window.switchyardData={"));
  EXPECT_NE(html.page.find("<script src=\"r.data.js\">"), std::string::npos);
  EXPECT_EQ(html.page.find("id=\"data\""), std::string::npos);
}

TEST(ReportMarkdown, isEscapedAndSaysEverything) {
  Document document = hostile();
  document.parts[0].command = "switchyard analyze '```\nrm'";
  const std::string text = toMarkdown(document, {{"load: cv", false, "2 is not at most 1"}},
                                      {"<r.figures/001.svg>"}, {"switchyard report"});
  EXPECT_EQ(text.find("<script>"), std::string::npos);
  EXPECT_NE(text.find("| **failed** | load: cv | 2 is not at most 1 |"), std::string::npos) << text;
  EXPECT_NE(text.find("](<r.figures/001.svg>)"), std::string::npos);
  EXPECT_NE(text.find("````sh\n"), std::string::npos); // longer than the run inside
}

TEST(Thresholds, everyBoundIsHeldAgainstANumber) {
  const TempFolder folder;
  const auto file = folder.path() / "t.json";
  const auto checks = [&](const std::string& text) {
    EXPECT_TRUE(base::writeFileAtomically(file, text));
    return check(hostile(), file);
  };
  const auto held = checks(R"({"checks": [
      {"result": "load", "headline": "rate", "min": 0.7, "max": 0.8},
      {"result": "load", "headline": "rate", "max": 0.7},
      {"result": "load", "table": "t", "column": "n", "min": 3},
      {"result": "load", "table": "t", "column": "n", "min": 4},
      {"result": "load", "headline": "missing", "min": 0}]})");
  ASSERT_TRUE(held) << held.error().describe();
  ASSERT_EQ(held->size(), 5u);
  EXPECT_TRUE((*held)[0].passed);
  EXPECT_FALSE((*held)[1].passed);
  EXPECT_EQ((*held)[1].sentence, "0.75 is not at most 0.7");
  EXPECT_TRUE((*held)[2].passed); // the undefined cell is no number
  EXPECT_FALSE((*held)[3].passed);
  EXPECT_FALSE((*held)[4].passed); // what is not there does not pass
  for (const char* bad :
       {"[]", "{}", R"({"checks": []})", R"({"checks": [{"result": "load", "min": 1}]})",
        R"({"checks": [{"result": "load", "headline": "rate"}]})",
        R"({"checks": [{"result": "load", "headline": "rate", "min": "1"}]})",
        R"({"checks": [{"result": "load", "headline": "rate", "max": 1, "typo": 2}]})",
        R"({"checks": [{"result": "load", "headline": "rate", "table": "t", "column": "n", "max": 1}]})"}) {
    const auto refused = checks(bad);
    EXPECT_FALSE(refused) << bad;
    if (!refused) {
      EXPECT_EQ(refused.error().code, base::ErrorCode::InvalidFormat) << bad;
    }
  }
}

TEST(Report, badResultsAreRefusedInOneSentence) {
  const TempFolder folder;
  const auto wrong = folder.path() / "analysis.json";
  const auto written = [&](const std::string& text, const char* out) {
    EXPECT_TRUE(base::writeFileAtomically(wrong, text));
    return writeReport({.results = {wrong}, .out = folder.path() / out});
  };
  EXPECT_FALSE(writeReport({.results = {}, .out = folder.path() / "r.html"}));
  EXPECT_EQ(writeReport({.results = {folder.path() / "none"}, .out = folder.path() / "r.html"})
                .error()
                .code,
            base::ErrorCode::NotFound);
  EXPECT_EQ(written("{}", "r.html").error().code, base::ErrorCode::InvalidFormat);
  EXPECT_EQ(written("{\"results\": {\"x\": 1}}", "r.html").error().code,
            base::ErrorCode::InvalidFormat);
  EXPECT_EQ(written("{\"results\": {}, \"program\": 1}", "r.html").error().code,
            base::ErrorCode::InvalidFormat);
  EXPECT_EQ(written("{\"results\": {}}", "r.docx").error().code,
            base::ErrorCode::InvalidArgument);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "r.html"));
}

} // namespace
} // namespace switchyard::jobs::report
