// `switchyard report` to PDF and figure files, looked at with poppler: text, pages, pictures.

#include <algorithm>
#include <cctype>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/base/file.h"
#include "tests/app/cli/cli_runner.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace switchyard::tests {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kRows = 130;

json columnsJson(std::initializer_list<const char*> names) {
  json columns = json::array();
  for (const char* name : names)
    columns.push_back({{"name", name}, {"unit", ""}, {"help", ""}});
  return columns;
}

/// Results with everything that is hard to print: a long table, a table of many columns, a map of
/// 512 experts, many figures, text that runs from right to left, markup, hidden characters.
json difficult() {
  json rows = json::array(), wideRow = json::array(), wideColumns = json::array();
  for (int r = 0; r < kRows; ++r)
    rows.push_back({r,
                    r == 1   ? "<img src=x onerror=alert(1)>"
                    : r == 2 ? "\u05E9\u05DC\u05D5\u05DD"
                             : "plain",
                    r / 7.0});
  for (int c = 0; c < 24; ++c) {
    wideColumns.push_back({{"name", fmt::format("column_{:02}", c)}, {"unit", ""}, {"help", ""}});
    wideRow.push_back(1000000 + c);
  }
  json experts = json::array(), layers = json::array(), values = json::array();
  for (int e = 0; e < 512; ++e)
    experts.push_back(std::to_string(e));
  for (int l = 0; l < 24; ++l) {
    layers.push_back(fmt::format("L{}", l));
    for (int e = 0; e < 512; ++e)
      values.push_back((e * 7 + l * 13) % 100 / 50.0);
  }
  const auto map = [](const std::string& name, const json& x, const json& y, const json& cells) {
    return json{{"name", name},
                {"title", "Map " + name},
                {"note", "which data"},
                {"kind", "heatmap"},
                {"x", {{"title", "expert"}, {"labels", x}}},
                {"y", {{"title", "layer"}, {"labels", y}}},
                {"unit", "lift"},
                {"neutral", 1.0},
                {"values", cells},
                {"merges", json::array()}};
  };
  json figures = {map("wide", experts, layers, values)};
  for (int f = 0; f < 7; ++f)
    figures.push_back(map(fmt::format("small_{}", f), {"0", "<b>1</b>"}, {"L0"}, {0.5, 1.5}));
  return {{"program", "switchyard 0"},
          {"command", "switchyard analyze 't.swy' --with load"},
          {"trace", "abc"},
          {"trace_file", "/nowhere/t.swy"},
          {"notices", {"A notice with a hidden \u202E mark."}},
          {"results",
           {{"load",
             {{"provenance",
               {{"analyzer", "load"},
                {"version", "1"},
                {"formula", "count"},
                {"filter", "all tokens"},
                {"sequences", 9},
                {"tokens", 4},
                {"options", json::object()}}},
              {"headlines",
               {{{"name", "busiest"},
                 {"title", "Busiest expert"},
                 {"value", 0.5},
                 {"unit", "share"},
                 {"interval", {0.25, 0.75}},
                 {"level", 0.95},
                 {"note", "of all"}}}},
              {"findings", {"One finding."}},
              {"warnings", json::array()},
              {"tables",
               {{{"name", "long"},
                 {"title", "A long table"},
                 {"columns", columnsJson({"rank", "label", "score"})},
                 {"rows", rows}},
                {{"name", "wide"},
                 {"title", "A wide table"},
                 {"columns", wideColumns},
                 {"rows", json::array({wideRow})}}}},
              {"figures", figures}}}}}};
}

class ReportPdf : public testing::Test {
protected:
  void SetUp() override { write(difficult()); }
  void write(const json& analysis) const {
    ASSERT_TRUE(base::writeFileAtomically(m_folder.path() / "analysis.json", analysis.dump()));
  }
  std::string path(const char* name) const { return (m_folder.path() / name).string(); }
  ProcessResult report(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"report", m_folder.path().string()});
    return cli(std::move(arguments));
  }
  /// The text of each page.
  std::vector<std::string> pages(const std::string& pdf) const {
    const ProcessResult text = run({"/usr/bin/pdftotext", "-layout", pdf, "-"});
    EXPECT_EQ(text.exitCode, 0) << text.err;
    std::vector<std::string> pages;
    for (std::size_t at = 0, end = 0; (end = text.out.find('\f', at)) != std::string::npos;
         at = end + 1)
      pages.push_back(text.out.substr(at, end - at));
    return pages;
  }
  TempFolder m_folder;
};

/// A page as grey values.
struct Picture {
  int width = 0, height = 0;
  std::string pixels;
  int at(int x, int y) const {
    return static_cast<unsigned char>(pixels[static_cast<std::size_t>(y * width + x)]);
  }
  /// The darkest pixel of a rectangle.
  int darkest(int left, int top, int right, int bottom) const {
    int value = 255;
    for (int y = top; y < bottom; ++y)
      for (int x = left; x < right; ++x)
        value = std::min(value, at(x, y));
    return value;
  }
};

std::vector<Picture> pictures(const std::string& pdf, const fs::path& folder) {
  fs::create_directories(folder);
  const ProcessResult drawn =
      run({"/usr/bin/pdftoppm", "-gray", "-r", "40", pdf, (folder / "p").string()});
  EXPECT_EQ(drawn.exitCode, 0) << drawn.err;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    files.push_back(entry.path());
  std::ranges::sort(files);
  std::vector<Picture> all;
  for (const fs::path& file : files) {
    const std::string bytes = slurp(file);
    Picture picture;
    int header = 0;
    EXPECT_EQ(
        std::sscanf(bytes.c_str(), "P5\n%d %d\n255%n", &picture.width, &picture.height, &header),
        2);
    picture.pixels = bytes.substr(static_cast<std::size_t>(header) + 1);
    EXPECT_EQ(picture.pixels.size(), static_cast<std::size_t>(picture.width * picture.height));
    all.push_back(std::move(picture));
  }
  return all;
}

int count(const std::string& text, const std::string& what) {
  int found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    ++found;
  return found;
}

TEST_F(ReportPdf, saysWhatThePageSaysAsRealText) {
  const std::string pdf = path("r.pdf");
  const ProcessResult written =
      report({"--out", pdf, "--rows", "0", "--title", "Early & final", "--question",
              "Which <b>experts</b> moved?", "--note", "A note."});
  ASSERT_EQ(written.exitCode, 0) << written.err;
  const std::vector<std::string> all = pages(pdf);
  ASSERT_GT(all.size(), 4u);
  std::string text;
  for (std::size_t p = 0; p < all.size(); ++p) {
    text += all[p];
    EXPECT_NE(all[p].find(fmt::format("page {} of {}", p + 1, all.size())), std::string::npos)
        << all[p];
  }
  for (const char* part :
       {"Early & final", "Which <b>experts</b> moved?", "A note.", "Warnings", "[U+202E]",
        "One finding.", "0.5 share [0.25, 0.75] (95 %)", "Map wide", "<b>1</b>",
        "<img src=x onerror=alert(1)>", "A long table", "Formula: count", "t.swy", "was not there",
        "Run it again", "switchyard report"})
    EXPECT_NE(text.find(part), std::string::npos) << part;
  EXPECT_EQ(text.find("\u202E"), std::string::npos);
  EXPECT_NE(all.front().find("Early & final"), std::string::npos);
  // Every row is there, and the header stands on every page that has rows.
  int withRows = 0;
  for (const std::string& page : all)
    withRows += count(page, "plain") > 0 ? 1 : 0;
  EXPECT_EQ(count(text, "plain"), kRows - 2);
  EXPECT_GE(withRows, 3);
  for (const std::string& page : all)
    if (count(page, "plain") > 0) {
      EXPECT_EQ(count(page, "rank"), 1) << page;
    }
  for (int c = 0; c < 24; ++c)
    EXPECT_GE(count(text, std::to_string(1000000 + c)), 1) << c;
}

TEST_F(ReportPdf, everyPageIsDrawnInsideItsMargins) {
  const std::string pdf = path("r.pdf");
  ASSERT_EQ(report({"--out", pdf}).exitCode, 0);
  const std::vector<Picture> all = pictures(pdf, m_folder.path() / "a4");
  ASSERT_EQ(all.size(), pages(pdf).size());
  for (const Picture& page : all) {
    EXPECT_NEAR(page.width, 8.27 * 40, 1);
    EXPECT_NEAR(page.height, 11.69 * 40, 1);
    EXPECT_LT(page.darkest(0, 0, page.width, page.height), 120);
    const int side = 22, top = 20; // 16 mm and 14 mm at 40 dpi are 25 and 22
    EXPECT_GT(page.darkest(0, 0, side, page.height), 250);
    EXPECT_GT(page.darkest(page.width - side, 0, page.width, page.height), 250);
    EXPECT_GT(page.darkest(0, 0, page.width, top), 250);
  }
  ASSERT_EQ(report({"--out", pdf, "--paper", "letter"}).exitCode, 0);
  for (const Picture& page : pictures(pdf, m_folder.path() / "letter")) {
    EXPECT_NEAR(page.width, 8.5 * 40, 1);
    EXPECT_NEAR(page.height, 11 * 40, 1);
  }
}

TEST_F(ReportPdf, sameResultsSameBytes) {
  ASSERT_EQ(
      report({"--out", path("r.pdf"), "--figures", path("f"), "--figure-format", "pdf"}).exitCode,
      0);
  const std::string first = slurp(path("r.pdf")), figure = slurp(path("f/01-load-wide.pdf"));
  ASSERT_TRUE(first.starts_with("%PDF-"));
  ASSERT_EQ(
      report({"--out", path("r.pdf"), "--figures", path("f"), "--figure-format", "pdf"}).exitCode,
      0);
  EXPECT_TRUE(slurp(path("r.pdf")) == first);
  EXPECT_TRUE(slurp(path("f/01-load-wide.pdf")) == figure);
}

TEST_F(ReportPdf, figuresAreFilesOfTheirOwn) {
  for (const char* format : {"png", "svg"}) {
    const std::string folder = path(format);
    const ProcessResult written =
        report({"--figures", folder, "--figure-format", format, "--json"});
    ASSERT_EQ(written.exitCode, 0) << written.err;
    const json facts = json::parse(written.out);
    ASSERT_EQ(facts["files"].size(), 8u);
    EXPECT_EQ(facts["figures"], 8);
    EXPECT_EQ(facts["files"][0], folder + "/01-load-wide." + format);
    EXPECT_EQ(facts["files"][1], folder + "/02-load-small-0." + format);
    const std::string bytes = slurp(facts["files"][1].get<std::string>());
    if (format == std::string("png")) {
      EXPECT_TRUE(bytes.starts_with("\x89PNG"));
    } else {
      EXPECT_NE(bytes.find("&lt;b&gt;1&lt;/b&gt;"), std::string::npos);
      EXPECT_EQ(bytes.find("<b>"), std::string::npos);
    }
  }
}

TEST_F(ReportPdf, anEmptyResultAndBoundsWorkToo) {
  json nothing = difficult();
  for (const char* key : {"headlines", "findings", "tables", "figures"})
    nothing["results"]["load"][key] = json::array();
  write(nothing);
  ASSERT_TRUE(base::writeFileAtomically(
      path("bounds.json"),
      R"({"checks": [{"result": "load", "headline": "busiest", "max": 0.4}]})"));
  const ProcessResult written = report({"--out", path("r.pdf"), "--check", path("bounds.json")});
  EXPECT_EQ(written.exitCode, 3) << written.err;
  const std::vector<std::string> all = pages(path("r.pdf"));
  ASSERT_EQ(all.size(), 1u);
  EXPECT_NE(all[0].find("This result has no figures, tables or numbers."), std::string::npos);
  EXPECT_NE(all[0].find("failed: load: busiest"), std::string::npos) << all[0];
  EXPECT_EQ(report({"--figures", path("none")}).exitCode, 0);
  EXPECT_TRUE(fs::is_empty(path("none")));
}

TEST_F(ReportPdf, whatCannotBeWrittenIsOneSentence) {
  const auto refused = [this](std::vector<std::string> arguments) {
    const ProcessResult result = report(std::move(arguments));
    EXPECT_EQ(count(result.err, "\n"), 1) << result.err;
    return result.exitCode;
  };
  EXPECT_EQ(refused({}), 2);
  EXPECT_EQ(refused({"--out", path("absent/r.pdf")}), 1);
  ASSERT_TRUE(base::writeFileAtomically(path("file"), "x"));
  EXPECT_EQ(refused({"--figures", path("file")}), 1);
  // The command line alone, as a headless install has it.
  fs::create_directory(path("bin"));
  fs::copy_file(SY_CLI, path("bin/switchyard"));
  const ProcessResult alone =
      run({path("bin/switchyard"), "report", m_folder.path().string(), "--out", path("alone.pdf")});
  EXPECT_EQ(alone.exitCode, 4);
  EXPECT_EQ(count(alone.err, "\n"), 1);
  EXPECT_NE(alone.err.find("switchyard-studio"), std::string::npos) << alone.err;
  EXPECT_FALSE(fs::exists(path("alone.pdf")));
}

} // namespace
} // namespace switchyard::tests
