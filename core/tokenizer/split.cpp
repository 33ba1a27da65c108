#include "core/tokenizer/split.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "core/tokenizer/fields.h"

namespace switchyard::tokenizer {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::array<std::pair<std::string_view, SplitBehavior>, 5> kNames = {{
    {"Removed", SplitBehavior::Removed},
    {"Isolated", SplitBehavior::Isolated},
    {"MergedWithPrevious", SplitBehavior::MergedWithPrevious},
    {"MergedWithNext", SplitBehavior::MergedWithNext},
    {"Contiguous", SplitBehavior::Contiguous},
}};

/// Does `behavior` join a stretch to the one listed before it?
bool joins(SplitBehavior behavior, bool previousMatch, bool match) {
  switch (behavior) {
  case SplitBehavior::Contiguous:
    return match == previousMatch;
  case SplitBehavior::MergedWithPrevious:
  case SplitBehavior::MergedWithNext: // listed from the end
    return match && !previousMatch;
  case SplitBehavior::Removed:
  case SplitBehavior::Isolated:
    return false;
  }
  return false;
}

} // namespace

Result<SplitBehavior> parseBehavior(const Fields& fields, const char* key,
                                    const SplitBehavior* fallback) {
  if (fallback && !fields.find(key))
    return *fallback;
  const std::string name = SY_TRY(fields.text(key));
  for (const auto& known : kNames)
    if (known.first == name)
      return known.second;
  return fields.error(ErrorCode::Unsupported, fmt::format("{} \"{}\" is not supported", key, name));
}

void splitInto(std::vector<Stretch>& stretches, SplitBehavior behavior, std::uint32_t offset,
               std::vector<Piece>& out) {
  const auto put = [&](const Stretch& stretch) {
    if (stretch.end > stretch.begin)
      out.push_back({offset + stretch.begin, offset + stretch.end});
  };
  if (behavior == SplitBehavior::Removed || behavior == SplitBehavior::Isolated) {
    for (const Stretch& stretch : stretches)
      if (!stretch.match || behavior == SplitBehavior::Isolated)
        put(stretch);
    return;
  }
  const bool backwards = behavior == SplitBehavior::MergedWithNext;
  if (backwards)
    std::ranges::reverse(stretches);
  std::size_t kept = 0;
  bool previousMatch = false;
  for (const Stretch stretch : stretches) {
    if (kept > 0 && joins(behavior, previousMatch, stretch.match)) {
      Stretch& last = stretches[kept - 1];
      last.begin = std::min(last.begin, stretch.begin);
      last.end = std::max(last.end, stretch.end);
    } else {
      stretches[kept++] = stretch;
    }
    previousMatch = stretch.match;
  }
  stretches.resize(kept);
  if (backwards)
    std::ranges::reverse(stretches);
  for (const Stretch& stretch : stretches)
    put(stretch);
}

} // namespace switchyard::tokenizer
