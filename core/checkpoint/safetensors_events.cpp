#include "core/checkpoint/safetensors_events.h"

#include <limits>
#include <utility>

#include <fmt/format.h>

namespace switchyard::checkpoint {

namespace {
using base::ErrorCode;

constexpr std::string_view kMetadata = "__metadata__";
} // namespace

bool SafetensorsEvents::unexpected() {
  switch (m_at) {
  case At::Start:
  case At::Done:
    return stop(ErrorCode::InvalidFormat, "the header is not a JSON object");
  case At::Root:
    return stop(ErrorCode::InvalidFormat, "the entry is not a JSON object", m_key);
  case At::Metadata:
    return stop(ErrorCode::InvalidFormat,
                fmt::format("__metadata__ maps strings to strings; {} does not", excerpt(m_key)));
  case At::Entry:
    return stop(ErrorCode::InvalidFormat,
                "the entry needs dtype as a string, shape and data_offsets as lists", m_key);
  case At::Shape:
    return stop(ErrorCode::InvalidFormat, "shape must be a list of integers that are 0 or more",
                m_key);
  case At::Offsets:
    return stop(ErrorCode::InvalidFormat, "data_offsets must be two integers that are 0 or more",
                m_key);
  }
  return false;
}

bool SafetensorsEvents::start_object(std::size_t) {
  if (m_at == At::Start) {
    m_at = At::Root;
    return true;
  }
  if (m_at != At::Root)
    return unexpected();
  if (m_key == kMetadata) {
    m_at = At::Metadata;
    return true;
  }
  m_at = At::Entry;
  m_field = Field::None;
  m_entry = TensorInfo{};
  m_seen = {};
  m_offsets = 0;
  return true;
}

bool SafetensorsEvents::key(string_t& value) {
  if (m_at == At::Root) {
    if (value == kMetadata) {
      if (std::exchange(m_sawMetadata, true))
        return stop(ErrorCode::InvalidFormat, "__metadata__ appears twice");
    } else {
      if (header.tensors.size() >= kMaxTensors)
        return stop(ErrorCode::LimitExceeded, fmt::format("more than {} tensors", kMaxTensors));
      if (auto good = checkTensorName(value); !good)
        return stop(good.error().code, good.error().message);
    }
    m_key = std::move(value);
    return true;
  }
  if (m_at == At::Metadata) {
    if (header.metadata.size() >= kMaxMetadataEntries)
      return stop(ErrorCode::LimitExceeded,
                  fmt::format("more than {} entries in __metadata__", kMaxMetadataEntries));
    if (header.metadata.contains(value))
      return stop(ErrorCode::InvalidFormat,
                  fmt::format("{} appears twice in __metadata__", excerpt(value)));
    m_key = std::move(value);
    return true;
  }
  m_field = value == "dtype"          ? Field::DType
            : value == "shape"        ? Field::Shape
            : value == "data_offsets" ? Field::Offsets
                                      : Field::None;
  if (m_field == Field::None)
    return stop(ErrorCode::Unsupported,
                fmt::format("the entry has the unknown key {}", excerpt(value)), m_key);
  if (std::exchange(m_seen[static_cast<std::size_t>(m_field)], true))
    return stop(ErrorCode::InvalidFormat, fmt::format("the entry has {} twice", excerpt(value)),
                m_key);
  return true;
}

bool SafetensorsEvents::string(string_t& value) {
  if (m_at == At::Metadata) {
    header.metadata.emplace(m_key, std::move(value));
    return true;
  }
  if (m_at != At::Entry || m_field != Field::DType)
    return unexpected();
  const auto dtype = tensor::dtypeFromName(value);
  if (!dtype)
    return stop(ErrorCode::Unsupported, fmt::format("has the unknown dtype {}", excerpt(value)),
                m_key);
  m_entry.dtype = *dtype;
  return true;
}

bool SafetensorsEvents::start_array(std::size_t) {
  if (m_at != At::Entry || (m_field != Field::Shape && m_field != Field::Offsets))
    return unexpected();
  m_at = m_field == Field::Shape ? At::Shape : At::Offsets;
  return true;
}

bool SafetensorsEvents::number_unsigned(number_unsigned_t value) {
  if (m_at == At::Shape) {
    if (m_entry.shape.size() >= kMaxRank)
      return stop(ErrorCode::LimitExceeded, fmt::format("has more than {} dimensions", kMaxRank),
                  m_key);
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return stop(ErrorCode::InvalidFormat, fmt::format("has a dimension of {}", value), m_key);
    m_entry.shape.push_back(static_cast<std::int64_t>(value));
    return true;
  }
  if (m_at != At::Offsets || m_offsets >= 2)
    return unexpected();
  (m_offsets++ == 0 ? m_entry.begin : m_entry.end) = value;
  return true;
}

bool SafetensorsEvents::end_array() {
  if (m_at == At::Offsets && m_offsets != 2)
    return unexpected();
  m_at = At::Entry;
  return true;
}

bool SafetensorsEvents::end_object() {
  if (m_at == At::Entry) {
    for (const Field field : {Field::DType, Field::Shape, Field::Offsets})
      if (!m_seen[static_cast<std::size_t>(field)])
        return stop(ErrorCode::InvalidFormat, "the entry lacks dtype, shape or data_offsets",
                    m_key);
    m_entry.name = m_key;
    m_entry.shape.shrink_to_fit();
    header.tensors.push_back(std::move(m_entry));
  }
  m_at = m_at == At::Root ? At::Done : At::Root;
  return true;
}

} // namespace switchyard::checkpoint
