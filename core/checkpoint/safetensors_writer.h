#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/tensor/dtype.h"

namespace switchyard::checkpoint {

/// A tensor to be written. The rules for name and shape are the reader's.
struct TensorSpec {
  std::string name;
  tensor::DType dtype = tensor::DType::F32;
  std::vector<std::int64_t> shape;
};

/// Writes a safetensors file whose tensors are declared first and whose data may then be far larger
/// than memory. The file appears when finish() succeeds, and not at all otherwise. Data lies in the
/// order declared, the first tensor aligned to 8 bytes. Not thread-safe.
class SafetensorsWriter {
public:
  /// Writes the header. Errors: those of reading it back (a name twice or out of the rules, shapes
  /// that overflow, a limit passed); as base::AtomicFile::create.
  static base::Result<SafetensorsWriter>
  create(const std::filesystem::path& path, const std::vector<TensorSpec>& tensors,
         const std::map<std::string, std::string>& metadata = {});

  /// The next bytes of data, little-endian: of one tensor, a part or several.
  /// Errors: InvalidArgument for more than was declared; Io.
  base::Result<void> write(std::span<const std::byte> bytes);

  /// Puts the file in its place. Errors: InvalidArgument if data is missing; Io.
  base::Result<void> finish();

private:
  SafetensorsWriter(base::AtomicFile file, std::uint64_t dataBytes, std::filesystem::path path);

  base::AtomicFile m_file;
  std::uint64_t m_remaining;
  std::filesystem::path m_path;
};

} // namespace switchyard::checkpoint
