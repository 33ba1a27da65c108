#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "core/base/error.h"

namespace switchyard::tokenizer {

enum class PrependScheme { Always, Never, First };

/// Options that the Metaspace pre-tokenizer and decoder share.
struct Metaspace {
  char32_t replacement = U'\u2581';
  PrependScheme scheme = PrependScheme::Always;
  bool split = true;
};

/// Also reads the older "add_prefix_space". Errors: Unsupported, InvalidFormat (also when both keys
/// are there and contradict each other).
base::Result<Metaspace> parseMetaspace(const nlohmann::json& json, const std::string& path);

} // namespace switchyard::tokenizer
