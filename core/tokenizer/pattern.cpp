#include "core/tokenizer/pattern.h"

#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/tokenizer/utf8.h"

namespace switchyard::tokenizer {

using base::ErrorCode;
using base::fail;
using base::Result;

Result<Pattern> Pattern::parse(const nlohmann::json& json, std::string_view where) {
  if (json.is_object() && json.size() == 1 && json.begin()->is_string()) {
    const std::string& text = json.begin()->get_ref<const std::string&>();
    if (text.empty())
      return fail(ErrorCode::InvalidFormat, fmt::format("{}: the pattern is empty", where));
    if (json.begin().key() == "String")
      return Pattern(text);
    if (json.begin().key() == "Regex") {
      auto regex = Regex::compile(text);
      if (!regex)
        return fail(regex.error().code, fmt::format("{}: {}", where, regex.error().message));
      return Pattern(std::move(*regex));
    }
  }
  return fail(ErrorCode::InvalidFormat,
              fmt::format("{}: a pattern is {{\"String\": ...}} or {{\"Regex\": ...}}", where));
}

Result<void> Pattern::find(std::string_view text, RegexBudget& budget,
                           std::vector<Stretch>& out) const {
  std::size_t shown = 0; // everything before is listed
  const auto list = [&](std::size_t begin, std::size_t end) {
    if (begin > shown)
      out.push_back({static_cast<std::uint32_t>(shown), static_cast<std::uint32_t>(begin), false});
    out.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), true});
    shown = end;
  };
  if (const auto* literal = std::get_if<std::string>(&m_what)) {
    for (std::size_t at = text.find(*literal); at != std::string_view::npos;
         at = text.find(*literal, at + literal->size()))
      list(at, at + literal->size());
  } else if (!text.empty()) {
    const Regex& regex = std::get<Regex>(m_what);
    std::optional<std::size_t> lastEnd;
    for (std::size_t from = 0; from <= text.size();) {
      const auto match = SY_TRY(regex.find(text, from, budget));
      if (!match)
        break;
      if (match->begin == match->end && lastEnd == match->end) {
        from = match->end + (match->end < text.size() ? codePointAt(text, match->end).bytes : 1);
        continue;
      }
      list(match->begin, match->end);
      from = match->end;
      lastEnd = match->end;
    }
  }
  if (shown < text.size())
    out.push_back(
        {static_cast<std::uint32_t>(shown), static_cast<std::uint32_t>(text.size()), false});
  return {};
}

} // namespace switchyard::tokenizer
