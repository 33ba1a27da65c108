#pragma once

#include <string>
#include <string_view>

#include "core/tokenizer/chat_template/value.h"

namespace switchyard::tokenizer::chat {

/// Whether Jinja has a filter or test of that name; some of them are not supported here.
bool isFilter(std::string_view name);
bool isTest(std::string_view name);

using FilterFunction = Value (*)(Machine&, const Value& value, const Arguments& arguments);

struct FilterEntry {
  std::string_view name;
  FilterFunction function;
};

/// The filter of that name among those of texts and numbers, or of lists; null if there is none.
FilterFunction findTextFilter(std::string_view name);
FilterFunction findListFilter(std::string_view name);

} // namespace switchyard::tokenizer::chat
