#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/error.h"
#include "core/base/thread_context.h"
#include "core/tensor/buffer.h"

namespace switchyard::bench {

/// Physical limits of this machine, to hold our rates against. Both are measured with the threads
/// given, at the moment of the call: neighbours on a shared machine change them within seconds, so
/// take them between the measurements they are compared with.
class Limits {
public:
  /// poolBytes: memory to read; must be far larger than the last-level cache.
  static base::Result<Limits> create(std::size_t poolBytes);

  /// Bytes per second of one pass over the pool: per thread, eight streams with software prefetch.
  double readBytesPerSecond(const base::ThreadContext& threads) const;
  /// Float32 operations per second (two per FMA) of loops that touch registers only, for about
  /// `seconds`.
  static double fmaFlops(const base::ThreadContext& threads, double seconds);
  /// Instruction set of both loops.
  static std::string_view target();

private:
  tensor::Buffer m_pool;
};

} // namespace switchyard::bench
