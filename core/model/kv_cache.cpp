#include "core/model/kv_cache.h"

#include <algorithm>

namespace switchyard::model {

namespace {

struct Strides {
  std::int64_t key;
  std::int64_t value;
};

Strides strides(const ModelConfig& config) {
  constexpr std::int64_t kLine = 16; // floats
  const std::int64_t heads = config.kvHeads;
  const int valueDim =
      config.attention == AttentionKind::Mla ? config.mla.valueDim : config.headDim;
  return {heads * config.headDim + kLine, heads * valueDim + kLine};
}

} // namespace

base::Result<KvCache> KvCache::create(const ModelConfig& config, std::int64_t capacity) {
  KvCache cache;
  cache.m_keyStride = strides(config).key;
  cache.m_valueStride = strides(config).value;
  cache.m_layers.resize(static_cast<std::size_t>(config.layers));
  SY_TRY(cache.reserve(std::max<std::int64_t>(capacity, 1)));
  return cache;
}

float* KvCache::keys(int layer) {
  return m_layers[static_cast<std::size_t>(layer)].as<float>().data();
}

float* KvCache::values(int layer) {
  return keys(layer) + m_capacity * m_keyStride;
}

base::Result<void> KvCache::reserve(std::int64_t capacity) {
  if (capacity <= m_capacity)
    return {};
  const std::size_t bytes =
      static_cast<std::size_t>(capacity * (m_keyStride + m_valueStride)) * sizeof(float);
  std::vector<tensor::Buffer> grown;
  for (tensor::Buffer& old : m_layers) {
    tensor::Buffer fresh = SY_TRY(tensor::Buffer::create(bytes));
    if (m_length > 0) {
      const float* source = old.as<float>().data();
      float* target = fresh.as<float>().data();
      std::copy_n(source, m_length * m_keyStride, target);
      std::copy_n(source + m_capacity * m_keyStride, m_length * m_valueStride,
                  target + capacity * m_keyStride);
    }
    grown.push_back(std::move(fresh));
  }
  m_layers = std::move(grown);
  m_capacity = capacity;
  return {};
}

base::Result<KvCache> KvCache::clone() const {
  KvCache copy;
  copy.m_keyStride = m_keyStride;
  copy.m_valueStride = m_valueStride;
  copy.m_layers.resize(m_layers.size());
  SY_TRY(copy.reserve(m_capacity));
  for (std::size_t layer = 0; layer < m_layers.size(); ++layer) {
    const float* source = m_layers[layer].as<float>().data();
    float* target = copy.m_layers[layer].as<float>().data();
    std::copy_n(source, m_length * m_keyStride, target);
    std::copy_n(source + m_capacity * m_keyStride, m_length * m_valueStride,
                target + m_capacity * m_keyStride);
  }
  copy.m_length = m_length;
  return copy;
}

std::uint64_t KvCache::bytes(const ModelConfig& config, std::int64_t capacity) {
  const Strides s = strides(config);
  return static_cast<std::uint64_t>(config.layers) * static_cast<std::uint64_t>(capacity) *
         static_cast<std::uint64_t>(s.key + s.value) * sizeof(float);
}

} // namespace switchyard::model
