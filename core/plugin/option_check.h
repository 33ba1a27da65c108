#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>
#include <tl/expected.hpp>

#include "core/plugin/options.h"

namespace switchyard::plugin {

/// Internal: values against one spec. The error is the rest of a sentence: "must be at most 10".
template <typename T> using Checked = tl::expected<T, std::string>;

Checked<OptionScalar> scalarFromJson(const OptionSpec& spec, const nlohmann::json& value);
Checked<OptionScalar> scalarFromText(const OptionSpec& spec, const std::string& text);
/// One value, or all of a list, with the number of items checked.
Checked<std::vector<OptionScalar>> valuesFromJson(const OptionSpec& spec,
                                                  const nlohmann::json& value);
Checked<void> checkCount(const OptionSpec& spec, std::size_t count);

} // namespace switchyard::plugin
