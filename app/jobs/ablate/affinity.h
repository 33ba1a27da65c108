#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analyzers/load/load.h"
#include "analyzers/npmi/npmi.h"
#include "analyzers/specialization/specialization.h"
#include "core/base/progress.h"
#include "core/base/thread_context.h"

namespace switchyard::jobs::ablate {

/// An expert, by the position of its layer in the stack.
struct ExpertId {
  int layer = 0;
  int expert = 0;
  auto operator<=>(const ExpertId&) const = default;
};

/// What routing says of an expert, without changing anything.
struct Affinity {
  std::int64_t uses = 0;                ///< tokens that select it
  std::optional<double> share;          ///< uses / tokens; chance k / E
  std::optional<double> meanWeight;     ///< mean gate weight where selected
  std::optional<double> npmi;           ///< composite score of the markers; supported ones only
  std::optional<double> specialization; ///< largest gap of a label's share to the other labels'
  std::string label;                    ///< that label
};

/// Counts routing with the analyzers of load, nPMI and specialization, from a running model or a
/// trace.
class AffinityCounter {
public:
  /// markers: may be empty: no nPMI. label: key of labels; empty: no specialization.
  AffinityCounter(std::vector<analyzers::Marker> markers, const std::string& label);

  std::vector<trace::Analyzer*> counters(); ///< borrowed
  /// Errors: those of trace::scan.
  base::Result<void> readTrace(const std::filesystem::path& path,
                               const base::ThreadContext& threads, const base::RunControl& control);

  std::vector<trace::LayerInfo> layers() const {
    const auto all = m_load.layers().all();
    return {all.begin(), all.end()};
  }
  /// Errors: the analyzers'. Called once, after everything was counted.
  base::Result<void> finish();
  /// After finish(). The expert exists.
  std::int64_t uses(const ExpertId& id) const;
  Affinity of(const ExpertId& id) const;

private:
  analyzers::Load m_load;
  std::optional<analyzers::Npmi> m_npmi;
  std::optional<analyzers::Specialization> m_specialization;
  std::map<int, std::size_t> m_index; ///< of a layer's position, among the MoE layers
  std::vector<analyzers::LayerLoad> m_loads;
  std::map<ExpertId, double> m_scores; ///< of supported experts
  std::vector<analyzers::LabelSpecialization> m_labels;
};

} // namespace switchyard::jobs::ablate
