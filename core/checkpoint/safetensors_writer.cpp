#include "core/checkpoint/safetensors_writer.h"

#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/checked.h"
#include "core/checkpoint/safetensors_header.h"

namespace switchyard::checkpoint {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

struct Header {
  std::string json;
  std::uint64_t dataBytes = 0;
};

/// Invalid UTF-8 is replaced, so that the reader's own check of the result sees all problems.
std::string quotedJson(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<Header> makeHeader(const std::vector<TensorSpec>& tensors,
                          const std::map<std::string, std::string>& metadata,
                          const base::Where& where) {
  Header header;
  std::string& json = header.json;
  json = "{";
  if (!metadata.empty()) {
    json += "\"__metadata__\":{";
    for (const auto& [key, value] : metadata)
      json += fmt::format("{}:{},", quotedJson(key), quotedJson(value));
    json.back() = '}';
    json += ',';
  }
  for (const TensorSpec& spec : tensors) {
    auto bytes = tensorBytes(spec.dtype, spec.shape);
    if (!bytes)
      return fail(bytes.error().code, bytes.error().message,
                  {.file = where.file, .tensor = spec.name});
    const auto end = base::checkedAdd(header.dataBytes, *bytes);
    if (!end)
      return fail(ErrorCode::InvalidArgument, "the tensors' sizes overflow", where);
    json += fmt::format(R"({}:{{"dtype":"{}","shape":{},"data_offsets":[{},{}]}},)",
                        quotedJson(spec.name), tensor::name(spec.dtype),
                        nlohmann::json(spec.shape).dump(), header.dataBytes, *end);
    header.dataBytes = *end;
  }
  if (json.back() == ',')
    json.pop_back();
  json += '}';
  json.resize((json.size() + 7) / 8 * 8, ' ');
  return header;
}

} // namespace

SafetensorsWriter::SafetensorsWriter(base::AtomicFile file, std::uint64_t dataBytes,
                                     std::filesystem::path path)
    : m_file(std::move(file)), m_remaining(dataBytes), m_path(std::move(path)) {}

Result<SafetensorsWriter>
SafetensorsWriter::create(const std::filesystem::path& path, const std::vector<TensorSpec>& tensors,
                          const std::map<std::string, std::string>& metadata) {
  const base::Where where{.file = path.string()};
  const Header header = SY_TRY(makeHeader(tensors, metadata, where));
  // What is written can be read back.
  SY_TRY(parseSafetensorsHeader(header.json, header.dataBytes, where));
  base::AtomicFile file = SY_TRY(base::AtomicFile::create(path));
  std::array<std::byte, 8> prefix{};
  for (std::size_t i = 0; i < prefix.size(); ++i)
    prefix[i] = static_cast<std::byte>(header.json.size() >> (8 * i));
  SY_TRY(file.write(prefix));
  SY_TRY(file.write(std::as_bytes(std::span(header.json))));
  return SafetensorsWriter(std::move(file), header.dataBytes, path);
}

Result<void> SafetensorsWriter::write(std::span<const std::byte> bytes) {
  if (bytes.size() > m_remaining)
    return fail(ErrorCode::InvalidArgument,
                fmt::format("{} bytes given where {} are left to write", bytes.size(), m_remaining),
                {.file = m_path.string()});
  m_remaining -= bytes.size();
  return m_file.write(bytes);
}

Result<void> SafetensorsWriter::finish() {
  if (m_remaining != 0)
    return fail(ErrorCode::InvalidArgument,
                fmt::format("{} bytes of the declared tensors were not written", m_remaining),
                {.file = m_path.string()});
  return m_file.commit();
}

} // namespace switchyard::checkpoint
