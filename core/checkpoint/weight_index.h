#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace switchyard::checkpoint {

inline constexpr std::uint64_t kMaxIndexBytes = 100'000'000;
inline constexpr std::size_t kMaxShards = 4096;

/// What a model.safetensors.index.json says: which file holds which tensor.
struct WeightIndex {
  struct Entry {
    std::string tensor;
    std::uint32_t shard = 0; ///< index into shards
  };
  std::vector<std::string> shards; ///< file names, sorted
  std::vector<Entry> entries;      ///< sorted by tensor
};

/// Parses an index. Only weight_map counts; everything else (total_size is often wrong) is skipped.
/// Errors: InvalidFormat (not such a document, a tensor twice, a bad tensor or file name),
/// LimitExceeded (more than 1 M tensors or 4096 files, nesting).
base::Result<WeightIndex> parseWeightIndex(std::string_view text, base::Where where);

/// A shard's name comes from whoever made the checkpoint, so it may name nothing but a file in the
/// folder of the index: one path component of printable characters, without / \ or :, that ends in
/// ".safetensors". Error: InvalidFormat.
base::Result<void> checkShardName(std::string_view name);

} // namespace switchyard::checkpoint
