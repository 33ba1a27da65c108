#include "core/checkpoint/json_events.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace switchyard::checkpoint {

std::string excerpt(std::string_view text) {
  constexpr std::size_t kShown = 64;
  std::size_t length = std::min(text.size(), kShown);
  while (length < text.size() && length > 0 && (text[length] & 0xC0) == 0x80)
    --length; // not inside a character
  std::string shown(text.substr(0, length));
  for (char& c : shown)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      c = '?';
  return fmt::format("\"{}{}\"", shown, text.size() > length ? "..." : "");
}

bool JsonEvents::parse_error(std::size_t position, const std::string&,
                             const nlohmann::json::exception&) {
  return stop(base::ErrorCode::InvalidFormat, fmt::format("not valid JSON at byte {}", position));
}

bool JsonEvents::stop(base::ErrorCode code, std::string message, std::string tensor) {
  m_error = base::Error{code, std::move(message), {.tensor = std::move(tensor)}};
  return false;
}

base::Result<void> JsonEvents::run(std::string_view text, base::Where where) {
  if (nlohmann::json::sax_parse(text, this))
    return {};
  m_error.where.file = std::move(where.file);
  return tl::unexpected<base::Error>(std::move(m_error));
}

} // namespace switchyard::checkpoint
