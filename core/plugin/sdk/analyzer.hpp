#pragma once

#include <span>

#include "core/plugin/sdk/emit.hpp"
#include "core/plugin/sdk/facts.hpp"
#include "core/plugin/sdk/instance.hpp"

SY_SDK_NAMESPACE_BEGIN

struct AnalyzerKind {};

/// Consumes routing blocks, merges with another of its kind, gives a result at any time:
/// `class Mine : public Analyzer<Mine>`. merge() of any split of the sequences followed by result()
/// equals one pass over all of them, bit for bit: count in integers, sum in a fixed order.
template <typename Derived> class Analyzer : public PluginObject {
public:
  using Kind = AnalyzerKind;
  /// The columns that add() reads besides ids (SY_COLUMN_...); others come empty. Fewer is faster.
  virtual std::uint32_t wants() const {
    return SY_COLUMN_WEIGHTS | SY_COLUMN_LOGITS | SY_COLUMN_NORMS | SY_COLUMN_PREDICTED;
  }
  /// Once, before the first block.
  virtual void begin(std::span<const Layer> layers) = 0;
  /// Blocks of one sequence come to one object, layer by layer for each range of tokens.
  virtual void add(const Block& block) = 0;
  /// Adds what `other` (same options) has seen; throws if its layers differ.
  virtual void merge(const Derived& other) = 0;
  virtual Result result() const = 0;
};

template <typename T> const sy_analyzer_table* kindTable(AnalyzerKind) {
  static const sy_analyzer_table table = {
      sizeof(sy_analyzer_table),
      0,
      &createInstance<T>,
      &destroyInstance<T>,
      [](const void* instance, const sy_host* host, void** copy, sy_error* error) -> sy_status {
        return guarded(error, [&] {
          *copy = new Instance<T>(Host(host), static_cast<const Instance<T>*>(instance)->options);
        });
      },
      [](const void* instance) -> std::uint32_t {
        std::uint32_t columns = 0;
        guarded(nullptr, [&] { columns = objectOf<T>(instance).wants(); });
        return columns;
      },
      [](void* instance, const sy_layer* const* layers, std::uint32_t count,
         sy_error* error) -> sy_status {
        return guarded(error, [&] { objectOf<T>(instance).begin(layersFrom(layers, count)); });
      },
      [](void* instance, const sy_block* block, sy_error* error) -> sy_status {
        return guarded(error, [&] { objectOf<T>(instance).add(Block::from(*block)); });
      },
      [](void* instance, const void* other, sy_error* error) -> sy_status {
        return guarded(error, [&] { objectOf<T>(instance).merge(objectOf<T>(other)); });
      },
      [](const void* instance, const sy_result* result, sy_error* error) -> sy_status {
        return guarded(error, [&] { Emitter(*result).emit(objectOf<T>(instance).result()); });
      }};
  return &table;
}

SY_SDK_NAMESPACE_END
