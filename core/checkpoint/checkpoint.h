#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/checkpoint/tensor_info.h"

namespace switchyard::checkpoint {

/// The weights of a Hugging Face checkpoint folder: model.safetensors, or else the shards that
/// model.safetensors.index.json names. Headers are read and checked when opened, data only by
/// read(). Files stay open and are never mapped: one that is truncated meanwhile gives an error.
/// Const functions are thread-safe.
class Checkpoint {
public:
  /// Errors: NotFound (neither file, a shard missing, a tensor missing from the shard that the
  /// index names), InvalidFormat (a bad header or index, a tensor in two shards, links and special
  /// files as resolveWeightFile), LimitExceeded, Unsupported, Io. Tensors that a shard holds but
  /// the index does not list are part of the checkpoint.
  static base::Result<Checkpoint> open(const std::filesystem::path& folder);

  /// By name; null if there is none. The pointer lives as long as this object.
  const TensorInfo* find(std::string_view name) const;
  const std::vector<TensorInfo>& tensors() const { return m_tensors; } ///< sorted by name

  /// Fills `out` with bytes of a tensor of this checkpoint from byteOffset, counted inside it.
  /// Errors: InvalidArgument if the tensor has fewer; Io; Corrupt if its file became shorter.
  base::Result<void> read(const TensorInfo& info, std::uint64_t byteOffset,
                          std::span<std::byte> out) const;

private:
  Checkpoint() = default;
  base::Result<void> addShard(const std::filesystem::path& path);
  static base::Result<Checkpoint> openSharded(const std::filesystem::path& folder,
                                              const std::filesystem::path& index);

  std::vector<base::ReadFile> m_files;
  std::vector<TensorInfo> m_tensors;
};

} // namespace switchyard::checkpoint
