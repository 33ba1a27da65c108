#include "core/plugin/adapters.h"
#include "core/plugin/fact_tables.h"
#include "core/plugin/guarded_result.h"
#include "core/plugin/instance.h"

namespace switchyard::plugin {

namespace {

sy_machine machineOf(const trace::MachineDescription& from) {
  sy_machine to{};
  to.struct_size = sizeof(to);
  to.devices = from.devices;
  to.devices_per_node = from.devicesPerNode;
  to.hidden = from.hidden;
  to.expert_width = from.expertWidth;
  to.name = from.name.c_str();
  to.fast_memory = from.fastMemory;
  to.memory_bandwidth = from.memoryBandwidth;
  to.flops = from.flops;
  to.load_bandwidth = from.loadBandwidth;
  to.load_latency = from.loadLatency;
  to.node_bandwidth = from.nodeBandwidth;
  to.network_bandwidth = from.networkBandwidth;
  to.link_latency = from.linkLatency;
  to.expert_bytes = from.expertBytes;
  to.activation_bytes = from.activationBytes;
  return to;
}

class PluginSimulator final : public trace::Simulator {
public:
  PluginSimulator(std::shared_ptr<PluginInstance> instance, OptionValues options)
      : m_instance(std::move(instance)), m_options(std::move(options)),
        m_table(*m_instance->plugin().simulator()) {}

  std::string_view id() const override { return m_instance->plugin().manifest().id; }

  base::Result<void> begin(std::span<const trace::LayerInfo> layers,
                           const trace::MachineDescription& machine) override {
    m_layers.set(layers);
    const sy_machine table = machineOf(machine);
    return m_instance->call("begin", [&](sy_error* error) {
      return m_table.begin(m_instance->object(), m_layers.pointers().data(),
                           static_cast<std::uint32_t>(m_layers.size()), &table, error);
    });
  }

  base::Result<void> add(const trace::RoutingBlock& event) override {
    m_seen.add(event);
    return m_instance->call("add", [&](sy_error* error) {
      return m_table.add(m_instance->object(), m_block.fill(event, m_layers), error);
    });
  }

  base::Result<trace::AnalysisResult> result() const override {
    auto result = SY_TRY(guardedResult(m_instance, m_table.result, m_options));
    m_seen.describe(result.provenance);
    return result;
  }

private:
  std::shared_ptr<PluginInstance> m_instance;
  OptionValues m_options;
  const sy_simulator_table& m_table;
  LayerTables m_layers;
  BlockTables m_block;
  SeenCounter m_seen;
};

} // namespace

base::Result<std::unique_ptr<trace::Simulator>>
makeSimulator(std::shared_ptr<const LoadedPlugin> plugin, const OptionValues& options,
              const HostContext& context) {
  const sy_simulator_table* table = plugin->simulator();
  auto instance =
      SY_TRY(createInstance(std::move(plugin), table, Kind::Simulator, options, context));
  return std::make_unique<PluginSimulator>(std::move(instance), options);
}

} // namespace switchyard::plugin
