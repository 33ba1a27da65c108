#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace switchyard::plugin {

/// What a plugin can be; design order.
enum class Kind : std::uint8_t { Router, Analyzer, Decoder, Simulator, Transform };

inline constexpr std::array<Kind, 5> kKinds = {Kind::Router, Kind::Analyzer, Kind::Decoder,
                                               Kind::Simulator, Kind::Transform};

/// "router", as in sidecars and on the command line.
std::string_view name(Kind kind);
std::optional<Kind> kindFromName(std::string_view name);
/// The id of the kind's table ("switchyard.router/1").
const char* tableId(Kind kind);

} // namespace switchyard::plugin
