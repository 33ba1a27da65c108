#include "core/model/kv_cache.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace switchyard::model {

namespace {

struct Widths {
  std::int64_t key;
  std::int64_t value;
};

/// Of one head.
Widths widthsOf(const ModelConfig& config) {
  return {config.headDim,
          config.attention == AttentionKind::Mla ? config.mla.valueDim : config.headDim};
}

} // namespace

base::Result<KvCache> KvCache::create(const ModelConfig& config, std::int64_t capacity) {
  const Widths widths = widthsOf(config);
  KvCache cache;
  cache.m_layers = config.layers;
  cache.m_heads = config.kvHeads;
  cache.m_keyStride = widths.key;
  cache.m_valueStride = widths.value;
  return cache.emptyWith(std::max<std::int64_t>(capacity, 1));
}

base::Result<KvCache> KvCache::emptyWith(std::int64_t capacity) const {
  KvCache cache;
  cache.m_layers = m_layers;
  cache.m_heads = m_heads;
  cache.m_keyStride = m_keyStride;
  cache.m_valueStride = m_valueStride;
  cache.m_capacity = capacity;
  cache.m_rows = SY_TRY(tensor::Buffer::create(
      static_cast<std::size_t>(m_layers * cache.layerFloats()) * sizeof(float)));
  cache.m_tokens.reserve(static_cast<std::size_t>(capacity));
  return cache;
}

float* KvCache::keys(int layer) {
  return m_rows.as<float>().data() + layer * layerFloats();
}

float* KvCache::values(int layer) {
  return keys(layer) + m_heads * m_capacity * m_keyStride;
}

void KvCache::copyRows(const KvCache& from) {
  m_tokens.assign(from.m_tokens.begin(), from.m_tokens.end());
  const float* source = from.m_rows.as<float>().data();
  float* target = m_rows.as<float>().data();
  for (std::int64_t layer = 0; layer < m_layers; ++layer)
    for (const std::int64_t width : {m_keyStride, m_valueStride})
      for (std::int64_t head = 0; head < m_heads; ++head) {
        std::copy_n(source, length() * width, target);
        source += from.m_capacity * width;
        target += m_capacity * width;
      }
}

void KvCache::append(std::span<const base::TokenId> tokens) {
  m_tokens.insert(m_tokens.end(), tokens.begin(), tokens.end());
  assert(length() <= m_capacity);
}

void KvCache::truncate(std::int64_t length) {
  assert(length >= 0 && length <= this->length());
  m_tokens.resize(static_cast<std::size_t>(length));
}

void KvCache::takeRows(KvCache& from, int layers, std::int64_t first, std::int64_t count) {
  for (int layer = 0; layer < layers; ++layer)
    for (std::int64_t head = 0; head < m_heads; ++head) {
      std::copy_n(from.keys(layer) + (head * from.m_capacity + first) * m_keyStride,
                  count * m_keyStride, keys(layer) + (head * m_capacity + first) * m_keyStride);
      std::copy_n(from.values(layer) + (head * from.m_capacity + first) * m_valueStride,
                  count * m_valueStride,
                  values(layer) + (head * m_capacity + first) * m_valueStride);
    }
}

base::Result<void> KvCache::reserve(std::int64_t capacity) {
  if (capacity <= m_capacity)
    return {};
  KvCache grown = SY_TRY(emptyWith(capacity));
  grown.copyRows(*this);
  *this = std::move(grown);
  return {};
}

base::Result<KvCache> KvCache::clone() const {
  KvCache copy = SY_TRY(emptyWith(m_capacity));
  copy.copyRows(*this);
  return copy;
}

std::uint64_t KvCache::bytes(const ModelConfig& config, std::int64_t capacity) {
  const Widths widths = widthsOf(config);
  return static_cast<std::uint64_t>(config.layers) * static_cast<std::uint64_t>(capacity) *
         static_cast<std::uint64_t>(config.kvHeads * (widths.key + widths.value)) * sizeof(float);
}

} // namespace switchyard::model
