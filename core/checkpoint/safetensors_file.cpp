#include "core/checkpoint/safetensors_file.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace switchyard::checkpoint {

using base::Result;

Result<SafetensorsHeader> readSafetensorsHeader(const base::ReadFile& file) {
  const base::Where where{.file = file.path().string()};
  std::array<char, 8> prefix{};
  const auto present = static_cast<std::size_t>(std::min<std::uint64_t>(8, file.size()));
  SY_TRY(file.readAt(0, std::as_writable_bytes(std::span(prefix).first(present))));
  const std::uint64_t length =
      SY_TRY(headerLength({prefix.data(), prefix.size()}, file.size(), where));
  std::string json(static_cast<std::size_t>(length), '\0');
  SY_TRY(file.readAt(prefix.size(), std::as_writable_bytes(std::span(json))));
  return parseSafetensorsHeader(json, file.size() - prefix.size() - length, where);
}

Result<void> readTensor(const base::ReadFile& file, const TensorInfo& info, std::uint64_t offset,
                        std::span<std::byte> out) {
  if (offset > info.bytes() || out.size() > info.bytes() - offset)
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("{} bytes from byte {} asked of a tensor of {} bytes", out.size(),
                                  offset, info.bytes()),
                      {.file = file.path().string(), .tensor = info.name});
  auto read = file.readAt(info.begin + offset, out);
  if (!read)
    read.error().where.tensor = info.name;
  return read;
}

SafetensorsFile::SafetensorsFile(base::ReadFile file, SafetensorsHeader header)
    : m_file(std::move(file)), m_header(std::move(header)) {}

Result<SafetensorsFile> SafetensorsFile::open(const std::filesystem::path& path) {
  base::ReadFile file = SY_TRY(base::ReadFile::open(path));
  SafetensorsHeader header = SY_TRY(readSafetensorsHeader(file));
  return SafetensorsFile(std::move(file), std::move(header));
}

const TensorInfo* SafetensorsFile::find(std::string_view name) const {
  return findTensor(m_header.tensors, name);
}

Result<void> SafetensorsFile::read(const TensorInfo& info, std::uint64_t offset,
                                   std::span<std::byte> out) const {
  return readTensor(m_file, info, offset, out);
}

} // namespace switchyard::checkpoint
