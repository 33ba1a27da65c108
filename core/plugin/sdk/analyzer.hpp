#pragma once

#include <concepts>
#include <span>
#include <string>
#include <string_view>

#include "core/plugin/sdk/emit.hpp"
#include "core/plugin/sdk/facts.hpp"
#include "core/plugin/sdk/instance.hpp"

SY_SDK_NAMESPACE_BEGIN

struct AnalyzerKind {};

/// Consumes routing blocks, merges with another of its kind, gives a result at any time:
/// `class Mine : public Analyzer<Mine>`. merge() of any split of the sequences followed by result()
/// equals one pass over all of them, bit for bit: count in integers, sum in a fixed order.
/// Two more functions let several processes share a trace (MPI):
///   std::string save() const;          // what it has seen, as bytes, at the end of a sequence
///   void load(std::string_view state); // after begin(): has seen what the saved one had; throws
///   for
///                                      // bytes that do not fit its options and layers
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

template <typename T>
concept SavesState = requires(const T& from, T& to, std::string_view state) {
  { from.save() } -> std::convertible_to<std::string>;
  to.load(state);
};

template <SavesState T>
sy_status saveState(const void* instance, const sy_bytes* sink, sy_error* error) {
  return guarded(error, [&] {
    const std::string state = objectOf<T>(instance).save();
    sy_error refused = makeError();
    check(sink->append(sink->context, state.data(), state.size(), &refused), refused);
  });
}

template <SavesState T>
sy_status loadState(void* instance, const void* bytes, std::uint64_t size, sy_error* error) {
  return guarded(error, [&] {
    objectOf<T>(instance).load({static_cast<const char*>(bytes), static_cast<std::size_t>(size)});
  });
}

template <typename T> const sy_analyzer_table* kindTable(AnalyzerKind) {
  decltype(sy_analyzer_table::save) save = nullptr;
  decltype(sy_analyzer_table::load) load = nullptr;
  if constexpr (SavesState<T>) {
    save = &saveState<T>;
    load = &loadState<T>;
  }
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
      },
      save,
      load};
  return &table;
}

SY_SDK_NAMESPACE_END
