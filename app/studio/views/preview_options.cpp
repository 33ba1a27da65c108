#include "app/studio/views/preview_options.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace switchyard::studio {

namespace {

std::optional<std::int64_t> integerOf(const std::string& text) {
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() ? std::optional(value)
                                                                         : std::nullopt;
}

} // namespace

plugin::OptionArguments previewArguments(std::span<const plugin::OptionSpec> specs,
                                         plugin::OptionArguments given) {
  for (const plugin::OptionSpec& spec : specs) {
    if (spec.type != plugin::OptionType::Integer || spec.list || spec.unit != "shuffles")
      continue;
    const auto argument =
        std::ranges::find(given, spec.name, &plugin::OptionArguments::value_type::first);
    std::optional<std::int64_t> asked;
    if (argument != given.end())
      asked = integerOf(argument->second);
    else if (spec.defaults && spec.defaults->size() == 1)
      if (const auto* value = std::get_if<std::int64_t>(&spec.defaults->front()))
        asked = *value;
    const std::int64_t fewest =
        std::max(kPreviewShuffles, static_cast<std::int64_t>(spec.minimum.value_or(0)));
    if (!asked || *asked <= fewest)
      continue;
    if (argument != given.end())
      argument->second = std::to_string(fewest);
    else
      given.emplace_back(spec.name, std::to_string(fewest));
  }
  return given;
}

} // namespace switchyard::studio
