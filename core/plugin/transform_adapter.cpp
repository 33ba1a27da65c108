#include <fmt/format.h>

#include "core/plugin/adapters.h"
#include "core/plugin/instance.h"
#include "core/plugin/status.h"
#include "core/plugin/utf8.h"

namespace switchyard::plugin {

namespace {

constexpr std::size_t kMaxSentences = 4096;
constexpr std::size_t kMaxSentence = 65536;
constexpr std::uint32_t kMaxRank = 8;

/// Source and sink of one run as a C table.
class CheckpointServices {
public:
  CheckpointServices() {
    m_table.struct_size = sizeof(m_table);
    m_table.context = this;
    m_table.read = [](void* context, std::uint64_t tensor, std::uint64_t offset, void* out,
                      std::uint64_t size, sy_error* error) {
      return with(context, error, [&](CheckpointServices& self) -> base::Result<void> {
        if (tensor >= self.m_tensors.size() || (out == nullptr && size > 0))
          return base::fail(base::ErrorCode::InvalidArgument,
                            "read() of a tensor that is not there, or into null");
        return self.m_source->read(static_cast<std::size_t>(tensor), offset,
                                   {static_cast<std::byte*>(out), static_cast<std::size_t>(size)});
      });
    };
    m_table.declare = [](void* context, const char* name, const char* dtype,
                         const std::int64_t* shape, std::uint32_t rank, sy_error* error) {
      return with(context, error, [&](CheckpointServices& self) -> base::Result<void> {
        const auto known = tensor::dtypeFromName(foreignText(dtype, 32));
        if (name == nullptr || !known || rank > kMaxRank || (shape == nullptr && rank > 0))
          return base::fail(base::ErrorCode::InvalidArgument,
                            "declare() needs a name, a dtype of safetensors and at most 8 sizes");
        return self.m_sink->declare(foreignText(name, 1024), *known, {shape, rank});
      });
    };
    m_table.append = [](void* context, const void* bytes, std::uint64_t size, sy_error* error) {
      return with(context, error, [&](CheckpointServices& self) -> base::Result<void> {
        if (bytes == nullptr && size > 0)
          return base::fail(base::ErrorCode::InvalidArgument, "append() of null");
        return self.m_sink->append(
            {static_cast<const std::byte*>(bytes), static_cast<std::size_t>(size)});
      });
    };
    m_table.set_config = [](void* context, sy_text json, sy_error* error) {
      return with(context, error, [&](CheckpointServices& self) -> base::Result<void> {
        if (json.data == nullptr)
          return base::fail(base::ErrorCode::InvalidArgument, "set_config() of null");
        return self.m_sink->setConfig({json.data, static_cast<std::size_t>(json.size)});
      });
    };
  }
  CheckpointServices(const CheckpointServices&) = delete;
  CheckpointServices& operator=(const CheckpointServices&) = delete;

  const sy_checkpoint_services* table() const { return &m_table; }

  void attach(const model::TransformSource& source, model::TransformSink& sink) {
    m_source = &source;
    m_sink = &sink;
    m_table.config = {source.config().data(), source.config().size()};
    for (const model::StoredTensor& tensor : source.tensors())
      m_tensors.push_back({sizeof(sy_tensor), static_cast<std::uint32_t>(tensor.shape.size()),
                           tensor.name.c_str(), tensor::name(tensor.dtype).data(),
                           tensor.shape.data(), tensor.bytes});
    for (const sy_tensor& tensor : m_tensors)
      m_tensorPointers.push_back(&tensor);
    for (const model::ExpertUsage& usage : source.usage())
      m_usage.push_back({sizeof(sy_usage), usage.layer,
                         static_cast<std::uint32_t>(usage.assignments.size()), 0,
                         usage.assignments.data()});
    for (const sy_usage& usage : m_usage)
      m_usagePointers.push_back(&usage);
    m_table.tensors = m_tensorPointers.data();
    m_table.tensor_count = m_tensorPointers.size();
    m_table.usage = m_usagePointers.data();
    m_table.usage_count = static_cast<std::uint32_t>(m_usagePointers.size());
  }

private:
  template <typename Body> static sy_status with(void* context, sy_error* error, Body&& body) {
    auto& self = *static_cast<CheckpointServices*>(context);
    const base::Result<void> result =
        self.m_source == nullptr ? base::fail(base::ErrorCode::InvalidArgument,
                                              "the checkpoint can be used during run() only")
                                 : body(self);
    return result ? SY_OK : giveError(error, result.error());
  }

  sy_checkpoint_services m_table{};
  const model::TransformSource* m_source = nullptr;
  model::TransformSink* m_sink = nullptr;
  std::vector<sy_tensor> m_tensors;
  std::vector<const sy_tensor*> m_tensorPointers;
  std::vector<sy_usage> m_usage;
  std::vector<const sy_usage*> m_usagePointers;
};

class PluginTransform final : public model::Transform {
public:
  PluginTransform(std::shared_ptr<PluginInstance> instance,
                  std::unique_ptr<CheckpointServices> services)
      : m_services(std::move(services)), m_instance(std::move(instance)),
        m_table(*m_instance->plugin().transform()) {}

  std::string_view id() const override { return m_instance->plugin().manifest().id; }

  base::Result<std::vector<std::string>> run(const model::TransformSource& source,
                                             model::TransformSink& sink,
                                             const base::RunControl& control) override {
    if (m_ran)
      return m_instance->failure(base::ErrorCode::InvalidArgument,
                                 "a transform object runs once; make another");
    m_ran = true;
    SY_TRY(control.check());
    m_services->attach(source, sink);
    std::vector<std::string> sentences;
    const sy_summary summary{sizeof(sy_summary), 0, &sentences,
                             [](void* context, const char* text, sy_error* error) -> sy_status {
                               auto& list = *static_cast<std::vector<std::string>*>(context);
                               if (list.size() >= kMaxSentences) {
                                 setMessage(error, "more sentences than the host keeps");
                                 return SY_LIMIT_EXCEEDED;
                               }
                               list.push_back(foreignText(text, kMaxSentence));
                               return SY_OK;
                             }};
    SY_TRY(m_instance->call("run", [&](sy_error* error) {
      return m_table.run(m_instance->object(), &summary, error);
    }));
    return sentences;
  }

private:
  std::unique_ptr<CheckpointServices> m_services; ///< outlives the instance
  std::shared_ptr<PluginInstance> m_instance;
  const sy_transform_table& m_table;
  bool m_ran = false;
};

} // namespace

base::Result<std::unique_ptr<model::Transform>>
makeTransform(std::shared_ptr<const LoadedPlugin> plugin, const OptionValues& options,
              const HostContext& context) {
  const sy_transform_table* table = plugin->transform();
  auto services = std::make_unique<CheckpointServices>();
  auto instance =
      SY_TRY(createInstance(std::move(plugin), table, Kind::Transform, options, context,
                            [&](HostServices& host) { host.setCheckpoint(services->table()); }));
  return std::make_unique<PluginTransform>(std::move(instance), std::move(services));
}

} // namespace switchyard::plugin
