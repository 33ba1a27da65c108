#include "core/tokenizer/chat_template/chat_time.h"

#include <array>
#include <ctime>

#include <fmt/format.h>

#include "core/tokenizer/chat_template/fault.h"

namespace switchyard::tokenizer::chat {

LocalTime LocalTime::current() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::localtime_r(&now, &parts);
  return {parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
          parts.tm_hour,        parts.tm_min,     parts.tm_sec};
}

std::string formatTime(const LocalTime& time, const std::string& format) {
  constexpr std::size_t kMostBytes = 1024;
  if (format.size() > kMostBytes)
    raise(FaultKind::Limit, "the format of a time is too long");
  for (std::size_t at = 0; at + 1 < format.size(); ++at) {
    if (format[at] != '%')
      continue;
    std::size_t letter = at + 1;
    while (letter + 1 < format.size() && (format[letter] == '-' || format[letter] == '_' ||
                                          format[letter] == '0' || format[letter] == '^'))
      ++letter;
    const char c = format[letter];
    if (c >= '0' && c <= '9')
      raise(FaultKind::Unsupported, "a width in the format of a time");
    if (c == 'z' || c == 'Z' || c == 's' || c == 'f' || c == 'E' || c == 'O' || c == '+')
      raise(FaultKind::Unsupported, fmt::format("%{} in the format of a time", c));
    at = letter;
  }
  std::tm parts{};
  parts.tm_year = time.year - 1900;
  parts.tm_mon = time.month - 1;
  parts.tm_mday = time.day;
  parts.tm_hour = time.hour;
  parts.tm_min = time.minute;
  parts.tm_sec = time.second;
  ::timegm(&parts); // finds the day of the week and of the year
  // A mark at the front tells an empty result from one that does not fit.
  const std::string marked = "|" + format;
  std::array<char, kMostBytes * 40> buffer{};
  const std::size_t bytes = std::strftime(buffer.data(), buffer.size(), marked.c_str(), &parts);
  if (bytes == 0)
    raise(FaultKind::Limit, "the text of a time is too long");
  return std::string(buffer.data() + 1, bytes - 1);
}

} // namespace switchyard::tokenizer::chat
