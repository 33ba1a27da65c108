#pragma once

#include <string>
#include <vector>

#include "app/jobs/evaluate/outcome.h"
#include "app/jobs/evaluate/statistics.h"
#include "app/jobs/evaluate/store.h"
#include "app/jobs/evaluate/task_file.h"
#include "app/jobs/evaluate/variant.h"
#include "core/trace/result.h"

namespace switchyard::jobs::evaluate {

/// All that was measured of the same items.
struct Measured {
  std::vector<Task> tasks;
  Measure measure = Measure::Accuracy;
  std::int64_t repeats = 1;
  std::vector<Variant> variants; ///< the base first
  /// Of each variant, by item, then repeat.
  std::vector<std::vector<Outcome>> outcomes;
  bool sampled = false; ///< temperature above 0: repeats can differ
  Look look;
};

/// A share of the items, with everything said of it.
struct Block {
  std::string label, value; ///< empty: all items
  std::int64_t items = 0;
  std::vector<Estimate> scores;        ///< of each variant
  std::vector<Comparison> comparisons; ///< of each variant but the base; adjusted over these
};

/// Tables, figures, headlines, findings and warnings. Nothing of it depends on time or machine.
/// Errors: those of the statistics.
base::Result<trace::AnalysisResult> summarize(const Measured& measured, const TestOptions& tests,
                                              double alpha);

/// Of each variant.
std::vector<ItemMeans> meansOf(const Measured& measured);

// Parts of it, in files of their own.
std::vector<trace::Figure> figuresOf(const Measured& measured, const std::vector<ItemMeans>& means,
                                     const Block& all);
std::vector<std::string> warningsOf(const Measured& measured, const std::vector<ItemMeans>& means,
                                    const Block& all, double alpha);
/// One block per value of each label that splits the items into 2 to 40 values.
base::Result<std::vector<Block>> labelBlocks(const Measured& measured,
                                             const std::vector<ItemMeans>& means,
                                             const TestOptions& tests);
base::Result<Block> blockOf(const std::vector<ItemMeans>& means, const TestOptions& tests);

} // namespace switchyard::jobs::evaluate
