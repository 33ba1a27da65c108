#pragma once

#include <cstdint>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "bench/limits.h"
#include "bench/model_run.h"
#include "core/base/progress.h"

namespace switchyard::bench {

struct ShareOptions {
  std::int64_t prefillTokens = 512;
  std::int64_t decodeTokens = 48;
  std::int64_t context = 64; ///< prompt before decoding
  int repeats = 5;
};

/// One rate, held against the limit that was measured right before and right after it.
struct Sample {
  double tokensPerSecond = 0;
  double limit = 0; ///< tokens per second that the limit allows: the better of both measurements
  double share() const { return tokensPerSecond / limit; }
};

/// Medians of samples taken in one run.
struct Shares {
  std::vector<Sample> decode;  ///< limit: memory reads of the active weights
  std::vector<Sample> prefill; ///< limit: float32 FMA
  double readBytesPerSecond = 0;
  double fmaFlops = 0;
  double bytesPerToken = 0; ///< weights read for one decoded token
  double flopsPerToken = 0; ///< of the prefill
};

base::Result<Shares> measureShares(const ModelRun& run, const Limits& limits,
                                   const base::ThreadContext& threads, const ShareOptions& options,
                                   const base::RunControl& control = {});

Sample medianOf(const std::vector<Sample>& samples);
double median(std::vector<double> values);
nlohmann::json toJson(const Shares& shares);
/// A few lines for people.
std::string describe(const Shares& shares);

} // namespace switchyard::bench
