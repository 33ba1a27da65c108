#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace switchyard::tokenizer {

/// Token texts and their ids, both ways. Filled once, then only read.
class Vocabulary {
public:
  /// Ids are below this.
  static constexpr std::int32_t kMaxIds = 1 << 22;

  /// Errors: InvalidFormat if the id or the text is already there; LimitExceeded for an id that is
  /// not in 0..kMaxIds-1 or texts of more than 1 GiB together.
  base::Result<void> add(std::string_view text, std::uint64_t id);

  /// -1 if there is none.
  std::int32_t find(std::string_view text) const;
  /// Nothing for an id that is not used.
  std::optional<std::string_view> text(std::int32_t id) const;
  std::size_t size() const { return m_count; }
  /// One above the highest id.
  std::int32_t idLimit() const { return static_cast<std::int32_t>(m_entries.size()); }

private:
  struct Entry {
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
    bool used = false;
  };
  std::size_t slotOf(std::string_view text) const;
  std::string_view view(const Entry& entry) const {
    return std::string_view(m_texts).substr(entry.offset, entry.length);
  }
  void grow();

  std::string m_texts;
  std::vector<Entry> m_entries;      // by id
  std::vector<std::int32_t> m_slots; // open addressing, a power of two, -1 is free
  std::size_t m_count = 0;
};

} // namespace switchyard::tokenizer
