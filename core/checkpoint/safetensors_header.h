#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/checkpoint/tensor_info.h"

namespace switchyard::checkpoint {

/// Bounds of this reader; the first is the format's own.
inline constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;
inline constexpr std::size_t kMaxTensors = 1'000'000;
inline constexpr std::size_t kMaxMetadataEntries = 65'536;
inline constexpr std::size_t kMaxRank = 8;
inline constexpr std::size_t kMaxNameBytes = 1024;

struct SafetensorsHeader {
  std::vector<TensorInfo> tensors; ///< sorted by name
  std::map<std::string, std::string> metadata;
};

/// Parses the JSON header of a safetensors file and checks that its tensors tile the data exactly.
/// json: the header without its 8-byte length. dataBytes: how many bytes follow it in the file.
/// Everything the reference implementation refuses is refused (duplicate keys, wrong types,
/// overlap, holes, trailing bytes, sizes that do not match shapes, overflow), and beyond it:
/// duplicate tensor names, a first byte other than '{', padding other than spaces, unknown keys in
/// an entry, more than 8 dimensions, dimensions whose product overflows even beside a 0, and names
/// that checkTensorName refuses. Offsets in the result count from the start of the file. Errors:
/// InvalidFormat, LimitExceeded, Unsupported (dtype, entry key), with file and tensor. O(header +
/// tensors * log tensors) time; memory about 200 bytes a tensor.
base::Result<SafetensorsHeader> parseSafetensorsHeader(std::string_view json,
                                                       std::uint64_t dataBytes, base::Where where);

/// The length of the header that follows the first 8 bytes of a file (little-endian).
/// Errors: InvalidFormat, LimitExceeded.
base::Result<std::uint64_t> headerLength(std::string_view first8, std::uint64_t fileBytes,
                                         base::Where where);

/// A tensor name is 1 to 1024 bytes of UTF-8 without control characters or marks that turn the
/// direction of text, and without ".." between slashes. Error: InvalidFormat, LimitExceeded.
base::Result<void> checkTensorName(std::string_view name);

/// Bytes of a tensor of that dtype and shape. Errors: InvalidFormat for a negative dimension, a
/// product that overflows 63 bits (zeros left out), or elements that do not fill whole bytes;
/// LimitExceeded for more than 8 dimensions.
base::Result<std::uint64_t> tensorBytes(tensor::DType dtype,
                                        const std::vector<std::int64_t>& shape);

} // namespace switchyard::checkpoint
