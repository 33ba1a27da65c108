// The header of a safetensors file. Input: eight bytes that are tried as the length of a header and
// then say how many bytes of data follow it; the rest is the header.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "core/checkpoint/safetensors_header.h"
#include "tests/fuzz/require.h"

using namespace switchyard;

namespace {

void checkPromises(const checkpoint::SafetensorsHeader& header, std::uint64_t headerBytes,
                   std::uint64_t dataBytes) {
  const auto& tensors = header.tensors;
  tests::require(
      std::ranges::is_sorted(tensors, std::ranges::less_equal{}, &checkpoint::TensorInfo::name) ||
          tensors.size() < 2,
      "names are sorted");
  std::uint64_t total = 0;
  for (const checkpoint::TensorInfo& info : tensors) {
    tests::require(checkpoint::checkTensorName(info.name).has_value(), "names keep the rules");
    tests::require(checkpoint::findTensor(tensors, info.name) == &info, "names are unique");
    const auto bytes = checkpoint::tensorBytes(info.dtype, info.shape);
    tests::require(bytes && *bytes == info.bytes(), "sizes follow from shapes");
    tests::require(info.begin >= 8 + headerBytes && info.end <= 8 + headerBytes + dataBytes,
                   "tensors lie in the data");
    total += info.bytes();
  }
  tests::require(total == dataBytes, "tensors take all of the data");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto length = checkpoint::headerLength(input.substr(0, 8), size, {});
  if (size < 8)
    return 0;
  tests::require(!length || *length <= size - 8, "headers lie in the file");
  std::uint64_t dataBytes = 0;
  for (int i = 7; i >= 0; --i)
    dataBytes = dataBytes << 8 | data[i];
  const std::string_view json = input.substr(8);
  const auto header = checkpoint::parseSafetensorsHeader(json, dataBytes, {});
  if (header)
    checkPromises(*header, json.size(), dataBytes);
  return 0;
}
