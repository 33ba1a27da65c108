// The description of a report, as one program hands it to another or a session keeps it. Input: its
// text. Whatever is accepted comes back the same and is escaped in a page.

#include <cstdint>
#include <string_view>

#include "app/jobs/report/description.h"
#include "app/jobs/report/html.h"
#include "app/jobs/report/markdown.h"
#include "tests/fuzz/require.h"

using namespace switchyard;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto description = jobs::report::parseDescription(text, {.file = "report"});
  if (!description)
    return 0;
  const std::string again = jobs::report::toJson(*description);
  const auto second = jobs::report::parseDescription(again, {.file = "report"});
  tests::require(second && jobs::report::toJson(*second) == again, "it comes back the same");
  const jobs::report::Html html = jobs::report::toHtml(*description, "r.data.js", 0);
  const std::size_t scripts = html.page.find("<script src=\"r.data.js\">");
  tests::require(scripts != std::string::npos && html.page.find("<script") == scripts,
                 "no script before ours");
  tests::require(!jobs::report::toMarkdown(*description, {}, 20).empty(), "Markdown");
  return 0;
}
