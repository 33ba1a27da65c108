#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/jobs/filtered.h"
#include "core/base/progress.h"
#include "core/base/thread_context.h"
#include "core/trace/block.h"
#include "core/trace/reader.h"

namespace switchyard::jobs {

/// Which sequences of two traces are the same document.
struct DocumentPairs {
  std::shared_ptr<const trace::Trace> a, b;
  std::vector<std::pair<std::int64_t, std::int64_t>> pairs; ///< by id, or by index where ids repeat
  int choices = 1; ///< the fewer of those that both select in the first document
};

struct CompareOptions {
  std::filesystem::path a, b;
  std::shared_ptr<const trace::Trace> openedA{},
      openedB{}; ///< the same, where they are open; null: they are opened
  std::shared_ptr<const DocumentPairs>
      pairs{}; ///< of an earlier comparison; null, or not of openedA, openedB: found anew
  std::string label = "domain"; ///< sequences are grouped by this label; empty: not
  std::int64_t resamples = 400; ///< of documents, behind the intervals
  std::uint64_t seed = 0;
  RowFilter rows{}; ///< which rows of A (or B) count; the other's are those of the same tokens
  bool rowsAreOfB = false;
  int at = 0; ///< agreement is of the first `at` choices; 0: as many as both select in the first
              ///< document
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

/// How two traces route the same tokens. Layers and experts: those of A, with the smaller k of the
/// two; expert e of layer l is at l * experts + e, and NaN where that layer has fewer experts.
struct TraceComparison {
  std::vector<trace::LayerInfo> layers;
  int experts = 0;            ///< of the widest layer
  int at = 0;                 ///< m: agreement is of the first m choices, in layers of fewer of all
  std::int64_t documents = 0; ///< of the trace that the filter is of, with rows in the filter
  std::int64_t aligned = 0;   ///< documents with the same tokens in both
  std::int64_t tokens = 0;    ///< its rows in range, whatever they were routed to
  std::int64_t alignedTokens = 0;
  std::optional<TokenMismatch> mismatch;
  std::shared_ptr<const DocumentPairs> pairs;
  /// mean |first m of A and first m of B| / m over aligned tokens (arXiv:2409.02060, eq. 5), of all
  /// layers and of each; chance: m / experts
  Estimate overall;
  std::vector<Estimate> agreement;
  std::vector<double> firstChoice;  ///< share of tokens with the same first choice, per layer
  std::vector<double> jsDivergence; ///< of the layer's loads, bits
  std::vector<std::string> labels;
  std::vector<std::int64_t> labelDocuments;
  std::vector<double> byLabel;                       ///< [labels * layers] agreement
  std::vector<double> loadA, loadB;                  ///< times fair share, over aligned tokens
  std::vector<std::pair<double, double>> difference; ///< interval of loadB - loadA; NaN: none
  std::vector<std::string> sequences;                ///< ids of aligned documents, in A's order
  std::vector<std::int64_t> sequenceIndex;           ///< their index in A
  std::vector<std::int64_t>
      firstToken;                    ///< where each starts in tokenAgreement; one more at the end
  std::vector<float> tokenAgreement; ///< per aligned token, mean over layers
  std::vector<std::int32_t> tokenPosition; ///< per aligned token, in its document

  int choices(std::size_t moeLayer) const; ///< m of this layer
  double chance(std::size_t moeLayer) const {
    return static_cast<double>(choices(moeLayer)) / layers[moeLayer].experts;
  }
};

/// Whether two traces are worth comparing: the same layers and experts, and the first sequences
/// that have an id in common have the same tokens. Reads the tokens of at most four sequences of
/// each; false for what cannot be read.
bool looksAligned(const trace::Trace& a, const trace::Trace& b);

/// Pairs sequences by id (by index where ids repeat) and compares those whose tokens are the same.
/// Errors: the traces'; InvalidArgument if their layers differ in number or experts, or if they
/// have no such expert as the filter names; Cancelled.
base::Result<TraceComparison> compareTraces(const CompareOptions& options,
                                            const base::ThreadContext& threads,
                                            const base::RunControl& control);

} // namespace switchyard::jobs
