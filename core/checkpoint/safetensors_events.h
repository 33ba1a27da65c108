#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "core/checkpoint/json_events.h"
#include "core/checkpoint/safetensors_header.h"

namespace switchyard::checkpoint {

/// Collects the entries of a safetensors header as the parser meets them. Each entry is complete,
/// correctly typed and within the bounds; how entries relate to each other is checked afterwards.
class SafetensorsEvents final : public JsonEvents {
public:
  bool number_unsigned(number_unsigned_t value) override;
  bool string(string_t& value) override;
  bool start_object(std::size_t size) override;
  bool key(string_t& value) override;
  bool end_object() override;
  bool start_array(std::size_t size) override;
  bool end_array() override;

  SafetensorsHeader header;

protected:
  bool unexpected() override;

private:
  enum class At : std::uint8_t { Start, Root, Metadata, Entry, Shape, Offsets, Done };
  enum class Field : std::uint8_t { None, DType, Shape, Offsets };

  At m_at = At::Start;
  Field m_field = Field::None; ///< whose value comes next, inside an entry
  std::string m_key;           ///< of the root or the metadata object
  bool m_sawMetadata = false;
  TensorInfo m_entry;
  std::array<bool, 4> m_seen{}; ///< fields of the entry, by Field
  std::size_t m_offsets = 0;    ///< how many of the two have been read
};

} // namespace switchyard::checkpoint
