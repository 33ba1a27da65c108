#pragma once

#include <optional>
#include <vector>

#include "app/studio/figures/heatmap_spec.h"
#include "app/studio/views/small_samples.h"
#include "core/trace/result.h"

namespace switchyard::studio {

/// What a labels by experts map shows.
struct LabelMapChoice {
  int layer = 0;              ///< of the stack
  int k = 1;                  ///< experts per token at this layer
  QString measure = "share";  ///< "share" P(e | label), "lift", "label" P(label | e)
  bool clusterExperts = true; ///< else by id
};

struct LabelMap {
  HeatmapSpec spec;
  QString formula;
  std::vector<LabelDocuments> documents; ///< of each label, by name
};

/// Labels by experts of one layer of a specialization result, a dot where the interval contains
/// chance. Labels of a group stand together. Nothing if the result has no such layer. Pure.
std::optional<LabelMap> labelMap(const trace::AnalysisResult& specialization,
                                 const LabelMapChoice& choice);

} // namespace switchyard::studio
