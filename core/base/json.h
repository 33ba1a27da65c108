#pragma once

#include <cstddef>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "core/base/error.h"

namespace switchyard::base {

/// Bounds for JSON that comes from outside.
struct JsonLimits {
  std::size_t maxBytes = 64u << 20;
  int maxDepth = 64;
};

/// Parses one JSON document strictly: RFC 8259, no comments, no byte order mark, no duplicate keys
/// at any level, no invalid UTF-8, numbers in range. Never throws; memory is bounded by maxBytes.
/// Errors: LimitExceeded (size, depth), InvalidFormat (everything else) with `where`.
Result<nlohmann::json> parseJson(std::string_view text, const JsonLimits& limits, Where where);

} // namespace switchyard::base
