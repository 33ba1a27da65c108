#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/base/error.h"
#include "core/base/ids.h"

namespace switchyard::tokenizer {

/// What the "post_processor" of a tokenizer file puts around the tokens of one text.
struct Template {
  std::vector<base::TokenId> before;
  std::vector<base::TokenId> behind;
};

/// TemplateProcessing (its "single" form), ByteLevel (which changes offsets only), Sequence; null
/// gives an empty template. Errors: Unsupported for other types and options, and for a template
/// that does not have the text exactly once; InvalidFormat, LimitExceeded.
base::Result<Template> parseTemplate(const nlohmann::json& json);

} // namespace switchyard::tokenizer
