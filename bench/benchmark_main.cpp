#include "bench/benchmark_main.h"

#include <cstdlib>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

/// Takes Google Benchmark's options, --smoke, and --threads=N.
int main(int argc, char** argv) {
  switchyard::bench::BenchmarkOptions options;
  std::vector<char*> arguments;
  constexpr std::string_view kThreads = "--threads=";
  for (int i = 0; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--smoke")
      options.smoke = true;
    else if (argument.starts_with(kThreads))
      options.threads = std::atoi(argv[i] + kThreads.size());
    else
      arguments.push_back(argv[i]);
  }
  char shortRuns[] = "--benchmark_min_time=0.001";
  if (options.smoke)
    arguments.push_back(shortRuns);
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data()))
    return 2;
  switchyard::bench::registerBenchmarks(options);
  return benchmark::RunSpecifiedBenchmarks() == 0 ? 1 : 0;
}
