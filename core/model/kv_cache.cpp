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

base::Result<std::vector<tensor::Buffer>> makeLayers(std::size_t layers, std::int64_t floats) {
  std::vector<tensor::Buffer> made;
  for (std::size_t layer = 0; layer < layers; ++layer)
    made.push_back(SY_TRY(
        tensor::Buffer::create(static_cast<std::size_t>(floats) * sizeof(float))));
  return made;
}

/// The first `length` rows of each head of each layer, from caches of one capacity to another's.
void copyRows(const std::vector<tensor::Buffer>& from, std::int64_t fromCapacity,
              std::vector<tensor::Buffer>& to, std::int64_t toCapacity, std::int64_t heads,
              const Widths& widths, std::int64_t length) {
  for (std::size_t layer = 0; layer < from.size() && length > 0; ++layer) {
    const float* source = from[layer].as<float>().data();
    float* target = to[layer].as<float>().data();
    for (const std::int64_t width : {widths.key, widths.value})
      for (std::int64_t head = 0; head < heads; ++head) {
        std::copy_n(source, length * width, target);
        source += fromCapacity * width;
        target += toCapacity * width;
      }
  }
}

/// How many heads a layer's buffer has rows of.
std::int64_t headsOf(const std::vector<tensor::Buffer>& layers, std::int64_t capacity,
                     const Widths& widths) {
  const auto floats = static_cast<std::int64_t>(layers.front().size() / sizeof(float));
  return floats / (capacity * (widths.key + widths.value));
}

} // namespace

base::Result<KvCache> KvCache::create(const ModelConfig& config, std::int64_t capacity) {
  const Widths widths = widthsOf(config);
  KvCache cache;
  cache.m_keyStride = widths.key;
  cache.m_valueStride = widths.value;
  cache.m_capacity = std::max<std::int64_t>(capacity, 1);
  cache.m_layers = SY_TRY(
      makeLayers(static_cast<std::size_t>(config.layers),
                 config.kvHeads * cache.m_capacity * (widths.key + widths.value)));
  return cache;
}

float* KvCache::keys(int layer) {
  return m_layers[static_cast<std::size_t>(layer)].as<float>().data();
}

float* KvCache::values(int layer) {
  const std::int64_t heads = headsOf(m_layers, m_capacity, {m_keyStride, m_valueStride});
  return keys(layer) + heads * m_capacity * m_keyStride;
}

base::Result<void> KvCache::reserve(std::int64_t capacity) {
  if (capacity <= m_capacity)
    return {};
  const Widths widths{m_keyStride, m_valueStride};
  const std::int64_t heads = headsOf(m_layers, m_capacity, widths);
  std::vector<tensor::Buffer> grown =
      SY_TRY(makeLayers(m_layers.size(), heads * capacity * (widths.key + widths.value)));
  copyRows(m_layers, m_capacity, grown, capacity, heads, widths, m_length);
  m_layers = std::move(grown);
  m_capacity = capacity;
  return {};
}

base::Result<KvCache> KvCache::clone() const {
  const Widths widths{m_keyStride, m_valueStride};
  const std::int64_t heads = headsOf(m_layers, m_capacity, widths);
  KvCache copy;
  copy.m_keyStride = m_keyStride;
  copy.m_valueStride = m_valueStride;
  copy.m_capacity = m_capacity;
  copy.m_layers =
      SY_TRY(makeLayers(m_layers.size(), heads * m_capacity * (widths.key + widths.value)));
  copyRows(m_layers, m_capacity, copy.m_layers, m_capacity, heads, widths, m_length);
  copy.m_length = m_length;
  return copy;
}

std::uint64_t KvCache::bytes(const ModelConfig& config, std::int64_t capacity) {
  const Widths widths = widthsOf(config);
  return static_cast<std::uint64_t>(config.layers) * static_cast<std::uint64_t>(capacity) *
         static_cast<std::uint64_t>(config.kvHeads * (widths.key + widths.value)) * sizeof(float);
}

} // namespace switchyard::model
