#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/tensor/dtype.h"

namespace switchyard::checkpoint {

/// A stored tensor: row-major, little-endian, no strides. The reader has checked that the number of
/// elements and of bytes fit in 63 bits and that the bytes lie inside the file.
struct TensorInfo {
  std::string name;
  tensor::DType dtype = tensor::DType::F32;
  std::vector<std::int64_t> shape; ///< at most 8 dimensions, outermost first; empty for a scalar
  std::uint64_t begin = 0;         ///< first byte in its file; not aligned to anything
  std::uint64_t end = 0;           ///< one past the last byte
  std::uint32_t shard = 0;         ///< which file of a sharded checkpoint

  std::uint64_t bytes() const { return end - begin; }
};

/// The tensor of that name in a list sorted by name, or null. O(log n).
const TensorInfo* findTensor(std::span<const TensorInfo> sorted, std::string_view name);

} // namespace switchyard::checkpoint
