#include "analyzers/npmi/npmi.h"

#include <charconv>

#include "plugins/common/wrapped_analyzer.h"

namespace {

using namespace switchyard;

template <typename T> T numberOf(std::string_view text, const std::string& marker) {
  T value{};
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || rest != text.data() + text.size() || text.empty())
    throw sdk::Failure("marker '" + marker + "' is not of the form NAME:COEFFICIENT:IDS");
  return value;
}

/// Calls `each` for the parts of a text between separators; empty ones are skipped.
template <typename Each> void split(std::string_view text, char separator, Each&& each) {
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    if (const std::string_view part = text.substr(0, end); !part.empty())
      each(part);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
}

/// "wait:1:318 42|998"; the name may hold colons.
analyzers::Marker markerOf(const std::string& text) {
  const std::size_t ids = text.rfind(':');
  const std::size_t coefficient =
      ids == std::string::npos || ids == 0 ? std::string::npos : text.rfind(':', ids - 1);
  if (coefficient == std::string::npos || coefficient == 0)
    throw sdk::Failure("marker '" + text + "' is not of the form NAME:COEFFICIENT:IDS");
  analyzers::Marker marker;
  marker.name = text.substr(0, coefficient);
  const std::string_view view = text;
  marker.coefficient = numberOf<double>(view.substr(coefficient + 1, ids - coefficient - 1), text);
  split(view.substr(ids + 1), '|', [&](std::string_view spelling) {
    std::vector<std::int32_t>& run = marker.spellings.emplace_back();
    split(spelling, ' ',
          [&](std::string_view id) { run.push_back(numberOf<std::int32_t>(id, text)); });
  });
  return marker;
}

struct Maker {
  static std::unique_ptr<trace::Analyzer> make(const sdk::Options& options) {
    analyzers::NpmiOptions npmi;
    for (const std::string& text : options.strings("markers"))
      npmi.markers.push_back(markerOf(text));
    npmi.position = options.string("position") == "any" ? analyzers::MarkerPosition::AnyToken
                                                        : analyzers::MarkerPosition::LastToken;
    npmi.support.minExpert = options.integer("min-expert");
    npmi.support.minBoth = options.integer("min-both");
    npmi.top = static_cast<int>(options.integer("top"));
    npmi.controls = static_cast<int>(options.integer("controls"));
    npmi.alpha = options.number("alpha");
    npmi.seed = static_cast<std::uint64_t>(options.integer("seed"));
    return std::make_unique<analyzers::Npmi>(std::move(npmi));
  }
};

} // namespace

SY_PLUGIN("org.switchyard.npmi", "1.0.0", plugins::WrappedAnalyzer<Maker>);
