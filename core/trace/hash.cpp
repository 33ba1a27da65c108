#include "core/trace/hash.h"

#include <fmt/format.h>
#include <xxhash.h>

namespace switchyard::trace {

Hasher::Hasher(std::uint64_t seed) : m_state(XXH3_createState()) {
  XXH3_64bits_reset_withSeed(m_state, seed);
}

Hasher::~Hasher() {
  XXH3_freeState(m_state);
}

Hasher& Hasher::integer(std::int64_t value) {
  XXH3_64bits_update(m_state, &value, sizeof value);
  return *this;
}

Hasher& Hasher::text(std::string_view value) {
  integer(static_cast<std::int64_t>(value.size()));
  XXH3_64bits_update(m_state, value.data(), value.size());
  return *this;
}

Hasher& Hasher::bytes(std::span<const std::byte> value) {
  XXH3_64bits_update(m_state, value.data(), value.size());
  return *this;
}

std::uint64_t Hasher::digest() const {
  return XXH3_64bits_digest(m_state);
}

std::string hash128(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

} // namespace switchyard::trace
