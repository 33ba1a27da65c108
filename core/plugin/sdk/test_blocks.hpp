#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "core/plugin/sdk/collector.hpp"
#include "core/plugin/sdk/test_object.hpp"

SY_SDK_NAMESPACE_BEGIN

/// The expert ids of one sequence at one layer: [tokens][k], in rank order.
using TestRouting = std::vector<std::vector<std::uint16_t>>;

/// Drives an analyzer or a simulator.
template <typename Table> class BlockScene {
public:
  BlockScene(const TestPlugin& plugin, const char* kind, const std::vector<TestOption>& options,
             int layers, int experts, int k, const sy_machine* machine = nullptr)
      : m_object(plugin, kind, options) {
    m_object.setLayers(layers, experts, k);
    sy_error error = makeError();
    if constexpr (std::is_same_v<Table, sy_simulator_table>)
      expectOk(m_object.table().begin(m_object.object(), m_object.layers(), m_object.layerCount(),
                                      machine, &error),
               error);
    else
      expectOk(m_object.table().begin(m_object.object(), m_object.layers(), m_object.layerCount(),
                                      &error),
               error);
  }

  /// Tokens that one sequence routed at one layer, as one block. `first`: position of the first.
  /// logits: [tokens * experts], or empty.
  void add(int layer, const TestRouting& routing, std::int64_t sequence = 0, std::int64_t first = 0,
           const std::vector<float>& logits = {}) {
    const auto k = static_cast<std::size_t>(m_object.layer(layer).k);
    std::vector<std::uint16_t> ids;
    for (const auto& row : routing) {
      if (row.size() > k)
        throw std::runtime_error("a token of the test has more than k experts");
      ids.insert(ids.end(), row.begin(), row.end());
      ids.resize(ids.size() + k - row.size(), static_cast<std::uint16_t>(SY_NO_STORED_EXPERT));
    }
    const std::vector<std::int32_t> tokens(static_cast<std::size_t>(first) + routing.size(), 0);
    sy_sequence info{};
    info.struct_size = sizeof(info);
    info.index = sequence;
    info.tokens = tokens.data();
    info.token_count = static_cast<std::int64_t>(tokens.size());
    info.prompt_length = info.token_count;
    sy_block block{};
    block.struct_size = sizeof(block);
    block.moe_layer = layer;
    block.sequence = &info;
    block.layer = &m_object.layer(layer);
    block.first_token = first;
    block.rows = static_cast<std::int64_t>(routing.size());
    block.ids = ids.data();
    block.logits = logits.empty() ? nullptr : logits.data();
    sy_error error = makeError();
    expectOk(m_object.table().add(m_object.object(), &block, &error), error);
  }

  void merge(const BlockScene& other) {
    sy_error error = makeError();
    expectOk(m_object.table().merge(m_object.object(), other.m_object.object(), &error), error);
  }

  Result result() const {
    Collector collector;
    sy_error error = makeError();
    expectOk(m_object.table().result(m_object.object(), collector.table(), &error), error);
    return collector.result();
  }

private:
  TestObject<Table> m_object;
};

class AnalyzerScene : public BlockScene<sy_analyzer_table> {
public:
  AnalyzerScene(const TestPlugin& plugin, const std::vector<TestOption>& options, int layers,
                int experts, int k)
      : BlockScene(plugin, SY_KIND_ANALYZER, options, layers, experts, k) {}
};

class SimulatorScene : public BlockScene<sy_simulator_table> {
public:
  SimulatorScene(const TestPlugin& plugin, const std::vector<TestOption>& options, int layers,
                 int experts, int k, const sy_machine& machine)
      : BlockScene(plugin, SY_KIND_SIMULATOR, options, layers, experts, k, &machine) {}
};

SY_SDK_NAMESPACE_END
