#include "bench/limits.h"

#include <atomic>
#include <chrono>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/limits.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace switchyard::bench::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr int kStreams = 8;
constexpr std::size_t kLine = 64;
constexpr std::size_t kAhead = 1024;

/// Reads [from, from + bytes) as kStreams streams side by side; bytes is a multiple of
/// kStreams * kLine. Returns something that depends on every byte.
std::uint64_t readStreams(const std::byte* from, std::size_t bytes) {
  const hn::ScalableTag<std::uint64_t> d;
  constexpr std::size_t kStep = hn::MaxLanes(d) * sizeof(std::uint64_t);
  const std::size_t length = bytes / kStreams;
  auto sum = hn::Zero(d);
  for (std::size_t at = 0; at < length; at += kLine) {
    HWY_UNROLL(8)
    for (int stream = 0; stream < kStreams; ++stream) {
      const std::byte* line = from + static_cast<std::size_t>(stream) * length + at;
      __builtin_prefetch(line + kAhead);
      for (std::size_t part = 0; part < kLine; part += kStep)
        sum = hn::Add(sum, hn::LoadU(d, reinterpret_cast<const std::uint64_t*>(line + part)));
    }
  }
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

constexpr int kChains = 12; // enough to hide the latency of two FMA units

/// Float operations of `rounds` steps of kChains independent chains; the result goes to `sink`.
double fmaRounds(std::int64_t rounds, float* sink) {
  const hn::ScalableTag<float> d;
  using Vector = hn::Vec<decltype(d)>;
  const Vector factor = hn::Set(d, 0.999f);
  const Vector addend = hn::Set(d, 0.001f);
  Vector c0 = hn::Set(d, 0.5f), c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0,
         c8 = c0, c9 = c0, c10 = c0, c11 = c0;
  for (std::int64_t round = 0; round < rounds; ++round) {
    c0 = hn::MulAdd(c0, factor, addend);
    c1 = hn::MulAdd(c1, factor, addend);
    c2 = hn::MulAdd(c2, factor, addend);
    c3 = hn::MulAdd(c3, factor, addend);
    c4 = hn::MulAdd(c4, factor, addend);
    c5 = hn::MulAdd(c5, factor, addend);
    c6 = hn::MulAdd(c6, factor, addend);
    c7 = hn::MulAdd(c7, factor, addend);
    c8 = hn::MulAdd(c8, factor, addend);
    c9 = hn::MulAdd(c9, factor, addend);
    c10 = hn::MulAdd(c10, factor, addend);
    c11 = hn::MulAdd(c11, factor, addend);
  }
  const Vector low = hn::Add(hn::Add(hn::Add(c0, c1), hn::Add(c2, c3)), hn::Add(c4, c5));
  const Vector high = hn::Add(hn::Add(hn::Add(c6, c7), hn::Add(c8, c9)), hn::Add(c10, c11));
  *sink = hn::GetLane(hn::Add(low, high));
  return 2.0 * kChains * static_cast<double>(hn::Lanes(d)) * static_cast<double>(rounds);
}

const char* targetName() {
  return hwy::TargetName(HWY_TARGET);
}

} // namespace switchyard::bench::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace switchyard::bench {

namespace {
HWY_EXPORT(readStreams);
HWY_EXPORT(fmaRounds);
HWY_EXPORT(targetName);

using Clock = std::chrono::steady_clock;
double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// What one task reads: long enough that starting a task does not show.
constexpr std::size_t kTaskBytes = 4u << 20;
} // namespace

base::Result<Limits> Limits::create(std::size_t poolBytes) {
  Limits limits;
  const std::size_t tasks = (poolBytes + kTaskBytes - 1) / kTaskBytes;
  limits.m_pool = SY_TRY(tensor::Buffer::create(tasks * kTaskBytes));
  std::memset(limits.m_pool.data(), 1, limits.m_pool.size()); // pages of its own, not the zero page
  return limits;
}

double Limits::readBytesPerSecond(const base::ThreadContext& threads) const {
  std::atomic<std::uint64_t> checksum = 0;
  const auto start = Clock::now();
  threads.parallelFor(static_cast<std::int64_t>(m_pool.size() / kTaskBytes), [&](std::int64_t i) {
    checksum += HWY_DYNAMIC_DISPATCH(readStreams)(
        m_pool.data() + static_cast<std::size_t>(i) * kTaskBytes, kTaskBytes);
  });
  const double seconds = secondsSince(start);
  return checksum == 0 ? 0.0 : static_cast<double>(m_pool.size()) / seconds;
}

double Limits::fmaFlops(const base::ThreadContext& threads, double seconds) {
  const std::int64_t tasks = 8 * threads.threads();
  std::int64_t rounds = 1 << 14;
  while (true) {
    std::atomic<double> operations = 0;
    const auto start = Clock::now();
    threads.parallelFor(tasks, [&](std::int64_t) {
      float sink = 0;
      operations += HWY_DYNAMIC_DISPATCH(fmaRounds)(rounds, &sink);
      static std::atomic<float> keep;
      keep.store(sink, std::memory_order_relaxed);
    });
    const double elapsed = secondsSince(start);
    if (elapsed >= seconds / 2 || rounds > (std::int64_t{1} << 40))
      return operations / elapsed;
    rounds = elapsed < seconds / 16 ? rounds * 8 : rounds * 2;
  }
}

std::string_view Limits::target() {
  return HWY_DYNAMIC_DISPATCH(targetName)();
}

} // namespace switchyard::bench
#endif
