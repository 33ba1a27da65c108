#pragma once

#include <string>

namespace switchyard::tokenizer::chat {

/// A time on the wall, as strftime_now() shows it.
struct LocalTime {
  int year = 1970, month = 1, day = 1; ///< month and day from 1
  int hour = 0, minute = 0, second = 0;

  static LocalTime current();
};

/// strftime in the C locale. Faults: Type for what is no time; Unsupported for time zones and
/// microseconds; Limit.
std::string formatTime(const LocalTime& time, const std::string& format);

} // namespace switchyard::tokenizer::chat
