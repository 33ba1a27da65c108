// switchyard-bench: makes models of a given shape, and holds the forward pass against the limits of
// the machine, measured in the same run.

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/limits.h"
#include "bench/make_model.h"
#include "bench/model_run.h"
#include "bench/shares.h"
#include "bench/synthetic_trace.h"

namespace {

using namespace switchyard;

struct Options {
  std::filesystem::path folder;
  std::filesystem::path scratch;
  bench::ModelShape shape;
  std::uint64_t seed = 1;
  bench::ShareOptions shares;
  int threads = 0;
  std::uint64_t poolMegabytes = 1024;
  bench::TraceShape trace;
  bool record = true;
  bool json = false;
};

base::Result<void> makeModel(const Options& options) {
  SY_TRY(bench::makeModel(options.folder, options.shape, options.seed));
  fmt::print("{}: {:.1f} MB of weights read per decoded token\n", options.folder.string(),
             static_cast<double>(bench::bytesPerDecodedToken(options.shape)) / 1e6);
  return {};
}

base::Result<void> limits(const Options& options) {
  const bench::Limits limits = SY_TRY(bench::Limits::create(options.poolMegabytes << 20));
  const base::ThreadContext all(options.threads);
  const base::ThreadContext one(1);
  nlohmann::json rows = nlohmann::json::array();
  for (const base::ThreadContext* threads : {&one, &all}) {
    std::vector<double> reads;
    std::vector<double> flops;
    for (int repeat = 0; repeat < options.shares.repeats; ++repeat) {
      reads.push_back(limits.readBytesPerSecond(*threads));
      flops.push_back(bench::Limits::fmaFlops(*threads, 0.1));
    }
    rows.push_back({{"threads", threads->threads()},
                    {"read_bytes_per_second", bench::median(reads)},
                    {"fma_flops", bench::median(flops)}});
    if (!options.json)
      fmt::print("{:>3} threads: {:6.1f} GB/s read, {:6.0f} GFLOP/s f32 FMA ({})\n",
                 threads->threads(), bench::median(reads) / 1e9, bench::median(flops) / 1e9,
                 bench::Limits::target());
  }
  if (options.json)
    fmt::print("{}\n",
               nlohmann::json{{"target", bench::Limits::target()}, {"limits", rows}}.dump(1));
  return {};
}

base::Result<void> model(const Options& options) {
  const base::ThreadContext threads(options.threads);
  const std::filesystem::path scratch =
      options.scratch.empty() ? std::filesystem::temp_directory_path() : options.scratch;
  const bench::ModelRun run =
      SY_TRY(bench::ModelRun::create(options.folder, threads, scratch, options.record));
  const bench::Limits limits = SY_TRY(bench::Limits::create(options.poolMegabytes << 20));
  const bench::Shares shares = SY_TRY(bench::measureShares(run, limits, threads, options.shares));
  if (options.json)
    fmt::print("{}\n", bench::toJson(shares).dump(1));
  else
    fmt::print("{}", bench::describe(shares));
  return {};
}

void addMakeModel(CLI::App& app, Options& o, std::function<base::Result<void>()>& action) {
  CLI::App* verb =
      app.add_subcommand("make-model", "Write a seeded random OLMoE checkpoint (bf16)");
  verb->add_option("DIR", o.folder, "Folder to write")->required();
  verb->add_option("--layers", o.shape.layers)->capture_default_str()->check(CLI::Range(1, 1024));
  verb->add_option("--hidden", o.shape.hidden)->capture_default_str()->check(CLI::Range(2, 65536));
  verb->add_option("--heads", o.shape.heads)->capture_default_str()->check(CLI::Range(1, 1024));
  verb->add_option("--experts", o.shape.experts)->capture_default_str()->check(CLI::Range(1, 4096));
  verb->add_option("--expert-width", o.shape.expertWidth)
      ->capture_default_str()
      ->check(CLI::Range(1, 65536));
  verb->add_option("--top-k", o.shape.topK)->capture_default_str()->check(CLI::Range(1, 4096));
  verb->add_option("--vocabulary", o.shape.vocabulary)
      ->capture_default_str()
      ->check(CLI::Range(2, 1 << 20));
  verb->add_option("--seed", o.seed)->capture_default_str();
  verb->callback([&] { action = [&] { return makeModel(o); }; });
}

void addMakeTrace(CLI::App& app, Options& o, std::function<base::Result<void>()>& action) {
  CLI::App* verb = app.add_subcommand("make-trace", "Write a finished trace of seeded routing");
  verb->add_option("FILE", o.folder, "Trace to write")->required();
  verb->add_option("--sequences", o.trace.sequences)
      ->capture_default_str()
      ->check(CLI::Range(1, 1 << 24));
  verb->add_option("--tokens", o.trace.tokensPerSequence, "Of each sequence")
      ->capture_default_str()
      ->check(CLI::Range(1, 1 << 20));
  verb->add_flag("!--ids-only", o.trace.columns.weights, "Leave gate weights out");
  verb->callback([&] { action = [&] { return bench::writeTrace(o.folder, o.trace); }; });
}

void addShared(CLI::App& verb, Options& o) {
  verb.add_option("--threads", o.threads, "0: all cores")
      ->capture_default_str()
      ->check(CLI::Range(0, base::ThreadContext::kMaxThreads));
  verb.add_option("--repeats", o.shares.repeats, "Medians are over these")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  verb.add_option("--pool-mb", o.poolMegabytes, "Memory to read, far larger than the cache")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 20));
  verb.add_flag("--json", o.json);
}

void addLimits(CLI::App& app, Options& o, std::function<base::Result<void>()>& action) {
  CLI::App* verb = app.add_subcommand("limits", "Memory-read and f32 FMA limits of this machine");
  addShared(*verb, o);
  verb->callback([&] { action = [&] { return limits(o); }; });
}

void addModel(CLI::App& app, Options& o, std::function<base::Result<void>()>& action) {
  CLI::App* verb = app.add_subcommand(
      "model", "Decode and prefill speed as shares of the limits, with ids, weights and logits "
               "recorded");
  verb->add_option("DIR", o.folder, "A folder of make-model")->required();
  verb->add_option("--prefill", o.shares.prefillTokens)
      ->capture_default_str()
      ->check(CLI::Range(1, 1 << 20));
  verb->add_option("--decode", o.shares.decodeTokens)
      ->capture_default_str()
      ->check(CLI::Range(1, 1 << 20));
  verb->add_option("--context", o.shares.context, "Prompt before decoding")
      ->capture_default_str()
      ->check(CLI::Range(1, 1 << 20));
  verb->add_option("--scratch", o.scratch, "Folder for the recorded trace (default: the system's)");
  verb->add_flag("!--no-record", o.record, "Leave the recorder out");
  addShared(*verb, o);
  verb->callback([&] { action = [&] { return model(o); }; });
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app("Benchmarks of Switchyard against the limits of the machine", "switchyard-bench");
  app.require_subcommand(1);
  Options options;
  std::function<base::Result<void>()> action;
  addMakeModel(app, options, action);
  addMakeTrace(app, options, action);
  addLimits(app, options, action);
  addModel(app, options, action);
  CLI11_PARSE(app, argc, argv);
  const base::Result<void> done = action();
  if (!done) {
    fmt::print(stderr, "switchyard-bench: {}\n", done.error().describe());
    return 1;
  }
  return 0;
}
