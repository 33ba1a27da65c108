#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "core/base/error.h"

namespace switchyard::tensor {

/// Owning, 64-byte aligned, zero-initialised bytes for weights and activations; large ones ask for
/// huge pages. Move-only.
class Buffer {
public:
  Buffer() = default;
  /// Error LimitExceeded when the memory is not to be had.
  static base::Result<Buffer> create(std::size_t bytes);

  std::byte* data() { return m_data.get(); }
  const std::byte* data() const { return m_data.get(); }
  std::size_t size() const { return m_size; }

  /// The whole buffer as elements of a trivial type; a remainder is left out.
  template <typename T> std::span<T> as() {
    return {reinterpret_cast<T*>(m_data.get()), m_size / sizeof(T)};
  }
  template <typename T> std::span<const T> as() const {
    return {reinterpret_cast<const T*>(m_data.get()), m_size / sizeof(T)};
  }

private:
  struct Free {
    void operator()(std::byte* pointer) const;
  };
  std::unique_ptr<std::byte[], Free> m_data;
  std::size_t m_size = 0;
};

} // namespace switchyard::tensor
