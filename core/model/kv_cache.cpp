#include "core/model/kv_cache.h"

#include <algorithm>
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
  return cache;
}

float* KvCache::keys(int layer) { return m_rows.as<float>().data() + layer * layerFloats(); }

float* KvCache::values(int layer) { return keys(layer) + m_heads * m_capacity * m_keyStride; }

void KvCache::copyRows(const KvCache& from) {
  m_length = from.m_length;
  const float* source = from.m_rows.as<float>().data();
  float* target = m_rows.as<float>().data();
  for (std::int64_t layer = 0; layer < m_layers; ++layer)
    for (const std::int64_t width : {m_keyStride, m_valueStride})
      for (std::int64_t head = 0; head < m_heads; ++head) {
        std::copy_n(source, m_length * width, target);
        source += from.m_capacity * width;
        target += m_capacity * width;
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
