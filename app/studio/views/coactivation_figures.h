#pragma once

#include <vector>

#include "app/studio/figures/flow_scene.h"
#include "app/studio/figures/heatmap_spec.h"
#include "app/studio/views/figure_panel.h"
#include "core/trace/result.h"

namespace switchyard::studio {

// What Co-activation shows of its results; pure.

struct PairMatrixChoice {
  int layer = 0;            ///< of the stack
  int k = 1;                ///< experts per token at this layer
  int experts = 0;          ///< E of this layer; 0: as many as the figure shows
  QString measure = "lift"; ///< "lift" over chance, "p" P(j | i), "jaccard", "phi"
  bool byId = false;        ///< experts by id, else in the order of the dendrogram
};

struct PairMatrix {
  HeatmapSpec spec;
  FigureLink link;
  QString formula;
};

/// Which experts of a layer are chosen together, from a matrix of P(j | i) (the figure
/// "coactivation_layer_N") and how often each is chosen in the same tokens (a load result; null:
/// unknown).
PairMatrix pairMatrix(const trace::Figure& figure, const trace::AnalysisResult* load,
                      const PairMatrixChoice& choice);

struct LayerFlow {
  FlowSpec spec;
  FigureLink link;
  QString heading;
  std::vector<ExpertKey> experts; ///< of each node; layer -1: the rest together
};

/// First choices from one layer to the next, of the figure "transitions_flow". layers: position in
/// the stack of each of its columns; from: the column where it begins, not the last one.
LayerFlow layerFlow(const trace::Figure& figure, const std::vector<int>& layers, int from);

} // namespace switchyard::studio
