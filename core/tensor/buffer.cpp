#include "core/tensor/buffer.h"

#include <cstdlib>
#include <cstring>
#include <sys/mman.h>

#include <fmt/format.h>

namespace switchyard::tensor {

namespace {
constexpr std::size_t kAlignment = 64;
constexpr std::size_t kHugePage = 2u << 20;
} // namespace

void Buffer::Free::operator()(std::byte* pointer) const { std::free(pointer); }

base::Result<Buffer> Buffer::create(std::size_t bytes) {
  const bool huge = bytes >= 2 * kHugePage;
  const std::size_t alignment = huge ? kHugePage : kAlignment;
  if (bytes > SIZE_MAX / 2)
    return base::fail(base::ErrorCode::LimitExceeded,
                      fmt::format("{} bytes cannot be allocated", bytes));
  const std::size_t padded = (bytes + alignment - 1) / alignment * alignment;
  Buffer buffer;
  if (padded == 0)
    return buffer;
  buffer.m_data.reset(static_cast<std::byte*>(std::aligned_alloc(alignment, padded)));
  if (!buffer.m_data)
    return base::fail(base::ErrorCode::LimitExceeded,
                      fmt::format("no memory for {} bytes", bytes));
  if (huge)
    ::madvise(buffer.m_data.get(), padded, MADV_HUGEPAGE); // only a hint
  std::memset(buffer.m_data.get(), 0, padded);
  buffer.m_size = bytes;
  return buffer;
}

} // namespace switchyard::tensor
