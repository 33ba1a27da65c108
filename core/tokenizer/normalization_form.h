#pragma once

#include <string>

namespace switchyard::tokenizer {

/// Unicode normalization forms C and KC of well-formed text, in place, by the tables of utf8proc.
/// O(n log n) for any text, also for long runs of combining marks.
void toNfc(std::string& text);
void toNfkc(std::string& text);

} // namespace switchyard::tokenizer
