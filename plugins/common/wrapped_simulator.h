#pragma once

#include <memory>

#include "core/trace/simulator.h"
#include "plugins/common/convert.h"

namespace switchyard::plugins {

/// Presents a simulator of analyzers/ through the SDK. Maker has
/// `static std::unique_ptr<trace::Simulator> make(const sdk::Host&, const sdk::Options&)`.
template <typename Maker> class WrappedSimulator final : public sdk::Simulator {
public:
  WrappedSimulator(const sdk::Host& host, const sdk::Options& options)
      : m_inner(Maker::make(host, options)) {}

  void begin(std::span<const sdk::Layer> layers, const sdk::Machine& machine) override {
    check(m_inner->begin(layersOf(layers), machineOf(machine)));
  }
  void add(const sdk::Block& event) override { check(m_inner->add(m_reader.read(event))); }
  sdk::Result result() const override { return resultOf(valueOr(m_inner->result())); }

private:
  std::unique_ptr<trace::Simulator> m_inner;
  BlockReader m_reader;
};

} // namespace switchyard::plugins
