#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <vector>

namespace switchyard::studio {

/// A queue from one thread to one other, without locks and without allocation: slots are made once
/// and filled again and again. Neither side ever waits.
template <typename T> class SpscRing {
public:
  /// Room for at least `capacity` entries (>= 1), each what make() returns to begin with.
  template <typename Make> SpscRing(std::size_t capacity, Make make) {
    m_slots.reserve(std::bit_ceil(capacity));
    while (m_slots.size() < std::bit_ceil(capacity))
      m_slots.push_back(make());
    m_mask = m_slots.size() - 1;
  }

  std::size_t capacity() const { return m_slots.size(); }

  // --- the writing thread
  /// The slot to fill next, with what an earlier entry left in it; null while the ring is full.
  T* claim() {
    const std::size_t write = m_write.load(std::memory_order_relaxed);
    if (write - m_readSeen == m_slots.size()) {
      m_readSeen = m_read.load(std::memory_order_acquire);
      if (write - m_readSeen == m_slots.size())
        return nullptr;
    }
    return &m_slots[write & m_mask];
  }
  /// Hands the claimed slot over.
  void publish() {
    m_write.store(m_write.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

  // --- the reading thread
  /// The oldest entry; null while the ring is empty. Valid until pop().
  T* front() {
    const std::size_t read = m_read.load(std::memory_order_relaxed);
    return read == m_write.load(std::memory_order_acquire) ? nullptr : &m_slots[read & m_mask];
  }
  void pop() {
    m_read.store(m_read.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

private:
  std::vector<T> m_slots;
  std::size_t m_mask = 0;
  alignas(64) std::atomic<std::size_t> m_write{0};
  std::size_t m_readSeen = 0; ///< of the writing thread
  alignas(64) std::atomic<std::size_t> m_read{0};
};

} // namespace switchyard::studio
