#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/trace/block.h"

namespace switchyard::trace {

/// How the recorded gate turns logits into weights, as far as a reader can check it. Selection
/// biases and groups change who is chosen, never the ratio of the weights of those chosen.
enum class GateKind : std::uint8_t {
  Unknown,
  Softmax,     ///< weights of a row are proportional to exp(logit)
  Sigmoid,     ///< weights of a row are proportional to sigmoid(logit)
  SparseMixer, ///< two masked softmaxes; no simple ratio
};

enum class IdSpace : std::uint8_t {
  Logical, ///< experts as the checkpoint numbers them
  Physical ///< replicas as a serving engine placed them
};

/// Where a trace comes from; enough to make it again and for analyzers to interpret it.
/// Text fields are UTF-8.
struct TraceMeta {
  // the program
  std::string program;     ///< "switchyard 0.1.0"; another engine's name for imported traces
  std::string commandLine; ///< what the user typed; never compared
  std::string created;     ///< RFC 3339 or empty; never compared. Left empty, equal input gives
                           ///< equal bytes
  // the model
  std::string family;           ///< config.json model_type
  std::string modelName;        ///< for people: the folder's name; never compared
  std::string modelPath;        ///< as given; never compared
  std::string modelFingerprint; ///< hex; equal means the same weights and config
  int stackLayers = 0;          ///< all layers, dense ones counted
  int hidden = 0;               ///< width of the residual stream
  int vocabulary = 0;
  std::vector<LayerInfo> layers; ///< MoE layers in stack order: moeLayer i is layers[i]
  GateKind gate = GateKind::Unknown;
  bool weightsSumToOne = false; ///< the gate renormalises and does not scale
  std::string router;           ///< one line for people
  std::string tokenizerFingerprint;
  // the run
  std::string promptsPath; ///< as given; never compared
  std::string promptsFingerprint;
  std::vector<std::pair<std::string, std::string>> options; ///< what changes the numbers, in order
  std::string recipe; ///< JSON of the routing recipe; empty: the model's own routing
  /// Names of what a decoder records of each generated token; then there is a column of them.
  std::vector<std::string> figures;
  std::uint64_t seed = 0;
  std::string exactness; ///< kernels used and what is guaranteed of the bits; never compared
  // how to read the rows
  IdSpace idSpace = IdSpace::Logical;
  bool rankOrder = true; ///< slot order means rank; false: unknown order
};

/// Empty if a recording with meta `a` can be continued under `b`; else the first difference in
/// words ("model fingerprint: 12ab is recorded, 34cd is given"). Fields marked "never compared"
/// are left out.
std::string describeDifference(const TraceMeta& a, const TraceMeta& b);

} // namespace switchyard::trace
