#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/progress.h"
#include "core/base/thread_context.h"
#include "core/trace/block.h"

namespace switchyard::jobs {

struct CompareOptions {
  std::filesystem::path a, b;
  std::string label = "domain";  ///< sequences are grouped by this label; empty: not
  std::int64_t resamples = 400;  ///< of documents, behind the intervals
  std::uint64_t seed = 0;
};

/// A number with its 95 % interval from resampled documents; none for fewer than 5 documents.
struct Estimate {
  double value = 0;
  std::optional<std::pair<double, double>> interval{};
};

/// Where two traces first differ in their tokens.
struct TokenMismatch {
  std::string sequence; ///< id
  std::int64_t position = 0;
};

/// How two traces route the same tokens. Layers and experts: those of A; expert e of layer l is at
/// l * experts + e, and NaN where that layer has fewer experts.
struct TraceComparison {
  std::vector<trace::LayerInfo> layers;
  int experts = 0;             ///< of the widest layer
  std::int64_t documents = 0;  ///< of A
  std::int64_t aligned = 0;    ///< documents with the same tokens in both
  std::int64_t tokens = 0;     ///< rows of A
  std::int64_t alignedTokens = 0;
  std::optional<TokenMismatch> mismatch;
  /// mean |A and B| / k over aligned tokens (arXiv:2409.02060, eq. 5), of all layers and of each
  Estimate overall;
  std::vector<Estimate> agreement;
  std::vector<double> firstChoice;  ///< share of tokens with the same first choice, per layer
  std::vector<double> jsDivergence; ///< of the layer's loads, bits
  std::vector<std::string> labels;
  std::vector<std::int64_t> labelDocuments;
  std::vector<double> byLabel; ///< [labels * layers] agreement
  std::vector<double> loadA, loadB; ///< times fair share, over aligned tokens
  std::vector<std::pair<double, double>> difference; ///< interval of loadB - loadA; NaN: none
  std::vector<std::string> sequences; ///< ids of aligned documents, in A's order
  std::vector<std::int64_t> sequenceIndex; ///< their index in A
  std::vector<std::int64_t> firstToken;    ///< where each starts in tokenAgreement; one more at the end
  std::vector<float> tokenAgreement;       ///< per aligned token, mean over layers
};

/// Pairs sequences by id (by index where ids repeat) and compares those whose tokens are the same.
/// Errors: the traces'; InvalidArgument if their layers differ in number or experts; Cancelled.
base::Result<TraceComparison> compareTraces(const CompareOptions& options,
                                            const base::ThreadContext& threads,
                                            const base::RunControl& control);

} // namespace switchyard::jobs
