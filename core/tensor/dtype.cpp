#include "core/tensor/dtype.h"

#include <array>
#include <cstddef>

namespace switchyard::tensor {

namespace {
struct Row {
  std::string_view name;
  int bits;
};
// In the order of the enum.
constexpr std::array<Row, 22> kTable{{
    {"BOOL", 8},        {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"U8", 8},
    {"I8", 8},          {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8},
    {"F8_E5M2FNUZ", 8}, {"I16", 16},    {"U16", 16},    {"F16", 16},    {"BF16", 16},
    {"I32", 32},        {"U32", 32},    {"F32", 32},    {"C64", 64},    {"F64", 64},
    {"I64", 64},        {"U64", 64},
}};
static_assert(static_cast<std::size_t>(DType::U64) + 1 == kTable.size());
} // namespace

int bitsOf(DType dtype) {
  return kTable[static_cast<std::size_t>(dtype)].bits;
}

std::string_view name(DType dtype) {
  return kTable[static_cast<std::size_t>(dtype)].name;
}

std::optional<DType> dtypeFromName(std::string_view name) {
  for (std::size_t i = 0; i < kTable.size(); ++i)
    if (kTable[i].name == name)
      return static_cast<DType>(i);
  return std::nullopt;
}

} // namespace switchyard::tensor
