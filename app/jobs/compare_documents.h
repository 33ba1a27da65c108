#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/jobs/compare_traces.h"
#include "app/jobs/row_picker.h"
#include "core/trace/reader.h"

namespace switchyard::jobs {

/// What one aligned document adds to a comparison.
struct ComparedDocument {
  std::int64_t tokens = 0;
  std::string label;
  std::vector<double> same;                ///< per layer: sum of |A and B| / m
  std::vector<std::uint32_t> first;        ///< per layer: same first choices
  std::vector<std::uint32_t> usesA, usesB; ///< [layers * experts]
};

/// Reads two traces side by side: which of their sequences are the same document, and how each of
/// those is routed in both. Fills in what a comparison says of documents and tokens. Used by one
/// thread.
class DocumentReader {
public:
  /// Borrows both; `out` gets layers, experts, at, documents, tokens at once. Errors: those of
  /// compareTraces().
  static base::Result<DocumentReader> open(const CompareOptions& options, TraceComparison& out);

  /// Sequences of A and B that are the same document by id, or by index where ids repeat.
  const std::vector<std::pair<std::int64_t, std::int64_t>>& pairs() const {
    return m_out->pairs->pairs;
  }
  /// Reads one of the pairs and adds its tokens to the comparison; nothing if its tokens differ
  /// (the comparison then knows the first such place) or none of its rows is in range.
  base::Result<std::optional<ComparedDocument>> read(std::size_t pair);

private:
  DocumentReader(const CompareOptions& options, TraceComparison& out)
      : m_options(&options), m_out(&out) {}
  base::Result<std::shared_ptr<const DocumentPairs>> pairUp();
  base::Result<int> choicesOfBoth(const std::vector<std::pair<std::int64_t, std::int64_t>>& pairs);
  base::Result<void> compareLayer(std::pair<std::int64_t, std::int64_t> pair, std::size_t layer,
                                  std::pair<std::int64_t, std::int64_t> rows, std::size_t start,
                                  ComparedDocument& document);

  const CompareOptions* m_options;
  TraceComparison* m_out;
  std::shared_ptr<const trace::Trace> m_a, m_b;
  std::unique_ptr<trace::TraceReader> m_readerA, m_readerB;
  std::optional<RowPicker> m_picker; ///< of the rows of A, or of B where the filter is of B
  std::vector<std::uint16_t> m_idsA, m_idsB;
};

} // namespace switchyard::jobs
