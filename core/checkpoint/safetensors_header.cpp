#include "core/checkpoint/safetensors_header.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "core/base/checked.h"
#include "core/checkpoint/safetensors_events.h"

namespace switchyard::checkpoint {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Where;

Where inTensor(const Where& where, std::string_view name) {
  return {.file = where.file, .tensor = std::string(name)};
}

/// A character that shows nothing or changes how its neighbours are shown: C0, DEL, C1, and the
/// marks that turn the direction of text.
bool isHidden(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E || c == 0x200F ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

/// Decodes one character of UTF-8 that the JSON parser has already found valid; for other input the
/// value is arbitrary, but nothing outside `text` is read.
std::uint32_t nextCharacter(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const std::uint32_t first = byte(at);
  const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  std::uint32_t value = length == 1 ? first : first & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i)
    value = value << 6 | (byte(at + i) & 0x3F);
  at += length;
  return value;
}

bool hasParentComponent(std::string_view name) {
  constexpr std::string_view kSlashes = "/\\";
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find_first_of(kSlashes, begin), name.size());
    if (name.substr(begin, end - begin) == "..")
      return true;
    begin = end + 1;
  }
  return false;
}

Result<void> checkUnique(const std::vector<TensorInfo>& sorted, const Where& where) {
  const auto twice = std::ranges::adjacent_find(sorted, {}, &TensorInfo::name);
  if (twice != sorted.end())
    return fail(ErrorCode::InvalidFormat, "appears twice in the header",
                inTensor(where, twice->name));
  return {};
}

/// The tensors, taken by offset, must cover the data from its first byte to its last.
Result<void> checkTiling(const std::vector<TensorInfo>& tensors, std::uint64_t dataBytes,
                         const Where& where) {
  std::vector<std::uint32_t> order(tensors.size());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::sort(order, {},
                    [&](std::uint32_t i) { return std::pair(tensors[i].begin, tensors[i].end); });
  std::uint64_t reached = 0;
  for (const std::uint32_t i : order) {
    const TensorInfo& info = tensors[i];
    if (info.begin != reached)
      return fail(ErrorCode::InvalidFormat,
                  fmt::format("begins at byte {} of the data, but the tensors before it end at {}: "
                              "tensors must neither overlap nor leave holes",
                              info.begin, reached),
                  inTensor(where, info.name));
    reached = info.end;
  }
  if (reached != dataBytes)
    return fail(ErrorCode::InvalidFormat,
                fmt::format("the tensors take {} bytes, but {} follow the header; the file is cut "
                            "off or has something appended",
                            reached, dataBytes),
                where);
  return {};
}

Result<void> checkSize(const TensorInfo& info, std::uint64_t dataBytes, const Where& where) {
  if (info.end < info.begin || info.end > dataBytes)
    return fail(ErrorCode::InvalidFormat,
                fmt::format("data_offsets [{}, {}] are not a range inside the {} bytes of data",
                            info.begin, info.end, dataBytes),
                inTensor(where, info.name));
  auto bytes = tensorBytes(info.dtype, info.shape);
  if (!bytes)
    return fail(bytes.error().code, bytes.error().message, inTensor(where, info.name));
  if (*bytes != info.bytes())
    return fail(ErrorCode::InvalidFormat,
                fmt::format("takes {} bytes by its shape, but its data_offsets span {}", *bytes,
                            info.bytes()),
                inTensor(where, info.name));
  return {};
}

} // namespace

const TensorInfo* findTensor(std::span<const TensorInfo> sorted, std::string_view name) {
  const auto found = std::ranges::lower_bound(
      sorted, name, {}, [](const TensorInfo& info) { return std::string_view(info.name); });
  return found != sorted.end() && found->name == name ? &*found : nullptr;
}

Result<void> checkTensorName(std::string_view name) {
  if (name.empty())
    return fail(ErrorCode::InvalidFormat, "a tensor has an empty name");
  if (name.size() > kMaxNameBytes)
    return fail(ErrorCode::LimitExceeded,
                fmt::format("a tensor's name has {} bytes, at most {} are accepted", name.size(),
                            kMaxNameBytes));
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t begin = at;
    if (const std::uint32_t character = nextCharacter(name, at); isHidden(character))
      return fail(ErrorCode::InvalidFormat,
                  fmt::format("a tensor's name holds the invisible character U+{:04X} at byte {}",
                              character, begin));
  }
  if (hasParentComponent(name))
    return fail(ErrorCode::InvalidFormat,
                fmt::format("the tensor name \"{}\" climbs out of a folder", name));
  return {};
}

Result<std::uint64_t> tensorBytes(tensor::DType dtype, const std::vector<std::int64_t>& shape) {
  if (shape.size() > kMaxRank)
    return fail(ErrorCode::LimitExceeded, fmt::format("has more than {} dimensions", kMaxRank));
  std::int64_t bits = tensor::bitsOf(dtype);
  bool empty = false;
  for (const std::int64_t dim : shape) {
    if (dim < 0)
      return fail(ErrorCode::InvalidFormat, fmt::format("has a dimension of {}", dim));
    if (dim == 0) {
      empty = true;
      continue;
    }
    const auto product = base::checkedMul(bits, dim);
    if (!product)
      return fail(ErrorCode::InvalidFormat, "has a shape whose size overflows");
    bits = *product;
  }
  if (empty)
    return 0;
  if (bits % 8 != 0)
    return fail(
        ErrorCode::InvalidFormat,
        fmt::format("has elements of {} bits that do not fill whole bytes", tensor::bitsOf(dtype)));
  return static_cast<std::uint64_t>(bits) / 8;
}

Result<std::uint64_t> headerLength(std::string_view first8, std::uint64_t fileBytes, Where where) {
  constexpr std::uint64_t kPrefix = 8;
  if (fileBytes < kPrefix || first8.size() < kPrefix)
    return fail(ErrorCode::InvalidFormat,
                fmt::format("{} bytes are too few for a safetensors file", fileBytes),
                std::move(where));
  std::uint64_t length = 0;
  for (std::size_t i = kPrefix; i-- > 0;)
    length = length << 8 | static_cast<unsigned char>(first8[i]);
  if (length > kMaxHeaderBytes)
    return fail(ErrorCode::LimitExceeded,
                fmt::format("declares a header of {} bytes, at most {} are allowed; is this a "
                            "safetensors file?",
                            length, kMaxHeaderBytes),
                std::move(where));
  if (length > fileBytes - kPrefix)
    return fail(
        ErrorCode::InvalidFormat,
        fmt::format("declares a header of {} bytes, but only {} follow; the file is cut off",
                    length, fileBytes - kPrefix),
        std::move(where));
  return length;
}

Result<SafetensorsHeader> parseSafetensorsHeader(std::string_view json, std::uint64_t dataBytes,
                                                 Where where) {
  if (json.size() > kMaxHeaderBytes)
    return fail(ErrorCode::LimitExceeded, "the header is too large", std::move(where));
  if (!json.starts_with('{'))
    return fail(ErrorCode::InvalidFormat, "the header does not start with '{'", std::move(where));
  const std::size_t last = json.find_last_not_of(' ');
  if (json[last] != '}')
    return fail(ErrorCode::InvalidFormat, "the header does not end with '}' and spaces",
                std::move(where));
  SafetensorsEvents events;
  SY_TRY(events.run(json, where));
  SafetensorsHeader header = std::move(events.header);
  std::ranges::sort(header.tensors, {}, &TensorInfo::name);
  SY_TRY(checkUnique(header.tensors, where));
  for (const TensorInfo& info : header.tensors)
    SY_TRY(checkSize(info, dataBytes, where));
  SY_TRY(checkTiling(header.tensors, dataBytes, where));
  const std::uint64_t dataStart = 8 + json.size();
  for (TensorInfo& info : header.tensors) {
    info.begin += dataStart;
    info.end += dataStart;
  }
  return header;
}

} // namespace switchyard::checkpoint
