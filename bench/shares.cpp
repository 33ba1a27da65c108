#include "bench/shares.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/make_model.h"
#include "core/tensor/ops/matmul.h"

namespace switchyard::bench {

namespace {

constexpr double kFmaSeconds = 0.1;

/// The shape that the bounds count with; exact for what makeModel writes.
ModelShape shapeOf(const model::ModelConfig& config) {
  return {.layers = config.layers,
          .hidden = config.hidden,
          .heads = config.heads,
          .experts = config.moe.gate.experts,
          .expertWidth = config.moe.width,
          .topK = config.moe.gate.k,
          .vocabulary = config.vocabulary,
          .positions = config.maxPositions};
}

bool isBenchShape(const model::ModelConfig& config) {
  return config.family == model::Family::Olmoe && config.heads == config.kvHeads &&
         config.heads * config.headDim == config.hidden && !config.tiedEmbeddings;
}

nlohmann::json toJson(const std::vector<Sample>& samples) {
  nlohmann::json rows = nlohmann::json::array();
  for (const Sample& sample : samples)
    rows.push_back({{"tokens_per_second", sample.tokensPerSecond},
                    {"limit_tokens_per_second", sample.limit},
                    {"share", sample.share()}});
  const Sample middle = medianOf(samples);
  std::vector<double> shares;
  for (const Sample& sample : samples)
    shares.push_back(sample.share());
  return {{"tokens_per_second", middle.tokensPerSecond},
          {"limit_tokens_per_second", middle.limit},
          {"share", median(shares)},
          {"samples", rows}};
}

std::string line(const char* what, const std::vector<Sample>& samples, const char* limit) {
  std::vector<double> shares;
  for (const Sample& sample : samples)
    shares.push_back(sample.share());
  const auto [least, most] = std::ranges::minmax(shares);
  return fmt::format("{:<8} {:>8.1f} tokens/s  {:>5.1f} % of the {} (samples {:.1f}-{:.1f} %)\n",
                     what, medianOf(samples).tokensPerSecond, 100 * median(shares), limit,
                     100 * least, 100 * most);
}

} // namespace

double median(std::vector<double> values) {
  if (values.empty())
    return 0;
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

Sample medianOf(const std::vector<Sample>& samples) {
  std::vector<double> rates;
  std::vector<double> limits;
  for (const Sample& sample : samples) {
    rates.push_back(sample.tokensPerSecond);
    limits.push_back(sample.limit);
  }
  return {median(rates), median(limits)};
}

base::Result<Shares> measureShares(const ModelRun& run, const Limits& limits,
                                   const base::ThreadContext& threads, const ShareOptions& options,
                                   const base::RunControl& control) {
  if (!isBenchShape(run.config()))
    return base::fail(base::ErrorCode::Unsupported,
                      "the limits are worked out for models of make-model only");
  Shares shares;
  shares.bytesPerToken = static_cast<double>(bytesPerDecodedToken(shapeOf(run.config())));
  shares.flopsPerToken =
      flopsPerPrefillToken(shapeOf(run.config()), static_cast<int>(options.prefillTokens));
  std::vector<double> reads;
  std::vector<double> flops;
  for (int repeat = 0; repeat < options.repeats; ++repeat) {
    SY_TRY(control.check());
    control.report(repeat, options.repeats, "repeats");
    const double readBefore = limits.readBytesPerSecond(threads);
    const double decode = SY_TRY(run.decode(options.decodeTokens, options.context));
    const double read = std::max(readBefore, limits.readBytesPerSecond(threads));
    shares.decode.push_back(
        {static_cast<double>(options.decodeTokens) / decode, read / shares.bytesPerToken});
    const double fmaBefore = Limits::fmaFlops(threads, kFmaSeconds);
    const double prefill = SY_TRY(run.prefill(options.prefillTokens));
    const double fma = std::max(fmaBefore, Limits::fmaFlops(threads, kFmaSeconds));
    shares.prefill.push_back(
        {static_cast<double>(options.prefillTokens) / prefill, fma / shares.flopsPerToken});
    reads.push_back(read);
    flops.push_back(fma);
  }
  shares.readBytesPerSecond = median(reads);
  shares.fmaFlops = median(flops);
  return shares;
}

nlohmann::json toJson(const Shares& shares) {
  return {{"target", tensor::kernelTarget()},
          {"read_bytes_per_second", shares.readBytesPerSecond},
          {"fma_flops", shares.fmaFlops},
          {"bytes_per_decoded_token", shares.bytesPerToken},
          {"flops_per_prefill_token", shares.flopsPerToken},
          {"decode", toJson(shares.decode)},
          {"prefill", toJson(shares.prefill)}};
}

std::string describe(const Shares& shares) {
  return fmt::format("limits   {:.1f} GB/s read, {:.0f} GFLOP/s f32 FMA ({})\n",
                     shares.readBytesPerSecond / 1e9, shares.fmaFlops / 1e9,
                     tensor::kernelTarget()) +
         line("decode", shares.decode, "read limit") +
         line("prefill", shares.prefill, "f32 FMA limit");
}

} // namespace switchyard::bench
