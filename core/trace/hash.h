#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

struct XXH3_state_s;

static_assert(std::endian::native == std::endian::little,
              "trace files are little-endian and written as they lie in memory");

namespace switchyard::trace {

/// XXH3-64 over a stream of parts. Integers count as 8 bytes, little-endian; text as its length
/// (an integer) and its bytes. Internal to core/trace; format.md gives what is hashed.
class Hasher {
public:
  explicit Hasher(std::uint64_t seed);
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  Hasher& integer(std::int64_t value);
  Hasher& text(std::string_view value);
  Hasher& bytes(std::span<const std::byte> value);
  std::uint64_t digest() const;

private:
  XXH3_state_s* m_state;
};

/// XXH3-128 of some bytes as 32 hexadecimal digits, high half first.
std::string hash128(std::string_view bytes);

} // namespace switchyard::trace
