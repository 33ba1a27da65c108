#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/tokenizer/chat_template/value.h"

namespace switchyard::tokenizer::chat {

struct NumberLiteral {
  Value value;
  std::size_t bytes = 0;
};

/// The number at the start of `text`, which begins with a digit: 12, 1_000, 0x1f, 0b1, 0o7, 1.5e-3.
/// behindDot: only a whole number can stand there. Faults: Syntax, Limit.
NumberLiteral readNumber(std::string_view text, bool behindDot, int line);

/// Bytes of the quoted string at `at` with its quotes; 0 if it is not closed.
std::size_t stringLength(std::string_view text, std::size_t at);
/// What stands between the quotes, with Python's escapes replaced. Faults: Syntax, Unsupported.
std::string stringValue(std::string_view text, int line);

/// Python's int(text, base) for filters; nothing if it is no number. Fault Limit.
std::optional<Integer> parseInteger(std::string_view text, int base);
/// Python's float(text).
std::optional<double> parseFloat(std::string_view text);

} // namespace switchyard::tokenizer::chat
