#include <cstring>

#include "core/plugin/adapters.h"
#include "core/plugin/fact_tables.h"
#include "core/plugin/guarded_result.h"
#include "core/plugin/instance.h"

namespace switchyard::plugin {

namespace {

class PluginAnalyzer final : public trace::Analyzer {
public:
  PluginAnalyzer(std::shared_ptr<PluginInstance> instance, OptionValues options)
      : m_instance(std::move(instance)), m_options(std::move(options)),
        m_table(*m_instance->plugin().analyzer()) {}

  std::string_view id() const override { return m_instance->plugin().manifest().id; }

  std::unique_ptr<trace::Analyzer> cloneEmpty() const override {
    auto copy = PluginInstance::make(
        m_instance->sharedPlugin(), m_instance->host().context(), m_table.destroy,
        [&](PluginInstance& instance, void** object, sy_error* error) {
          return m_table.clone_empty(m_instance->object(), instance.host().table(), object, error);
        });
    if (!copy)
      return std::make_unique<BrokenAnalyzer>(std::string(id()), std::move(copy.error()));
    return std::make_unique<PluginAnalyzer>(std::move(*copy), m_options);
  }

  trace::Columns wants() const override {
    std::uint32_t columns = 0;
    const auto asked = m_instance->call("wants", [&](sy_error*) {
      columns = m_table.wants(m_instance->object());
      return SY_OK;
    });
    if (!asked)
      return trace::Columns::ofBlocks();
    return {.weights = (columns & SY_COLUMN_WEIGHTS) != 0,
            .logits = (columns & SY_COLUMN_LOGITS) != 0,
            .norms = (columns & SY_COLUMN_NORMS) != 0,
            .predicted = (columns & SY_COLUMN_PREDICTED) != 0};
  }

  base::Result<void> begin(std::span<const trace::LayerInfo> layers) override {
    m_layers.set(layers);
    return m_instance->call("begin", [&](sy_error* error) {
      return m_table.begin(m_instance->object(), m_layers.pointers().data(),
                           static_cast<std::uint32_t>(m_layers.size()), error);
    });
  }

  base::Result<void> add(const trace::RoutingBlock& block) override {
    m_seen.add(block);
    return m_instance->call("add", [&](sy_error* error) {
      return m_table.add(m_instance->object(), m_block.fill(block, m_layers), error);
    });
  }

  base::Result<void> merge(const trace::Analyzer& other) override {
    const auto* twin = dynamic_cast<const PluginAnalyzer*>(&other);
    if (twin == nullptr || twin->id() != id() || describe(twin->m_options) != describe(m_options) ||
        !twin->m_layers.sameAs(m_layers))
      return m_instance->failure(
          base::ErrorCode::InvalidArgument,
          "merge() needs an analyzer of the same plugin, options and layers");
    SY_TRY(m_instance->call("merge", [&](sy_error* error) {
      return m_table.merge(m_instance->object(), twin->m_instance->object(), error);
    }));
    m_seen.merge(twin->m_seen);
    return {};
  }

  base::Result<trace::AnalysisResult> result() const override {
    auto result = SY_TRY(guardedResult(m_instance, m_table.result, m_options));
    m_seen.describe(result.provenance);
    return result;
  }

  bool canSave() const override {
    return m_table.struct_size >= sizeof(sy_analyzer_table) && m_table.save != nullptr &&
           m_table.load != nullptr;
  }

  /// The plugin's bytes behind what was counted here.
  base::Result<std::string> save() const override {
    if (!canSave())
      return trace::Analyzer::save();
    std::string state(sizeof(m_seen), '\0');
    std::memcpy(state.data(), &m_seen, sizeof(m_seen));
    const sy_bytes sink{
        sizeof(sy_bytes), 0, &state,
        [](void* to, const void* bytes, std::uint64_t size, sy_error*) -> sy_status {
          if (bytes == nullptr && size > 0)
            return SY_INVALID_ARGUMENT;
          static_cast<std::string*>(to)->append(static_cast<const char*>(bytes), size);
          return SY_OK;
        }};
    SY_TRY(m_instance->call(
        "save", [&](sy_error* error) { return m_table.save(m_instance->object(), &sink, error); }));
    return state;
  }

  base::Result<void> load(std::string_view state) override {
    if (!canSave())
      return trace::Analyzer::load(state);
    if (state.size() < sizeof(m_seen))
      return m_instance->failure(base::ErrorCode::Corrupt, "load() got no state");
    std::memcpy(&m_seen, state.data(), sizeof(m_seen));
    state.remove_prefix(sizeof(m_seen));
    return m_instance->call("load", [&](sy_error* error) {
      return m_table.load(m_instance->object(), state.data(), state.size(), error);
    });
  }

private:
  /// What cloneEmpty() gives when the plugin refuses: every use reports the reason.
  class BrokenAnalyzer final : public trace::Analyzer {
  public:
    BrokenAnalyzer(std::string id, base::Error error)
        : m_id(std::move(id)), m_error(std::move(error)) {}
    std::string_view id() const override { return m_id; }
    std::unique_ptr<trace::Analyzer> cloneEmpty() const override {
      return std::make_unique<BrokenAnalyzer>(m_id, m_error);
    }
    base::Result<void> begin(std::span<const trace::LayerInfo>) override { return refuse(); }
    base::Result<void> add(const trace::RoutingBlock&) override { return refuse(); }
    base::Result<void> merge(const trace::Analyzer&) override { return refuse(); }
    base::Result<trace::AnalysisResult> result() const override { return refuse(); }

  private:
    tl::unexpected<base::Error> refuse() const { return tl::unexpected(m_error); }
    std::string m_id;
    base::Error m_error;
  };

  std::shared_ptr<PluginInstance> m_instance;
  OptionValues m_options;
  const sy_analyzer_table& m_table;
  LayerTables m_layers;
  BlockTables m_block;
  SeenCounter m_seen;
};

} // namespace

base::Result<std::unique_ptr<trace::Analyzer>>
makeAnalyzer(std::shared_ptr<const LoadedPlugin> plugin, const OptionValues& options,
             const HostContext& context) {
  const sy_analyzer_table* table = plugin->analyzer();
  auto instance =
      SY_TRY(createInstance(std::move(plugin), table, Kind::Analyzer, options, context));
  return std::make_unique<PluginAnalyzer>(std::move(instance), options);
}

} // namespace switchyard::plugin
