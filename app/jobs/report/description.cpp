#include "app/jobs/report/description.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analyzers/report/json.h"
#include "analyzers/report/read_json.h"
#include "core/base/json.h"

namespace switchyard::jobs::report {

namespace {

using nlohmann::json;

constexpr int kVersion = 1;
constexpr std::size_t kMaxBytes = std::size_t{1} << 30;
constexpr int kMaxDepth = 64;

std::string dumped(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// `object` with one more member, whose value is JSON text.
std::string with(std::string object, std::string_view key, std::string_view value) {
  object.pop_back();
  return object + fmt::format(",\"{}\":{}}}", key, value);
}

template <typename Range, typename One> std::string list(const Range& range, One one) {
  std::string out = "[";
  for (const auto& each : range)
    out += (out.size() > 1 ? ",\n" : "") + one(each);
  return out + "]";
}

/// Whether a drawing needs nothing but itself: every href is data or a place in it.
bool isSelfContained(std::string_view svg) {
  for (std::size_t at = svg.find("href"); at != std::string_view::npos;
       at = svg.find("href", at + 1)) {
    std::string_view rest = svg.substr(at + 4);
    rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of(" \t\r\n=\"'")));
    if (!rest.starts_with('#') && !rest.starts_with("data:"))
      return false;
  }
  return true;
}

base::Result<std::vector<Picture>> picturesOf(const json& array, const base::Where& where) {
  std::vector<Picture> pictures;
  for (const json& each : array) {
    Picture picture;
    picture.title = each.at("title").get<std::string>();
    picture.note = each.at("note").get<std::string>();
    picture.svg = each.at("svg").get<std::string>();
    picture.width = each.at("width").get<double>();
    picture.height = each.at("height").get<double>();
    if (!isSelfContained(picture.svg))
      return base::fail(base::ErrorCode::InvalidFormat,
                        "a picture of this report refers to another file", where);
    pictures.push_back(std::move(picture));
  }
  return pictures;
}

base::Result<Document> documentOf(const json& object, const base::Where& where) {
  Document document;
  document.title = object.at("title").get<std::string>();
  document.question = object.at("question").get<std::string>();
  document.notes = object.at("notes").get<std::vector<std::string>>();
  for (const json& part : object.at("parts"))
    document.parts.push_back(SY_TRY(parsePart(part, where)));
  return document;
}

tl::unexpected<base::Error> damaged(const json::exception& exception, const base::Where& where) {
  return base::fail(base::ErrorCode::InvalidFormat,
                    fmt::format("not the description of a report: {}", exception.what()), where);
}

} // namespace

std::string toJson(const Part& part) {
  json pictures = json::array();
  for (const Picture& picture : part.pictures)
    pictures.push_back({{"title", picture.title},
                        {"note", picture.note},
                        {"svg", picture.svg},
                        {"width", picture.width},
                        {"height", picture.height}});
  const json head{{"program", part.program}, {"command", part.command},
                  {"trace", part.traceId},   {"trace_file", part.traceFile},
                  {"notices", part.notices}, {"title", part.title},
                  {"note", part.note},       {"pictures", std::move(pictures)},
                  {"doctor", part.doctor},   {"machine", part.machine}};
  return with(dumped(head), "results", list(part.results, [](const auto& named) {
                return fmt::format("[{},{}]", dumped(named.first),
                                   analyzers::report::toJson(named.second));
              }));
}

std::string toJson(const Description& description) {
  const Document& document = description.document;
  const std::string body = with(
      dumped(
          {{"title", document.title}, {"question", document.question}, {"notes", document.notes}}),
      "parts", list(document.parts, [](const Part& part) { return toJson(part); }));
  json checks = json::array();
  for (const Check& check : description.checks)
    checks.push_back({{"name", check.name}, {"passed", check.passed}, {"says", check.sentence}});
  return with(dumped({{"switchyard_report", kVersion},
                      {"checks", std::move(checks)},
                      {"reproduce", description.reproduce}}),
              "document", body) +
         "\n";
}

base::Result<Part> parsePart(const json& object, const base::Where& where) {
  Part part;
  try {
    part.program = object.at("program").get<std::string>();
    part.command = object.at("command").get<std::string>();
    part.traceId = object.at("trace").get<std::string>();
    part.traceFile = object.at("trace_file").get<std::string>();
    part.notices = object.at("notices").get<std::vector<std::string>>();
    part.title = object.at("title").get<std::string>();
    part.note = object.at("note").get<std::string>();
    part.pictures = SY_TRY(picturesOf(object.at("pictures"), where));
    part.doctor = object.at("doctor").get<std::string>();
    part.machine = object.at("machine").get<std::vector<std::pair<std::string, std::string>>>();
    for (const json& named : object.at("results")) {
      trace::AnalysisResult result = SY_TRY(analyzers::report::resultFromJson(named.at(1), where));
      part.results.emplace_back(named.at(0).get<std::string>(), std::move(result));
    }
  } catch (const json::exception& exception) {
    return damaged(exception, where);
  }
  return part;
}

base::Result<Description> parseDescription(std::string_view text, const base::Where& where) {
  const json root = SY_TRY(base::parseJson(text, {kMaxBytes, kMaxDepth}, where));
  Description description;
  try {
    if (root.at("switchyard_report").get<int>() != kVersion)
      return base::fail(base::ErrorCode::Unsupported,
                        "this report was described by another version of Switchyard", where);
    description.document = SY_TRY(documentOf(root.at("document"), where));
    for (const json& check : root.at("checks"))
      description.checks.push_back({check.at("name").get<std::string>(),
                                    check.at("passed").get<bool>(),
                                    check.at("says").get<std::string>()});
    description.reproduce = root.at("reproduce").get<std::vector<std::string>>();
  } catch (const json::exception& exception) {
    return damaged(exception, where);
  }
  return description;
}

} // namespace switchyard::jobs::report
