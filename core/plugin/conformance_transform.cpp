#include <cstring>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/rng.h"
#include "core/plugin/adapters.h"
#include "core/plugin/conformance_suites.h"

namespace switchyard::plugin {

namespace {

constexpr int kLayers = 2;
constexpr std::int64_t kExperts = 8, kHidden = 16, kWidth = 8;

/// A small qwen3_moe checkpoint of random float32 weights.
class MadeUpSource final : public model::TransformSource {
public:
  MadeUpSource() {
    m_config = nlohmann::json{
        {"architectures", {"Qwen3MoeForCausalLM"}},
        {"model_type", "qwen3_moe"},
        {"hidden_size", kHidden},
        {"num_hidden_layers", kLayers},
        {"num_experts", kExperts},
        {"num_experts_per_tok", 2},
        {"moe_intermediate_size", kWidth},
        {"vocab_size",
         32}}.dump();
    add("lm_head.weight", {32, kHidden});
    add("model.embed_tokens.weight", {32, kHidden});
    for (int l = 0; l < kLayers; ++l) {
      const std::string layer = fmt::format("model.layers.{}.", l);
      add(layer + "input_layernorm.weight", {kHidden});
      for (std::int64_t e = 0; e < kExperts; ++e)
        for (const char* part : {"down_proj", "gate_proj", "up_proj"})
          add(fmt::format("{}mlp.experts.{}.{}.weight", layer, e, part),
              part[0] == 'd' ? std::vector{kHidden, kWidth} : std::vector{kWidth, kHidden});
      add(layer + "mlp.gate.weight", {kExperts, kHidden});
      m_usage.push_back({l, {}});
      for (std::int64_t e = 0; e < kExperts; ++e)
        m_usage.back().assignments.push_back(10 + (5 * e + 3 * l) % 7);
    }
    std::ranges::sort(m_tensors, {}, &model::StoredTensor::name);
  }

  const std::string& config() const override { return m_config; }
  std::span<const model::StoredTensor> tensors() const override { return m_tensors; }
  base::Result<void> read(std::size_t index, std::uint64_t offset,
                          std::span<std::byte> out) const override {
    if (offset > m_tensors[index].bytes || out.size() > m_tensors[index].bytes - offset)
      return base::fail(base::ErrorCode::InvalidArgument, "read past the end of a tensor");
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = static_cast<std::byte>((offset + i) * 31 + index * 7);
    return {};
  }
  std::span<const model::ExpertUsage> usage() const override { return m_usage; }

private:
  void add(std::string name, std::vector<std::int64_t> shape) {
    std::uint64_t elements = 1;
    for (const std::int64_t size : shape)
      elements *= static_cast<std::uint64_t>(size);
    m_tensors.push_back({std::move(name), tensor::DType::F32, std::move(shape), 4 * elements});
  }

  std::string m_config;
  std::vector<model::StoredTensor> m_tensors;
  std::vector<model::ExpertUsage> m_usage;
};

/// Keeps what is written as bytes.
class MadeUpSink final : public model::TransformSink {
public:
  base::Result<void> declare(std::string_view name, tensor::DType dtype,
                             std::span<const std::int64_t> shape) override {
    std::uint64_t elements = 1;
    text += fmt::format("{} {} [", name, tensor::name(dtype));
    for (const std::int64_t size : shape) {
      if (size < 0 || size > 1'000'000)
        return base::fail(base::ErrorCode::InvalidArgument, "a size is out of range");
      elements *= static_cast<std::uint64_t>(size);
      text += fmt::format("{} ", size);
    }
    text += "]\n";
    m_expected += elements * static_cast<std::uint64_t>(tensor::bitsOf(dtype)) / 8;
    return {};
  }
  base::Result<void> append(std::span<const std::byte> bytes) override {
    m_written += bytes.size();
    if (m_written > m_expected)
      return base::fail(base::ErrorCode::InvalidArgument, "more bytes than were declared");
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }
  base::Result<void> setConfig(std::string_view json) override {
    if (nlohmann::json::parse(json, nullptr, false).is_discarded())
      return base::fail(base::ErrorCode::InvalidFormat, "the new config.json is no JSON");
    text += json;
    return {};
  }
  bool complete() const { return m_expected > 0 && m_written == m_expected; }

  std::string text;

private:
  std::uint64_t m_expected = 0, m_written = 0;
};

} // namespace

void checkTransform(const std::shared_ptr<const LoadedPlugin>& plugin, const OptionValues& options,
                    const HostContext& context, const RunCheck& run) {
  const MadeUpSource source;
  MadeUpSink sink;
  const auto once = [&](MadeUpSink& to) -> base::Result<void> {
    auto transform = SY_TRY(makeTransform(plugin, options, context));
    SY_TRY(transform->run(source, to, {}));
    return {};
  };
  bool ran = false;
  run("transform: runs on a small checkpoint", [&]() -> Outcome {
    const auto result = once(sink);
    if (!result)
      return result.error().code == base::ErrorCode::Internal
                 ? failed(result.error().describe())
                 : skipped("it refuses, saying: " + result.error().message);
    ran = true;
    return passed();
  });
  if (!ran)
    return;
  run("transform: writes all that it declares",
      [&] { return sink.complete() ? passed() : failed("bytes of declared tensors are missing"); });
  run("transform: determinism", [&]() -> Outcome {
    MadeUpSink second;
    if (const auto result = once(second); !result)
      return failed(result.error().describe());
    return second.text == sink.text ? passed()
                                    : failed("the same checkpoint gave two different results");
  });
  run("transform: cancel honoured", [&]() -> Outcome {
    std::stop_source stop;
    stop.request_stop();
    HostContext stoppable = context;
    stoppable.control.stop = stop.get_token();
    auto transform = makeTransform(plugin, options, stoppable);
    if (!transform)
      return failed(transform.error().describe());
    MadeUpSink ignored;
    const auto result = (*transform)->run(source, ignored, {});
    if (!result && result.error().code == base::ErrorCode::Cancelled)
      return passed();
    return failed(result ? "it ran to the end though the user asked to stop"
                         : result.error().describe());
  });
}

} // namespace switchyard::plugin
