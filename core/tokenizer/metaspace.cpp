#include "core/tokenizer/metaspace.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/tokenizer/fields.h"

namespace switchyard::tokenizer {

using base::ErrorCode;
using base::Result;

Result<Metaspace> parseMetaspace(const nlohmann::json& json, const std::string& path) {
  const Fields fields = SY_TRY(Fields::of(
      json, path,
      {"type", "replacement", "str_rep", "add_prefix_space", "prepend_scheme", "split"}));
  Metaspace options;
  options.replacement = SY_TRY(fields.character("replacement"));
  if (fields.find("str_rep") && SY_TRY(fields.character("str_rep")) != options.replacement)
    return fields.error(ErrorCode::InvalidFormat, "\"str_rep\" is not the replacement");
  options.split = SY_TRY(fields.boolean("split", true));
  const bool prefix = SY_TRY(fields.boolean("add_prefix_space", true));
  const std::string scheme =
      SY_TRY(fields.text("prepend_scheme", std::string(prefix ? "always" : "never")));
  if (scheme == "always")
    options.scheme = PrependScheme::Always;
  else if (scheme == "never")
    options.scheme = PrependScheme::Never;
  else if (scheme == "first")
    options.scheme = PrependScheme::First;
  else
    return fields.error(ErrorCode::Unsupported,
                        fmt::format("prepend_scheme \"{}\" is not supported", scheme));
  if (!prefix && options.scheme != PrependScheme::Never)
    return fields.error(ErrorCode::InvalidFormat,
                        "\"add_prefix_space\" and \"prepend_scheme\" contradict each other");
  return options;
}

} // namespace switchyard::tokenizer
