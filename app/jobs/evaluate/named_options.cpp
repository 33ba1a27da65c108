#include "app/jobs/evaluate/named_options.h"

#include <algorithm>

#include <fmt/format.h>

namespace switchyard::jobs::evaluate {

base::Result<NamedOptions> parseNamedOptions(std::string_view text) {
  const auto refuse = [&] {
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("\"{}\" is not NAME or NAME:OPTION=VALUE,OPTION=VALUE", text));
  };
  NamedOptions named;
  const std::size_t colon = std::min(text.find(':'), text.size());
  named.name = std::string(text.substr(0, colon));
  if (named.name.empty())
    return refuse();
  for (std::size_t begin = colon + 1; begin <= text.size() && colon < text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view part = text.substr(begin, end - begin);
    begin = end + 1;
    const std::size_t equals = part.find('=');
    if (equals != std::string_view::npos && equals > 0)
      named.options.emplace_back(part.substr(0, equals), part.substr(equals + 1));
    else if (!named.options.empty())
      named.options.back().second += fmt::format(",{}", part);
    else
      return refuse();
  }
  return named;
}

std::string describe(const NamedOptions& named) {
  std::string text = named.name;
  for (std::size_t i = 0; i < named.options.size(); ++i)
    text +=
        fmt::format("{}{}={}", i == 0 ? ":" : ",", named.options[i].first, named.options[i].second);
  return text;
}

} // namespace switchyard::jobs::evaluate
