#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/error.h"
#include "core/base/ids.h"
#include "core/model/config.h"
#include "core/tensor/buffer.h"

namespace switchyard::model {

/// Keys and values of one sequence, float32: for each layer and head, one row per position.
/// Mla stores keys and values expanded per head (exact, larger than the latent form).
/// Movable; clone() is a deep copy of the filled part.
class KvCache {
public:
  KvCache() = default;
  /// Room for `capacity` positions. Error LimitExceeded (memory).
  static base::Result<KvCache> create(const ModelConfig& config, std::int64_t capacity);

  std::int64_t capacity() const { return m_capacity; }
  std::int64_t length() const { ///< filled positions
    return static_cast<std::int64_t>(m_tokens.size());
  }
  std::span<const base::TokenId> tokens() const { return m_tokens; } ///< that fill them
  /// Counts the rows behind the last position as filled by `tokens`.
  void append(std::span<const base::TokenId> tokens);
  /// Forgets all positions from `length` on; at most length().
  void truncate(std::int64_t length);

  /// Floats from one position of a head to the next: its rows follow each other, so that attention
  /// reads straight on. Head h begins h * capacity() * stride floats behind head 0.
  std::int64_t keyStride() const { return m_keyStride; }
  std::int64_t valueStride() const { return m_valueStride; }
  float* keys(int layer);   ///< [heads, capacity], rows of keyStride()
  float* values(int layer); ///< [heads, capacity], rows of valueStride()

  /// Grows to at least `capacity` positions, keeping the content.
  base::Result<void> reserve(std::int64_t capacity);
  base::Result<KvCache> clone() const;
  /// Takes the rows of positions [first, first + count) of the first `layers` layers over from a
  /// cache of the same model. Both have room for them.
  void takeRows(KvCache& from, int layers, std::int64_t first, std::int64_t count);

  /// Bytes that `capacity` positions take.
  static std::uint64_t bytes(const ModelConfig& config, std::int64_t capacity);

private:
  /// Of the same widths and heads, empty.
  base::Result<KvCache> emptyWith(std::int64_t capacity) const;
  void copyRows(const KvCache& from); ///< what is filled
  std::int64_t layerFloats() const { return m_heads * m_capacity * (m_keyStride + m_valueStride); }

  tensor::Buffer m_rows; ///< layer by layer keys, then values: one piece, which huge pages can hold
  std::int64_t m_layers = 0;
  std::int64_t m_heads = 0;
  std::int64_t m_keyStride = 0;
  std::int64_t m_valueStride = 0;
  std::int64_t m_capacity = 0;
  std::vector<base::TokenId> m_tokens;
};

} // namespace switchyard::model
