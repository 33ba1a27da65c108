#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/trace/block.h"
#include "core/trace/result.h"

namespace switchyard::trace {

/// The machine that a simulator prices a trace on, and what the traced model's parts weigh. Zero
/// means unknown; a simulator that needs an unknown value refuses in begin(), naming it.
struct MachineDescription {
  std::string name;
  int devices = 1;             ///< that hold experts
  int devicesPerNode = 1;      ///< divides devices
  double fastMemory = 0;       ///< bytes for experts on each device
  double memoryBandwidth = 0;  ///< bytes/s of that memory
  double flops = 0;            ///< floating-point operations/s of each device
  double loadBandwidth = 0;    ///< bytes/s from slow memory (host, disk) to a device
  double loadLatency = 0;      ///< seconds before the first byte of such a load
  double nodeBandwidth = 0;    ///< bytes/s between devices of one node
  double networkBandwidth = 0; ///< bytes/s between nodes, each device
  double linkLatency = 0;      ///< seconds per message between devices
  int hidden = 0;              ///< d of the model
  int expertWidth = 0;         ///< d_e, intermediate size of one expert
  double expertBytes = 0;      ///< weights of one routed expert of one layer
  double activationBytes = 2;  ///< bytes of one activation value that travels
};

/// Replays routing in the order in which a model ran it and returns what it would cost.
///
/// One block is one event: tokens that ran together at one MoE layer. Blocks come step by step (a
/// step is one prefill chunk or one decoded token), and within a step layer by layer. One object
/// is used by one thread at a time.
class Simulator {
public:
  virtual ~Simulator() = default;
  virtual std::string_view id() const = 0;
  /// Called once before the first block, with the trace's MoE layers in order.
  /// Errors: InvalidArgument for a machine value that is missing or out of range.
  virtual base::Result<void> begin(std::span<const LayerInfo> layers,
                                   const MachineDescription& machine) = 0;
  virtual base::Result<void> add(const RoutingBlock& event) = 0;
  virtual base::Result<AnalysisResult> result() const = 0;
};

} // namespace switchyard::trace
