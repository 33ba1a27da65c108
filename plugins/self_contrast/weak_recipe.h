#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace switchyard::plugins {

enum class WeakMode : std::uint8_t {
  Rank,   ///< only the expert of one rank, at every layer
  Top,    ///< fewer experts than the model's own rule takes
  Random, ///< random experts
};

/// The recipe (JSON text) that routes the weak pass. r: the rank (Rank) or how many experts, at
/// least 1. renorm: weights divided by their sum; unset: as the checkpoint's gate does, for which
/// Random needs `gateRenormalises`.
inline std::string weakRecipe(WeakMode mode, std::int64_t r, std::optional<bool> renorm,
                              bool gateRenormalises) {
  const std::string number = std::to_string(r);
  const std::string flag =
      renorm ? std::string(",\"renorm\":") + (*renorm ? "true" : "false") : std::string();
  std::string step;
  switch (mode) {
  case WeakMode::Rank:
    step = R"("rank-r","options":{"rank":)" + number + flag + "}";
    break;
  case WeakMode::Top:
    step = R"("top-k","options":{"k":)" + number + flag + "}";
    break;
  case WeakMode::Random:
    step = R"("random","options":{"k":)" + number + R"(,"weights":")" +
           (renorm.value_or(gateRenormalises) ? "renorm" : "raw") + "\"}";
    break;
  }
  return R"({"steps":[{"plugin":)" + step + "}]}";
}

} // namespace switchyard::plugins
