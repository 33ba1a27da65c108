#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/jobs/analyze.h"
#include "app/jobs/experiment/store.h"

namespace switchyard::jobs::experiment {

/// A results file, and one of its cells: "k.results" or "k.results:capture/demo/domains/k=2".
struct ResultsName {
  std::filesystem::path file;
  std::string cell; ///< empty: the whole
};
/// Nothing if `given` names no results file.
std::optional<ResultsName> resultsName(const std::filesystem::path& given);

/// The cell of that name. Errors: NotFound with the nearest name; InvalidArgument, with the reason,
/// for one that is not done.
base::Result<StoredCell> findCell(Store& store, const std::string& name);

/// Results of one cell, or of the grid as a whole (then `cell` is empty), as an analysis.
base::Result<Analysis> cellAnalysis(Store& store, const StoredCell& cell);
base::Result<Analysis> summaryAnalysis(Store& store);

/// What a report of results shows: of a cell its results; of the whole the summary, and the results
/// of cells of jobs that have at most kFewCells cells. Errors: those of reading; InvalidArgument if
/// the results are not complete enough to have a summary.
base::Result<Analysis> readResults(const ResultsName& name);
inline constexpr std::size_t kFewCells = 2;

} // namespace switchyard::jobs::experiment
