#include "app/jobs/report/provenance.h"

#include <nlohmann/json.hpp>

#include "app/jobs/experiment/numbers.h"
#include "app/jobs/report/markup.h"
#include "core/base/file.h"
#include "core/base/json.h"

namespace switchyard::jobs::report {

namespace {

using nlohmann::json;

constexpr std::uint64_t kMaxBytes = 1ull << 30;
constexpr std::string_view kElement = "<script type=\"application/json\" id=\"provenance\">";
constexpr std::string_view kElementEnd = "</script>";
constexpr std::string_view kComment = "<!-- provenance: ";
constexpr std::string_view kCommentEnd = " -->";

json partOf(const Part& part) {
  Analysis analysis;
  for (const auto& [id, result] : part.results) {
    analysis.ids.push_back(id);
    analysis.results.push_back(result);
  }
  json digests = json::array();
  for (const experiment::Number& n : experiment::digests(experiment::numbersOf("", analysis)))
    digests.push_back({n.group, n.value});
  return {{"program", part.program},
          {"command", part.command},
          {"trace", part.traceId},
          {"origin", part.origin.empty() ? json() : json::parse(part.origin, nullptr, false)},
          {"inputs", part.inputs},
          {"digests", digests}};
}

} // namespace

std::string provenanceJson(const Document& document, const std::vector<std::string>& reproduce) {
  json parts = json::array();
  for (const Part& part : document.parts)
    parts.push_back(partOf(part));
  return json{{"format", 1}, {"title", document.title}, {"report", reproduce}, {"parts", parts}}
      .dump(-1, ' ', true, json::error_handler_t::replace); // ASCII: no text turns the page around
}

std::string provenanceElement(const std::string& json) {
  return std::string(kElement) + scriptText(json) + std::string(kElementEnd) + "\n";
}

std::string provenanceComment(const std::string& json) {
  std::string text;
  for (std::size_t i = 0; i < json.size(); ++i) {
    // "--" occurs in texts only, where a character may stand as its number.
    if (json[i] == '-' && (i + 1 < json.size() && json[i + 1] == '-'))
      text += "\\u002d";
    else if (json[i] == '<' || json[i] == '>')
      text += json[i] == '<' ? "\\u003c" : "\\u003e";
    else
      text += json[i];
  }
  return std::string(kComment) + text + std::string(kCommentEnd) + "\n";
}

base::Result<json> readProvenance(const std::filesystem::path& report) {
  const std::string text = SY_TRY(base::readTextFile(report, kMaxBytes));
  const bool page = report.extension() == ".html";
  const std::string_view begin = page ? kElement : kComment, end = page ? kElementEnd : kCommentEnd;
  const std::size_t start = text.rfind(begin);
  const std::size_t stop =
      start == std::string::npos ? start : text.find(end, start + begin.size());
  if (stop == std::string::npos)
    return base::fail(base::ErrorCode::InvalidFormat,
                      "this report does not say how it was made; it is of another program, or of "
                      "a version before reports could be rerun",
                      {.file = report.string()});
  const std::size_t from = start + begin.size();
  json parsed = SY_TRY(base::parseJson(std::string_view(text).substr(from, stop - from),
                                       {kMaxBytes, 64}, {.file = report.string()}));
  if (!parsed.is_object() || !parsed.contains("parts") || !parsed["parts"].is_array())
    return base::fail(base::ErrorCode::InvalidFormat, "what it says of its making is damaged",
                      {.file = report.string()});
  return parsed;
}

} // namespace switchyard::jobs::report
