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

void Buffer::Free::operator()(std::byte* pointer) const {
  std::free(pointer);
}

base::Result<Buffer> Buffer::create(std::size_t bytes) {
  if (bytes > SIZE_MAX / 2)
    return base::fail(base::ErrorCode::LimitExceeded,
                      fmt::format("{} bytes cannot be allocated", bytes));
  const std::size_t padded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  Buffer buffer;
  if (padded == 0)
    return buffer;
  const bool huge = bytes >= kHugePage;
  void* memory = nullptr;
  if (::posix_memalign(&memory, huge ? kHugePage : kAlignment, padded) != 0)
    return base::fail(base::ErrorCode::LimitExceeded, fmt::format("no memory for {} bytes", bytes));
  buffer.m_data.reset(static_cast<std::byte*>(memory));
  if (huge) // whole ones only, so that none is taken for a rest; only a hint
    ::madvise(buffer.m_data.get(), bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
  std::memset(buffer.m_data.get(), 0, padded);
  buffer.m_size = bytes;
  return buffer;
}

} // namespace switchyard::tensor
