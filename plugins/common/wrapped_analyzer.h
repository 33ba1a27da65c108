#pragma once

#include <memory>

#include "core/trace/analyzer.h"
#include "plugins/common/convert.h"

namespace switchyard::plugins {

/// Presents an analyzer of analyzers/ through the SDK. Maker has
/// `static std::unique_ptr<trace::Analyzer> make(const sdk::Options&)`.
template <typename Maker>
class WrappedAnalyzer final : public sdk::Analyzer<WrappedAnalyzer<Maker>> {
public:
  explicit WrappedAnalyzer(const sdk::Options& options) : m_inner(Maker::make(options)) {}

  std::uint32_t wants() const override { return columnsOf(m_inner->wants()); }
  void begin(std::span<const sdk::Layer> layers) override {
    check(m_inner->begin(layersOf(layers)));
  }
  void add(const sdk::Block& block) override { check(m_inner->add(m_reader.read(block))); }
  void merge(const WrappedAnalyzer& other) override { check(m_inner->merge(*other.m_inner)); }
  std::string save() const { return valueOr(m_inner->save()); }
  void load(std::string_view state) { check(m_inner->load(state)); }
  sdk::Result result() const override { return resultOf(valueOr(m_inner->result())); }

private:
  std::unique_ptr<trace::Analyzer> m_inner;
  BlockReader m_reader;
};

} // namespace switchyard::plugins
