#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/jobs/ablate/effects.h"
#include "app/jobs/analyze.h"
#include "app/jobs/model_shelf.h"
#include "core/plugin/registry.h"

namespace switchyard::jobs::ablate {

struct AblateOptions {
  std::filesystem::path model{};
  std::vector<std::string> texts{}; ///< files of documents; or tasks
  std::string scorer{};             ///< of tasks that name none, see evaluate::parseScorer
  std::filesystem::path tasks{};    ///< a task file instead: items are answered, not read
  std::string only{};               ///< LABEL=VALUE: documents or items with this label only
  std::size_t skip = 0;             ///< of those, the first are left out
  std::size_t limit = 0;            ///< of the rest, the first; 0: all
  /// "top:20" (most selected of all layers), "all-of-layer:5", "all", or a list "5:19,3:7".
  std::string experts = "top:20";
  std::string mode = "zero";          ///< of the step mask: zero, zero-renorm, route-around
  std::filesystem::path trace{};      ///< affinities of this trace instead of the same text
  std::string by{};                   ///< label for specialization; empty: none
  std::vector<std::string> markers{}; ///< for nPMI; empty: defaultMarkers(), where they occur
  std::int64_t context = 0;           ///< tokens of a window; 0: the model's positions
  std::int64_t maxTokens = 256;       ///< of an answer
  bool addTemplate = true;
  std::filesystem::path out{}; ///< keeps what was measured; empty: nothing is kept
  bool resume = false;
  bool overwrite = false;
  std::uint64_t seed = 0;               ///< of bootstrap and sign flips
  int jobs = 1;                         ///< items answered at once
  std::shared_ptr<ModelShelf> models{}; ///< shared with other jobs; empty: the model is loaded
};

/// File in `out` that a run continues from.
inline constexpr const char* kRecord = "ablation.json";

/// Takes experts away one at a time and measures how much worse the model gets, beside what their
/// routing says of them. Texts: next-token loss by document, runs beginning at the expert's layer;
/// an expert that no token of a document selects is known to change nothing there (mode zero).
/// Tasks: score and answer of each item, greedy.
/// Errors: those of the model, texts, tasks and trace; InvalidArgument for experts that do not
/// exist, an unknown mode, or `out` with a record and neither resume nor overwrite; Cancelled,
/// after which resume goes on with the expert that was running.
base::Result<Analysis> ablate(const AblateOptions& options,
                              const std::shared_ptr<plugin::Registry>& registry,
                              const base::ThreadContext& threads, const base::RunControl& control);

/// Which experts a text means. affinities: finished; for "top:N".
/// Errors: InvalidArgument naming what is wrong.
base::Result<std::vector<ExpertId>> chooseExperts(const std::string& text,
                                                  const std::vector<trace::LayerInfo>& layers,
                                                  const AffinityCounter& affinities);

/// Effects as tables, figures and sentences.
trace::AnalysisResult describeEffects(const Effects& effects, const AblateOptions& options,
                                      std::int64_t units, double weight);

} // namespace switchyard::jobs::ablate
