// `switchyard report` as a user runs it, and its page in a browser.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/base/file.h"
#include "tests/app/cli/cli_runner.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace switchyard::tests {
namespace {

/// An analysis as `analyze --out` writes it, with markup in a label.
std::string analysisJson() {
  return R"({"program": "switchyard 0", "command": "switchyard analyze t.swy", "trace": "abc",
    "notices": [], "results": {"load": {
      "provenance": {"analyzer": "load", "version": "1", "formula": "count", "filter": "all tokens",
                     "sequences": 1, "tokens": 4, "options": {}},
      "headlines": [{"name": "max_violation", "title": "Busiest expert", "value": 0.5,
                     "unit": "share", "interval": [0.25, 0.75], "level": 0.95, "note": ""}],
      "findings": ["One finding."], "warnings": [],
      "tables": [{"name": "load_layers", "title": "Layers",
                  "columns": [{"name": "layer", "unit": "", "help": ""},
                              {"name": "label", "unit": "", "help": ""}],
                  "rows": [[0, "<img src=x onerror=alert(1)>"], [1, "b"]]}],
      "figures": [{"name": "map", "title": "Map", "note": "", "kind": "heatmap",
                   "x": {"title": "expert", "labels": ["0", "1"]},
                   "y": {"title": "layer", "labels": ["0"]}, "unit": "share", "neutral": null,
                   "values": [0.25, 0.75], "merges": []}]}}})";
}

/// A page without its section on machine and times.
std::string withoutMachine(std::string page) {
  const std::size_t from = page.find("<!-- machine and times: begin -->");
  const std::size_t to = page.find("<!-- machine and times: end -->");
  EXPECT_NE(to, std::string::npos);
  return page.erase(from, to - from);
}

TEST(ReportVerb, writesAPageAndHoldsItAgainstBounds) {
  const TempFolder folder;
  const std::string out = (folder.path() / "r.html").string();
  ASSERT_TRUE(base::writeFileAtomically(folder.path() / "analysis.json", analysisJson()));
  ASSERT_TRUE(base::writeFileAtomically(
      folder.path() / "good.json",
      R"({"checks": [{"result": "load", "headline": "max_violation", "max": 0.6}]})"));
  ASSERT_TRUE(base::writeFileAtomically(
      folder.path() / "bad.json",
      R"({"checks": [{"result": "load", "headline": "max_violation", "max": 0.4}]})"));
  const auto good = cli({"report", folder.path().string(), "--out", out, "--check",
                         (folder.path() / "good.json").string()});
  EXPECT_EQ(good.exitCode, 0) << good.err;
  EXPECT_NE(good.out.find("1 figures, 1 tables"), std::string::npos) << good.out;
  const std::string page = withoutMachine(slurp(out));
  EXPECT_NE(page.find("One finding."), std::string::npos);
  const auto bad = cli({"report", folder.path().string(), "--out", out, "--check",
                        (folder.path() / "bad.json").string(), "--json"});
  EXPECT_EQ(bad.exitCode, 3) << bad.err;
  const auto facts = nlohmann::json::parse(bad.out, nullptr, false);
  EXPECT_EQ(facts["passed"], false);
  EXPECT_EQ(facts["checks"][0]["says"], "0.5 is not at most 0.4");
  // Again: the same bytes, machine and times apart.
  ASSERT_EQ(cli({"report", folder.path().string(), "--out", out, "--check",
                 (folder.path() / "good.json").string()})
                .exitCode,
            0);
  EXPECT_EQ(withoutMachine(slurp(out)), page);
  EXPECT_EQ(cli({"report", folder.path().string(), "--out", "r.doc"}).exitCode, 2);
  EXPECT_EQ(cli({"report", (folder.path() / "no").string(), "--out", out}).exitCode, 4);
}

/// The page as a browser has it after its scripts ran and `probe` (JavaScript) after them, and what
/// the browser's console said.
struct Opened {
  std::string dom, console;
};

Opened openInBrowser(const std::filesystem::path& page, const std::string& probe) {
  const std::filesystem::path probed = page.parent_path() / "probed.html";
  std::string text = slurp(page);
  text.insert(text.rfind("</body>"), "<script>" + probe + "</script>");
  EXPECT_TRUE(base::writeFileAtomically(probed, text));
  const ProcessResult result = run({"/usr/bin/chromium", "--headless", "--no-sandbox",
                                    "--disable-gpu", "--disable-dev-shm-usage",
                                    "--user-data-dir=" + (page.parent_path() / "profile").string(),
                                    "--virtual-time-budget=20000", "--enable-logging=stderr",
                                    "--dump-dom", "file://" + probed.string()},
                                   120);
  EXPECT_EQ(result.exitCode, 0) << result.err;
  Opened opened{result.out, {}};
  for (std::size_t at = 0; (at = result.err.find("CONSOLE", at)) != std::string::npos; ++at)
    opened.console += result.err.substr(at, result.err.find('\n', at) - at) + "\n";
  return opened;
}

TEST(ReportPage, drawsAndAnswersInChromiumWithoutErrors) {
  const TempFolder folder;
  const auto page = folder.path() / "r.html";
  ASSERT_TRUE(base::writeFileAtomically(folder.path() / "analysis.json", analysisJson()));
  ASSERT_EQ(cli({"report", folder.path().string(), "--out", page.string()}).exitCode, 0);
  // Moves the mouse over a cell of the figure and sorts the table by its first column, twice.
  const Opened opened = openInBrowser(page, R"(
    (function wait() {
      if (!document.documentElement.dataset.drawn) return setTimeout(wait, 20);
      document.querySelectorAll("section.table th button")[0].click();
      document.querySelectorAll("section.table th button")[0].click();
      var cell = document.querySelector(".plot svg .mark-rect.role-mark path");
      var at = cell.getBoundingClientRect();
      var over = { bubbles: true, clientX: at.x + 2, clientY: at.y + 2 };
      ["pointerover", "pointermove", "mouseover", "mousemove"].forEach(function (kind) {
        cell.dispatchEvent(new (kind[0] === "p" ? PointerEvent : MouseEvent)(kind, over)); });
      setTimeout(function () {
        var tip = document.getElementById("vg-tooltip-element");
        var rows = document.querySelectorAll("section.table tbody tr td:first-child");
        document.body.dataset.probe = JSON.stringify({ tip: tip ? tip.textContent : "",
          cells: document.querySelectorAll(".plot svg .mark-rect.role-mark path").length,
          first: rows[0].textContent,
          loads: performance.getEntriesByType("resource").filter(function (e) { return !/^(data|blob):/.test(e.name); }).length,
          images: document.querySelectorAll("img").length });
      }, 200);
    })();)");
  EXPECT_EQ(opened.console, "");
  const std::size_t from = opened.dom.find("data-probe=\"");
  ASSERT_NE(from, std::string::npos) << opened.dom.substr(0, 400);
  const std::string probe = opened.dom.substr(from, opened.dom.find("}\"", from) - from);
  EXPECT_NE(probe.find("cells&quot;:2"), std::string::npos) << probe;
  EXPECT_NE(probe.find("first&quot;:&quot;1"), std::string::npos) << probe; // falling
  EXPECT_NE(probe.find("images&quot;:0"), std::string::npos) << probe;      // markup stays text
  EXPECT_NE(probe.find("loads&quot;:0"), std::string::npos) << probe;       // nothing from anywhere
  EXPECT_NE(probe.find("0.25"), std::string::npos) << probe;                // the hovered value
}

TEST(ReportPage, printsAsItReads) {
  const TempFolder folder;
  const auto page = folder.path() / "r.html", pdf = folder.path() / "printed.pdf";
  ASSERT_TRUE(base::writeFileAtomically(folder.path() / "analysis.json", analysisJson()));
  ASSERT_EQ(cli({"report", folder.path().string(), "--question", "Why?", "--out", page.string()})
                .exitCode,
            0);
  const ProcessResult printed = run(
      {"/usr/bin/chromium", "--headless", "--no-sandbox", "--disable-gpu",
       "--disable-dev-shm-usage", "--user-data-dir=" + (folder.path() / "profile").string(),
       "--virtual-time-budget=20000", "--print-to-pdf=" + pdf.string(), "file://" + page.string()},
      120);
  ASSERT_EQ(printed.exitCode, 0) << printed.err;
  const std::string text = run({"/usr/bin/pdftotext", "-layout", pdf.string(), "-"}).out;
  for (const char* part :
       {"Why?", "One finding.", "0.5 share [0.25, 0.75] (95 %)", "Map", "layer", "Methods",
        "Run it again", "Machine and times", "<img src=x onerror=alert(1)>"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  for (const char* tool : {"Filter rows", "Download CSV", "Show all"}) // nothing to click on paper
    EXPECT_EQ(text.find(tool), std::string::npos) << tool;
}

TEST(ReportPage, dataOfMoreThanFiftyMegabytesLieBesideAndAreShown) {
  constexpr int kRows = 700'000;
  const TempFolder folder;
  std::string json = analysisJson();
  const std::size_t first = json.find("\"rows\": [[0,") + 9;
  std::string rows;
  for (int row = 0; row < kRows; ++row)
    rows += fmt::format(
        "[{},\"label of row {} which is as long as labels are, and then some more of it\"],", row,
        row);
  json.insert(first, rows);
  ASSERT_TRUE(base::writeFileAtomically(folder.path() / "analysis.json", json));
  const auto page = folder.path() / "r.html", data = folder.path() / "r.data.js";
  ASSERT_EQ(cli({"report", folder.path().string(), "--out", page.string()}).exitCode, 0);
  ASSERT_TRUE(std::filesystem::exists(data));
  EXPECT_GT(std::filesystem::file_size(data), 50u << 20);
  EXPECT_LT(std::filesystem::file_size(page), 8u << 20);
  const Opened opened = openInBrowser(page, R"(
    (function wait() {
      if (!document.documentElement.dataset.drawn) return setTimeout(wait, 20);
      document.body.dataset.probe = document.querySelector("section.table .tools span").textContent;
    })();)");
  EXPECT_EQ(opened.console, "");
  EXPECT_NE(opened.dom.find(fmt::format("data-probe=\"100 of {} rows", kRows + 2)),
            std::string::npos);
}

} // namespace
} // namespace switchyard::tests
