#pragma once

#include <span>
#include <string>

#include "core/plugin/sdk/emit.hpp"
#include "core/plugin/sdk/facts.hpp"
#include "core/plugin/sdk/instance.hpp"

SY_SDK_NAMESPACE_BEGIN

struct SimulatorKind {};

/// The machine, and what the traced model's parts weigh; see sy_machine for the units.
using Machine = sy_machine;

/// Throws unless a value of the machine is known: `require("expert_bytes", machine.expert_bytes)`.
inline void require(const char* name, double value) {
  if (!(value > 0))
    throw Failure("the machine description needs " + std::string(name));
}

/// Replays routing in the order in which a model ran it and returns what it would cost.
class Simulator : public PluginObject {
public:
  using Kind = SimulatorKind;
  /// Once, before the first event. The machine is valid during the call: copy what is needed.
  virtual void begin(std::span<const Layer> layers, const Machine& machine) = 0;
  /// Tokens that ran together at one MoE layer, step by step, layer by layer within a step.
  virtual void add(const Block& event) = 0;
  virtual Result result() const = 0;
};

template <typename T> const sy_simulator_table* kindTable(SimulatorKind) {
  static const sy_simulator_table table = {
      sizeof(sy_simulator_table),
      0,
      &createInstance<T>,
      &destroyInstance<T>,
      [](void* instance, const sy_layer* const* layers, std::uint32_t count,
         const sy_machine* machine, sy_error* error) -> sy_status {
        return guarded(error,
                       [&] { objectOf<T>(instance).begin(layersFrom(layers, count), *machine); });
      },
      [](void* instance, const sy_block* event, sy_error* error) -> sy_status {
        return guarded(error, [&] { objectOf<T>(instance).add(Block::from(*event)); });
      },
      [](const void* instance, const sy_result* result, sy_error* error) -> sy_status {
        return guarded(error, [&] { Emitter(*result).emit(objectOf<T>(instance).result()); });
      }};
  return &table;
}

SY_SDK_NAMESPACE_END
