#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/tokenizer/chat_template/value.h"

namespace switchyard::tokenizer::chat {

// Python's operations on values. Faults: Type where the values do not fit, Undefined for a missing
// one, Limit for numbers, texts and lists that grow too large.

bool truth(const Value& value);
bool equal(const Value& a, const Value& b);
/// a < b.
bool less(const Value& a, const Value& b);
bool lessOrEqual(const Value& a, const Value& b); ///< a <= b
/// needle in container.
bool contains(const Value& container, const Value& needle);
Value binary(std::string_view op, const Value& a, const Value& b); ///< + - * / // % **
Value unary(std::string_view op, const Value& value);              ///< + -
/// Characters, items or entries.
std::int64_t length(const Value& value);
/// What a loop over the value goes through. Uses a generator up.
std::vector<Value> iterate(const Value& value);
/// value[start:stop:step]; parts that are None are left out.
Value slice(const Value& value, const Value& start, const Value& stop, const Value& step);
/// Use of a missing value: its fault. Else nothing happens.
void requirePresent(const Value& value);

/// The characters of a text as texts of their own.
std::vector<std::string> characters(std::string_view text);
std::int64_t countCharacters(std::string_view text);
/// Where in [0, length] a Python index of a slice lies.
std::int64_t clampIndex(Integer index, std::int64_t length);
/// The number as a size that fits. Fault Limit.
std::int64_t toSize(Integer value);

} // namespace switchyard::tokenizer::chat
