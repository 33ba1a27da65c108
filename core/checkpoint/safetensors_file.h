#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/checkpoint/safetensors_header.h"
#include "core/checkpoint/tensor_info.h"

namespace switchyard::checkpoint {

/// Reads and checks the header of an open file. Errors: as parseSafetensorsHeader, Io, Corrupt.
base::Result<SafetensorsHeader> readSafetensorsHeader(const base::ReadFile& file);

/// Fills `out` with a tensor's bytes from `offset` (counted inside the tensor).
/// Errors: InvalidArgument if the tensor has fewer; Io; Corrupt if the file became shorter.
base::Result<void> readTensor(const base::ReadFile& file, const TensorInfo& info,
                              std::uint64_t offset, std::span<std::byte> out);

/// One safetensors file, fully checked when opened. Const functions are thread-safe.
class SafetensorsFile {
public:
  /// Errors: as base::ReadFile::open and readSafetensorsHeader.
  static base::Result<SafetensorsFile> open(const std::filesystem::path& path);

  /// By name; null if there is none. The pointer lives as long as this object.
  const TensorInfo* find(std::string_view name) const;
  const std::vector<TensorInfo>& tensors() const { return m_header.tensors; } ///< by name
  const std::map<std::string, std::string>& metadata() const { return m_header.metadata; }

  /// As readTensor.
  base::Result<void> read(const TensorInfo& info, std::uint64_t offset,
                          std::span<std::byte> out) const;

private:
  SafetensorsFile(base::ReadFile file, SafetensorsHeader header);

  base::ReadFile m_file;
  SafetensorsHeader m_header;
};

} // namespace switchyard::checkpoint
