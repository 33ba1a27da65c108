#include "app/jobs/report/report.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/jobs/report/doctor.h"
#include "app/jobs/report/html.h"
#include "app/jobs/report/machine_section.h"
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
  result.tables = {{"t",
                    evil,
                    {{"token", "", evil}, {"n", "tokens", ""}},
                    {{evil, std::int64_t{3}}, {std::string("plain"), std::monostate{}}}}};
  result.figures = {
      {"m", evil, evil, trace::Heatmap{{evil, {evil}}, {evil, {evil}}, {1.0}, evil, {}, {}}}};
  result.provenance = {evil, "1", evil, evil, 2, 10, {{"label", evil}}};
  Document document;
  document.title = evil;
  document.question = evil;
  document.notes = {evil};
  document.parts = {{evil, "switchyard analyze '" + evil + "'", evil, {evil}, {{"load", result}}}};
  return document;
}

/// A page or a Markdown report without its section on machine and times.
std::string withoutMachine(std::string text) {
  const std::size_t from = text.find(kMachineBegin);
  const std::size_t to = text.find(kMachineEnd);
  EXPECT_NE(from, std::string::npos);
  EXPECT_NE(to, std::string::npos);
  return text.erase(from, to - from);
}

/// A result of `sequences` documents with a seed.
trace::AnalysisResult seeded(std::int64_t sequences) {
  trace::AnalysisResult result;
  result.provenance = {"org.example.npmi",
                       "2.1",
                       "log p(a,b)",
                       "domain = code",
                       sequences,
                       900,
                       {{"label", "domain"}, {"seed", "7"}}};
  result.warnings = {"not enough data"};
  return result;
}

TEST(Markup, textOfAnybodyStaysText) {
  EXPECT_EQ(htmlText("<b a='x\"'>&amp;"), "&lt;b a=&#39;x&quot;&#39;&gt;&amp;amp;");
  EXPECT_EQ(htmlText("a\xE2\x80\xAE"
                     "b\x1b\xFF"),
            "a[U+202E]b[U+001B]\xEF\xBF\xBD");
  EXPECT_EQ(htmlText("\xE4\xBD\xA0\xE5\xA5\xBD\n"), "\xE4\xBD\xA0\xE5\xA5\xBD\n");
  EXPECT_EQ(scriptText("{\"a\":\"</script><!--\xE2\x80\xA8\"}"),
            "{\"a\":\"\\u003c/script>\\u003c!--\\u2028\"}");
  EXPECT_EQ(markdownText("a|b\n[x](y) *z*"), "a\\|b \\[x\\]\\(y\\) \\*z\\*");
}

TEST(ReportHtml, nothingOfTheDataIsMarkup) {
  const Html html = toHtml({hostile(), {}, {"switchyard report"}}, "r.data.js", 1u << 30);
  EXPECT_TRUE(html.data.empty());
  EXPECT_EQ(html.page.find("<script>alert"), std::string::npos);
  EXPECT_EQ(html.page.find("\xE2\x80\xAE</"), std::string::npos);
  EXPECT_EQ(
      withoutMachine(html.page),
      withoutMachine(toHtml({hostile(), {}, {"switchyard report"}}, "r.data.js", 1u << 30).page));
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
  const Html html = toHtml({hostile(), {}, {}}, "r.data.js", 10);
  EXPECT_TRUE(html.data.starts_with("window.switchyardData={"));
  EXPECT_NE(html.page.find("<script src=\"r.data.js\">"), std::string::npos);
  EXPECT_EQ(html.page.find("id=\"data\""), std::string::npos);
}

TEST(ReportHtml, machineAndTimesStandInOneMarkedSection) {
  Document document = hostile();
  document.parts[0].machine = {{"Measured on", "a <b>fast</b> machine"}};
  const std::string page = toHtml({document, {}, {}}, "r.data.js", 1u << 30).page;
  const std::string section =
      page.substr(page.find(kMachineBegin), page.find(kMachineEnd) - page.find(kMachineBegin));
  EXPECT_NE(section.find("a &lt;b&gt;fast&lt;/b&gt; machine"), std::string::npos) << section;
  EXPECT_NE(section.find(" UTC"), std::string::npos);
  EXPECT_EQ(withoutMachine(page).find("Measured on"), std::string::npos);
  const std::string text = toMarkdown({document, {}, {}}, {}, 20);
  EXPECT_EQ(withoutMachine(text).find("Measured on"), std::string::npos);
}

TEST(ReportHtml, anEntryHasItsTitleNoteAndPicture) {
  Document document = hostile();
  Part& part = document.parts[0];
  part.title = "Load <b>by</b> expert";
  part.note = "Seen twice.";
  part.pictures = {{"Yard", "",
                    "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>", 40,
                    30}};
  const std::string page = toHtml({document, {}, {}}, "r.data.js", 1u << 30).page;
  EXPECT_NE(page.find("Load &lt;b&gt;by&lt;/b&gt; expert"), std::string::npos);
  EXPECT_NE(page.find("Seen twice."), std::string::npos);
  EXPECT_NE(page.find("src=\"data:image/svg+xml;charset=utf-8,%3Csvg"), std::string::npos);
  EXPECT_EQ(page.find("<script>alert"), std::string::npos);
}

TEST(ReportDocument, methodsSeedsAndSmallSamplesAreSaidOnce) {
  Document document;
  document.parts.resize(2);
  for (Part& part : document.parts) {
    part.program = "switchyard 1";
    part.command = "switchyard analyze t.swy";
    part.results = {{"npmi", seeded(3)}};
  }
  EXPECT_EQ(methodsOf(document),
            (std::vector<std::string>{
                "npmi (org.example.npmi 2.1) read 900 tokens of 3 sequences: domain = code. "
                "Formula: log p(a,b). Options: label = domain, seed = 7.",
                "Made by switchyard 1.", "Seeds: npmi seed = 7."}));
  EXPECT_EQ(warningsOf(document),
            (std::vector<std::string>{
                "not enough data",
                "npmi read only 3 sequences; intervals over sequences need at least 5."}));
  EXPECT_EQ(commandsOf(document, {"switchyard report a"}),
            (std::vector<std::string>{"switchyard analyze t.swy", "switchyard report a"}));
  document.parts[0].results = {{"npmi", seeded(5)}};
  document.parts.pop_back();
  EXPECT_EQ(warningsOf(document), std::vector<std::string>{"not enough data"});
}

TEST(ReportDescription, comesBackWhole) {
  Description before{hostile(), {{"a", true, "b"}}, {"switchyard report x"}};
  Part& part = before.document.parts[0];
  part.traceFile = "t.swy";
  part.title = "T";
  part.note = "N";
  part.doctor = "looked";
  part.machine = {{"a", "b"}};
  part.pictures = {{"P", "n", "<svg/>", 3, 4}};
  const std::string text = toJson(before);
  const auto after = parseDescription(text, {});
  ASSERT_TRUE(after) << after.error().describe();
  EXPECT_EQ(toJson(*after), text);
  EXPECT_EQ(after->document.parts[0].pictures[0].height, 4);
  EXPECT_EQ(after->document.parts[0].machine, part.machine);
  for (std::size_t cut = 1; cut < text.size(); cut += 7)
    EXPECT_FALSE(parseDescription(text.substr(0, text.size() - 1 - cut), {})) << cut;
  EXPECT_EQ(parseDescription(R"({"switchyard_report": 2})", {}).error().code,
            base::ErrorCode::Unsupported);
  // A drawing that would show a file of whoever opens the report.
  before.document.parts[0].pictures[0].svg =
      "<svg><image xlink:href = 'file:///etc/passwd'/></svg>";
  EXPECT_EQ(parseDescription(toJson(before), {}).error().code, base::ErrorCode::InvalidFormat);
  before.document.parts[0].pictures[0].svg =
      "<svg><image href=\"data:image/png;base64,AA\"/><use href='#a'/></svg>";
  EXPECT_TRUE(parseDescription(toJson(before), {}));
}

TEST(ReportDoctor, saysWhatItLookedAtOrWhyNot) {
  const TempFolder folder;
  Document document;
  document.parts.resize(1);
  document.parts[0].traceFile = (folder.path() / "gone.swy").string();
  document.parts[0].traceId = "abc";
  const base::ThreadContext threads(1);
  ASSERT_TRUE(TraceDoctor().consult(document, threads, {}));
  EXPECT_NE(document.parts[0].doctor.find("was not there"), std::string::npos);
  EXPECT_TRUE(document.parts[0].notices.empty());
  // Not a trace at all: the doctor's own words.
  ASSERT_TRUE(base::writeFileAtomically(folder.path() / "gone.swy", "text"));
  ASSERT_TRUE(TraceDoctor().consult(document, threads, {}));
  EXPECT_NE(document.parts[0].doctor.find("did not look"), std::string::npos);
  // Results that were made of no trace.
  document.parts[0] = Part();
  ASSERT_TRUE(TraceDoctor().consult(document, threads, {}));
  EXPECT_EQ(document.parts[0].doctor, "");
}

TEST(ReportNative, withoutTheWindowOneSentenceSaysSo) {
  const TempFolder folder;
  NativeOutput output{.pdf = folder.path() / "r.pdf"};
  output.studio = folder.path() / "switchyard-studio";
  const auto missing = renderNatively({hostile(), {}, {}}, output, {});
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("switchyard-studio"), std::string::npos);
  output.studio = "/bin/false";
  const auto failed = renderNatively({hostile(), {}, {}}, output, {});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, base::ErrorCode::Io);
  output.studio = "/bin/true"; // says nothing
  EXPECT_FALSE(renderNatively({hostile(), {}, {}}, output, {}));
  output.pdf = std::string("a\xff.pdf");
  EXPECT_EQ(renderNatively({hostile(), {}, {}}, output, {}).error().code,
            base::ErrorCode::InvalidArgument);
}

TEST(ReportMarkdown, isEscapedAndSaysEverything) {
  Document document = hostile();
  document.parts[0].command = "switchyard analyze '```\nrm'";
  const std::string text =
      toMarkdown({document, {{"load: cv", false, "2 is not at most 1"}}, {"switchyard report"}},
                 {"<r.figures/001.svg>"}, 20);
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
  for (
      const char* bad :
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
    return writeReport({.results = {wrong}, .to = {.file = folder.path() / out}},
                       base::ThreadContext(1), {});
  };
  EXPECT_FALSE(writeReport({.results = {}, .to = {.file = folder.path() / "r.html"}},
                           base::ThreadContext(1), {}));
  EXPECT_EQ(
      writeReport({.results = {folder.path() / "none"}, .to = {.file = folder.path() / "r.html"}},
                  base::ThreadContext(1), {})
          .error()
          .code,
      base::ErrorCode::NotFound);
  EXPECT_EQ(written("{}", "r.html").error().code, base::ErrorCode::InvalidFormat);
  EXPECT_EQ(written("{\"results\": {\"x\": 1}}", "r.html").error().code,
            base::ErrorCode::InvalidFormat);
  EXPECT_EQ(written("{\"results\": {}, \"program\": 1}", "r.html").error().code,
            base::ErrorCode::InvalidFormat);
  EXPECT_EQ(written("{\"results\": {}}", "r.docx").error().code, base::ErrorCode::InvalidArgument);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "r.html"));
}

} // namespace
} // namespace switchyard::jobs::report
