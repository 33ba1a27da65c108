// y = x W^T over shapes of MoE experts, with weights that are in no cache: the pool of matrices is
// far larger than it and read round-robin, as experts are.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "bench/benchmark_main.h"
#include "core/base/rng.h"
#include "core/base/thread_context.h"
#include "core/tensor/ops/matmul.h"

namespace switchyard::bench {

namespace {

struct Shape {
  std::int64_t k;
  std::int64_t n;
};

class MatrixPool {
public:
  MatrixPool(Shape shape, tensor::DType dtype, std::size_t poolBytes) {
    base::Rng rng(1, 0);
    const std::int64_t bytes = shape.n * shape.k * tensor::bitsOf(dtype) / 8;
    std::vector<std::byte> source(static_cast<std::size_t>(bytes));
    for (std::size_t at = 0; at < source.size(); at += 2) {
      // 2-byte patterns that are small positive numbers in every type.
      source[at] = static_cast<std::byte>(rng.nextU64() >> 56);
      source[at + 1] = std::byte{0x3C};
    }
    const std::size_t count = std::max<std::size_t>(2, poolBytes / source.size());
    for (std::size_t i = 0; i < count; ++i) {
      auto matrix = tensor::PackedMatrix::create(shape.n, shape.k, dtype);
      if (!matrix)
        return;
      matrix->pack(0, source);
      m_matrices.push_back(*std::move(matrix));
    }
  }
  const std::vector<tensor::PackedMatrix>& matrices() const { return m_matrices; }

private:
  std::vector<tensor::PackedMatrix> m_matrices;
};

/// One iteration: 64 matrices, each by one task, on all threads.
void multiplyMany(benchmark::State& state, const MatrixPool& pool, Shape shape, std::int64_t m,
                  const base::ThreadContext& threads) {
  constexpr std::int64_t kTasks = 64;
  const auto count = static_cast<std::int64_t>(pool.matrices().size());
  if (count == 0) {
    state.SkipWithError("no memory for the matrices");
    return;
  }
  std::vector<float> x(static_cast<std::size_t>(m * shape.k), 0.5f);
  std::vector<std::vector<float>> results(
      kTasks, std::vector<float>(static_cast<std::size_t>(m * shape.n)));
  std::int64_t next = 0;
  for (auto _ : state) {
    threads.parallelFor(kTasks, [&](std::int64_t task) {
      const tensor::PackedMatrix& w =
          pool.matrices()[static_cast<std::size_t>((next + task) % count)];
      tensor::matmul(w, x.data(), m, shape.k, results[static_cast<std::size_t>(task)].data(),
                     shape.n, 0, w.panels());
    });
    next = (next + kTasks) % count;
  }
  const auto iterations = static_cast<double>(state.iterations()) * kTasks;
  const double macs = static_cast<double>(m * shape.k * shape.n);
  state.counters["FLOP/s"] = benchmark::Counter(2 * macs * iterations, benchmark::Counter::kIsRate);
  state.counters["weights_B/s"] =
      benchmark::Counter(static_cast<double>(pool.matrices().front().bytes()) * iterations,
                         benchmark::Counter::kIsRate);
}

} // namespace

void registerBenchmarks(const BenchmarkOptions& options) {
  const bool smoke = options.smoke;
  const auto threads = std::make_shared<base::ThreadContext>(options.threads);
  const std::size_t poolBytes = smoke ? 1u << 20 : 256u << 20;
  const std::vector<Shape> shapes =
      smoke
          ? std::vector<Shape>{{64, 40}}
          : std::vector<Shape>{{1024, 512}, {512, 1024}, {1024, 1024}, {2048, 1024}, {2048, 2048}};
  const std::vector<std::int64_t> rowCounts =
      smoke ? std::vector<std::int64_t>{1, 13}
            : std::vector<std::int64_t>{1, 2, 4, 8, 16, 32, 64, 128, 512};
  for (const tensor::DType dtype : {tensor::DType::BF16, tensor::DType::F32, tensor::DType::F16}) {
    for (const Shape& shape : shapes) {
      // Made by the first case that runs, shared by those of the same shape.
      const auto pool = std::make_shared<std::unique_ptr<MatrixPool>>();
      for (const std::int64_t m : rowCounts)
        benchmark::RegisterBenchmark(
            fmt::format("matmul/{}/k:{}/n:{}/m:{}", tensor::name(dtype), shape.k, shape.n, m)
                .c_str(),
            [=](benchmark::State& state) {
              if (!*pool)
                *pool = std::make_unique<MatrixPool>(shape, dtype, poolBytes);
              multiplyMany(state, **pool, shape, m, *threads);
              if (m == rowCounts.back())
                pool->reset();
            })
            ->UseRealTime();
    }
  }
}

} // namespace switchyard::bench
