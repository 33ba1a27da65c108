#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace switchyard::tensor {

/// Element types a safetensors file can declare (names and widths as in that format).
/// F8_E4M3 is the FN flavour: bias 7, largest 448, no infinity, NaN 0x7F and 0xFF.
/// BF16 is the upper half of an F32.
enum class DType : std::uint8_t {
  Bool,
  F4,
  F6E2M3,
  F6E3M2,
  U8,
  I8,
  F8E5M2,
  F8E4M3,
  F8E8M0,
  F8E4M3Fnuz,
  F8E5M2Fnuz,
  I16,
  U16,
  F16,
  BF16,
  I32,
  U32,
  F32,
  C64,
  F64,
  I64,
  U64,
};

int bitsOf(DType dtype);
/// The name in a safetensors header ("BF16").
std::string_view name(DType dtype);
/// Case-sensitive; nothing for an unknown name.
std::optional<DType> dtypeFromName(std::string_view name);

} // namespace switchyard::tensor
