#pragma once

namespace switchyard::bench {

struct BenchmarkOptions {
  bool smoke = false; ///< only tiny cases, for the test that benchmarks still run
  int threads = 0;    ///< 0: all cores
};

/// Each Google Benchmark binary defines this: registers its cases.
void registerBenchmarks(const BenchmarkOptions& options);

} // namespace switchyard::bench
