#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/base/error.h"
#include "core/tokenizer/regex.h"

namespace switchyard::tokenizer {

/// A stretch of a text that matched, or the text between two matches.
struct Stretch {
  std::uint32_t begin = 0; ///< byte
  std::uint32_t end = 0;   ///< byte behind the last
  bool match = false;
};

/// {"String": "..."} or {"Regex": "..."} of a tokenizer file. Immutable.
class Pattern {
public:
  /// where: what the pattern belongs to, for errors. Errors: Regex::compile's; InvalidFormat for
  /// any other shape and for an empty pattern.
  static base::Result<Pattern> parse(const nlohmann::json& json, std::string_view where);

  /// Appends the matches of well-formed `text` (below 2 GiB) and what is between them, in order and
  /// without gaps; empty matches are listed, empty text between matches is not. Matches do not
  /// overlap, and an empty one right behind another is left out. Nothing for an empty text.
  base::Result<void> find(std::string_view text, RegexBudget& budget,
                          std::vector<Stretch>& out) const;

private:
  explicit Pattern(std::variant<std::string, Regex> what) : m_what(std::move(what)) {}
  std::variant<std::string, Regex> m_what;
};

} // namespace switchyard::tokenizer
