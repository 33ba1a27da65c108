#pragma once

#include <dlfcn.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/plugin/sdk/collector.hpp"

SY_SDK_NAMESPACE_BEGIN

/// One option of a test: its name and value, of the type that the sidecar declares.
struct TestOption {
  std::string name;
  std::variant<bool, std::int64_t, double, std::string, std::vector<std::int64_t>,
               std::vector<double>, std::vector<std::string>>
      value;
};

/// Throws if a call failed.
inline void expectOk(sy_status status, const sy_error& error) {
  if (status != SY_OK)
    throw std::runtime_error("status " + std::to_string(status) + ": " + error.message);
}

/// An opened plugin library.
class TestPlugin {
public:
  explicit TestPlugin(const std::string& library) {
    void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr)
      throw std::runtime_error(dlerror());
    const auto entry = reinterpret_cast<sy_plugin_entry_fn>(dlsym(handle, SY_PLUGIN_ENTRY));
    m_plugin = entry == nullptr ? nullptr : entry(SY_ABI_MAJOR, SY_ABI_MINOR);
    if (m_plugin == nullptr)
      throw std::runtime_error(library + " is no plugin for this ABI");
  }
  const sy_plugin& plugin() const { return *m_plugin; }
  template <typename Table> const Table& table(const char* kind) const {
    const void* found = m_plugin->kind(kind);
    if (found == nullptr)
      throw std::runtime_error(std::string("the plugin is no ") + kind);
    return *static_cast<const Table*>(found);
  }

private:
  const sy_plugin* m_plugin = nullptr;
};

/// Host services, options and layers, and the object that is tested. Does not move.
template <typename Table> class TestObject {
public:
  /// prepare: adds services to the host before the object is made.
  TestObject(const TestPlugin& plugin, const char* kind, const std::vector<TestOption>& options,
             const sy_session_services* session = nullptr,
             const sy_checkpoint_services* checkpoint = nullptr)
      : m_table(plugin.table<Table>(kind)) {
    m_host.struct_size = sizeof(m_host);
    m_host.abi_major = SY_ABI_MAJOR;
    m_host.abi_minor = SY_ABI_MINOR;
    m_host.name = "test host";
    m_host.version = "0";
    m_host.context = this;
    m_host.cancelled = [](void* context) -> std::int32_t {
      return static_cast<TestObject*>(context)->cancel ? 1 : 0;
    };
    m_host.parallel_for = [](void*, std::int64_t count, void* context,
                             void (*body)(void*, std::int64_t)) {
      for (std::int64_t i = count - 1; i >= 0; --i) // an order that nobody may rely on
        body(context, i);
    };
    m_host.session = session;
    m_host.checkpoint = checkpoint;
    for (const TestOption& option : options)
      addOption(option);
    std::vector<const sy_option*> pointers;
    for (const sy_option& option : m_options)
      pointers.push_back(&option);
    const sy_options table{sizeof(sy_options), static_cast<std::uint32_t>(pointers.size()),
                           pointers.data()};
    sy_error error = makeError();
    expectOk(m_table.create(&m_host, &table, &m_object, &error), error);
  }
  ~TestObject() { m_table.destroy(m_object); }
  TestObject(const TestObject&) = delete;
  TestObject& operator=(const TestObject&) = delete;

  /// `layers` MoE layers of `experts` experts, top-`k`.
  void setLayers(int layers, int experts, int k, const sy_gate* gate = nullptr) {
    for (int l = 0; l < layers; ++l)
      m_layers.push_back({sizeof(sy_layer), l, l, layers, experts, k, gate, nullptr});
    for (const sy_layer& layer : m_layers)
      m_layerPointers.push_back(&layer);
  }

  const Table& table() const { return m_table; }
  void* object() const { return m_object; }
  const sy_host* host() const { return &m_host; }
  const sy_layer* const* layers() const { return m_layerPointers.data(); }
  std::uint32_t layerCount() const { return static_cast<std::uint32_t>(m_layers.size()); }
  const sy_layer& layer(int i) const { return m_layers[static_cast<std::size_t>(i)]; }

  bool cancel = false; ///< what cancelled() says

private:
  struct Values {
    std::string name;
    std::vector<std::int64_t> integers{};
    std::vector<double> numbers{};
    std::vector<std::string> texts{};
    std::vector<const char*> strings{};
  };

  static void take(Values& v, bool value) { v.integers.push_back(value ? 1 : 0); }
  static void take(Values& v, std::int64_t value) { v.integers.push_back(value); }
  static void take(Values& v, double value) { v.numbers.push_back(value); }
  static void take(Values& v, const std::string& value) { v.texts.push_back(value); }
  template <typename T> static void take(Values& v, const std::vector<T>& values) {
    for (const T& value : values)
      take(v, value);
  }

  void addOption(const TestOption& option) {
    Values& values = m_values.emplace_back(Values{option.name});
    std::visit([&](const auto& value) { take(values, value); }, option.value);
    for (const std::string& text : values.texts)
      values.strings.push_back(text.c_str());
    constexpr std::int32_t kTypes[] = {SY_OPTION_BOOLEAN, SY_OPTION_INTEGER, SY_OPTION_NUMBER,
                                       SY_OPTION_STRING,  SY_OPTION_INTEGER, SY_OPTION_NUMBER,
                                       SY_OPTION_STRING};
    m_options.push_back({sizeof(sy_option), kTypes[option.value.index()], values.name.c_str(),
                         option.value.index() > 3 ? 1u : 0u, 1u,
                         values.integers.size() + values.numbers.size() + values.texts.size(),
                         values.integers.data(), values.numbers.data(), values.strings.data()});
  }

  const Table& m_table;
  sy_host m_host{};
  std::deque<Values> m_values;
  std::deque<sy_option> m_options;
  std::deque<sy_layer> m_layers;
  std::vector<const sy_layer*> m_layerPointers;
  void* m_object = nullptr;
};

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

/// Drives a router at one layer whose own rule is softmax, then top-k without renormalising.
class RouterScene {
public:
  struct Routed {
    std::int32_t edit = SY_EDIT_NONE;
    std::vector<float> logits;                                     ///< [tokens * experts]
    std::vector<std::vector<std::pair<std::int32_t, float>>> rows; ///< experts and weights
    std::vector<sy_drop> drops;
  };

  RouterScene(const TestPlugin& plugin, const std::vector<TestOption>& options, int experts, int k)
      : m_object(plugin, SY_KIND_ROUTER, options), m_experts(experts), m_k(k) {
    m_gate = {sizeof(sy_gate),
              experts,
              k,
              SY_SCORE_SOFTMAX_ALL,
              SY_GROUPS_NONE,
              1,
              1,
              SY_RENORM_NONE,
              0.0f,
              0.0f,
              1.0f,
              0.0f};
    m_object.setLayers(1, experts, k, &m_gate);
    sy_error error = makeError();
    expectOk(m_object.table().begin(m_object.object(), m_object.layers(), 1, &error), error);
  }

  /// logits: [tokens * experts] as the router makes them.
  Routed apply(std::vector<float> logits) {
    const auto tokens = static_cast<std::int64_t>(logits.size()) / m_experts;
    const auto rows = static_cast<std::size_t>(tokens);
    const std::vector<float> modelLogits = logits;
    std::vector<std::int64_t> sequences(rows, 0), positions(rows);
    for (std::size_t t = 0; t < rows; ++t)
      positions[t] = static_cast<std::int64_t>(t);
    const std::vector<std::int32_t> ids(rows, 0);
    const std::vector<std::uint8_t> generated(rows, 0);
    sy_router_batch batch{};
    batch.struct_size = sizeof(batch);
    batch.layer = &m_object.layer(0);
    batch.tokens = tokens;
    batch.sequences = sequences.data();
    batch.positions = positions.data();
    batch.token_ids = ids.data();
    batch.generated = generated.data();
    batch.model_logits = modelLogits.data();
    const std::int32_t maxK =
        std::max(m_k, m_object.table().max_k(m_object.object(), &m_object.layer(0)));
    Buffers b(rows, static_cast<std::size_t>(m_experts), static_cast<std::size_t>(maxK));
    for (std::size_t t = 0; t < rows; ++t)
      selectOwn(modelLogits, t, static_cast<std::size_t>(maxK), b);
    sy_router_draft draft{};
    draft.struct_size = sizeof(draft);
    draft.max_k = maxK;
    draft.logits = logits.data();
    draft.choice_offsets = b.offsets.data();
    draft.counts = b.counts.data();
    draft.ids = b.ids.data();
    draft.weights = b.weights.data();
    draft.raw_weights = b.rawWeights.data();
    draft.drops = b.drops.data();
    draft.drop_capacity = static_cast<std::int64_t>(b.drops.size());
    sy_error error = makeError();
    expectOk(m_object.table().apply(m_object.object(), &batch, &draft, &error), error);
    Routed out;
    out.edit = draft.edit;
    out.logits = logits;
    for (std::size_t t = 0; t < rows; ++t) {
      auto& row = out.rows.emplace_back();
      for (std::int32_t s = 0; s < b.counts[t]; ++s) {
        const std::size_t at = t * static_cast<std::size_t>(maxK) + static_cast<std::size_t>(s);
        row.emplace_back(b.ids[at], b.weights[at]);
      }
    }
    out.drops.assign(b.drops.begin(), b.drops.begin() + draft.drop_count);
    return out;
  }

private:
  struct Buffers {
    Buffers(std::size_t rows, std::size_t experts, std::size_t maxK)
        : offsets(rows * experts, 0.0f), counts(rows, 0), ids(rows * maxK, SY_NO_EXPERT),
          weights(rows * maxK, 0.0f), rawWeights(rows * maxK, 0.0f),
          drops(rows * (experts + maxK)) {}
    std::vector<float> offsets;
    std::vector<std::int32_t> counts, ids;
    std::vector<float> weights, rawWeights;
    std::vector<sy_drop> drops;
  };

  /// The model's own routing of one token.
  void selectOwn(const std::vector<float>& logits, std::size_t token, std::size_t maxK,
                 Buffers& b) const {
    const float* row = logits.data() + token * static_cast<std::size_t>(m_experts);
    const float largest = *std::max_element(row, row + m_experts);
    float sum = 0.0f;
    std::vector<std::int32_t> order;
    for (std::int32_t e = 0; e < m_experts; ++e) {
      sum += std::exp(row[e] - largest);
      order.push_back(e);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::int32_t x, std::int32_t y) { return row[x] > row[y]; });
    b.counts[token] = m_k;
    for (std::int32_t s = 0; s < m_k; ++s) {
      const std::size_t at = token * maxK + static_cast<std::size_t>(s);
      const std::int32_t e = order[static_cast<std::size_t>(s)];
      b.ids[at] = e;
      b.weights[at] = b.rawWeights[at] = std::exp(row[e] - largest) / sum;
    }
  }

  sy_gate m_gate{};
  TestObject<sy_router_table> m_object;
  std::int32_t m_experts, m_k;
};

/// Drives a decoder over a made-up model: the next-token logits are a function of the tokens that a
/// branch has run.
class DecoderScene {
public:
  using Logits = std::vector<float> (*)(const std::vector<std::int32_t>& tokens);

  DecoderScene(const TestPlugin& plugin, const std::vector<TestOption>& options, int vocabulary,
               Logits logits)
      : m_logits(logits), m_services(makeServices(vocabulary)),
        m_object(plugin, SY_KIND_DECODER, options, &m_services) {}

  /// The tokens that are emitted after a prompt, at most `count`.
  std::vector<std::int32_t> decode(const std::vector<std::int32_t>& prompt, int count) {
    m_branches = {{0, {prompt.begin(), prompt.end() - 1}}};
    sy_error error = makeError();
    expectOk(m_object.table().begin(m_object.object(), prompt.data(),
                                    static_cast<std::int64_t>(prompt.size()), &error),
             error);
    std::vector<std::int32_t> out;
    std::int32_t last = prompt.back();
    while (static_cast<int>(out.size()) < count) {
      const char* names[64];
      double values[64];
      sy_decoded decoded{sizeof(sy_decoded), -1, 0, 64, 0, 0, names, values};
      expectOk(m_object.table().next(m_object.object(), last, &decoded, &error), error);
      if (decoded.stop != 0)
        break;
      last = decoded.token;
      out.push_back(last);
    }
    return out;
  }
  std::size_t branches() const { return m_branches.size(); }

private:
  sy_session_services makeServices(int vocabulary) {
    sy_session_services s{};
    s.struct_size = sizeof(s);
    s.vocabulary = vocabulary;
    s.moe_layers = 1;
    s.experts = 4;
    s.k = 2;
    s.context = this;
    s.open = [](void* context, std::int32_t* branch, sy_error*) {
      DecoderScene& self = *static_cast<DecoderScene*>(context);
      *branch = ++self.m_lastBranch;
      self.m_branches[*branch] = {};
      return sy_status{SY_OK};
    };
    s.fork = [](void* context, std::int32_t from, std::int32_t* branch, sy_error* error) {
      DecoderScene& self = *static_cast<DecoderScene*>(context);
      if (self.m_branches.count(from) == 0) {
        setMessage(error, "there is no such branch");
        return sy_status{SY_NOT_FOUND};
      }
      *branch = ++self.m_lastBranch;
      self.m_branches[*branch] = self.m_branches[from];
      return sy_status{SY_OK};
    };
    s.close = [](void* context, std::int32_t branch, sy_error*) {
      static_cast<DecoderScene*>(context)->m_branches.erase(branch);
      return sy_status{SY_OK};
    };
    s.length = [](void* context, std::int32_t branch) -> std::int64_t {
      const auto& branches = static_cast<DecoderScene*>(context)->m_branches;
      const auto found = branches.find(branch);
      return found == branches.end() ? -1 : static_cast<std::int64_t>(found->second.size());
    };
    s.step = [](void* context, const sy_branch_step* const* steps, std::uint32_t count,
                sy_error* error) {
      DecoderScene& self = *static_cast<DecoderScene*>(context);
      for (std::uint32_t i = 0; i < count; ++i) {
        const auto found = self.m_branches.find(steps[i]->branch);
        if (found == self.m_branches.end()) {
          setMessage(error, "there is no such branch");
          return sy_status{SY_NOT_FOUND};
        }
        found->second.insert(found->second.end(), steps[i]->tokens,
                             steps[i]->tokens + steps[i]->token_count);
        if (steps[i]->logits != nullptr) {
          const std::vector<float> logits = self.m_logits(found->second);
          std::copy(logits.begin(), logits.end(), steps[i]->logits);
        }
      }
      return sy_status{SY_OK};
    };
    return s;
  }

  Logits m_logits;
  std::map<std::int32_t, std::vector<std::int32_t>> m_branches;
  std::int32_t m_lastBranch = 0;
  sy_session_services m_services;
  TestObject<sy_decoder_table> m_object;
};

/// A made-up checkpoint for transforms: tensors of bytes, a config, usage counts.
class TransformScene {
public:
  struct Tensor {
    std::string name;
    std::string dtype = "F32";
    std::vector<std::int64_t> shape;
    std::vector<float> values;
  };

  std::string config = "{}";
  std::vector<Tensor> tensors;                  ///< sorted by name
  std::vector<std::vector<std::int64_t>> usage; ///< [layer][expert]
  std::string writtenConfig;                    ///< of the result
  std::vector<Tensor> written;                  ///< of the result
  std::vector<std::string> sentences;

  void run(const TestPlugin& plugin, const std::vector<TestOption>& options) {
    Tables tables(*this);
    TestObject<sy_transform_table> object(plugin, SY_KIND_TRANSFORM, options, nullptr,
                                          &tables.services);
    const sy_summary summary{sizeof(sy_summary), 0, this,
                             [](void* context, const char* text, sy_error*) {
                               static_cast<TransformScene*>(context)->sentences.emplace_back(text);
                               return sy_status{SY_OK};
                             }};
    writtenConfig = config;
    written.clear();
    m_next = 0;
    sy_error error = makeError();
    expectOk(object.table().run(object.object(), &summary, &error), error);
    for (const Tensor& tensor : written)
      if (static_cast<std::int64_t>(tensor.values.size()) != elements(tensor.shape))
        throw std::runtime_error("tensor '" + tensor.name + "' was not written in full");
  }

private:
  static std::int64_t elements(const std::vector<std::int64_t>& shape) {
    std::int64_t count = 1;
    for (const std::int64_t size : shape)
      count *= size;
    return count;
  }

  struct Tables {
    explicit Tables(TransformScene& scene) {
      for (const Tensor& t : scene.tensors)
        tensors.push_back({sizeof(sy_tensor), static_cast<std::uint32_t>(t.shape.size()),
                           t.name.c_str(), t.dtype.c_str(), t.shape.data(),
                           t.values.size() * sizeof(float)});
      for (std::size_t l = 0; l < scene.usage.size(); ++l)
        usage.push_back({sizeof(sy_usage), static_cast<std::int32_t>(l),
                         static_cast<std::uint32_t>(scene.usage[l].size()), 0,
                         scene.usage[l].data()});
      for (const sy_tensor& t : tensors)
        tensorPointers.push_back(&t);
      for (const sy_usage& u : usage)
        usagePointers.push_back(&u);
      services.struct_size = sizeof(services);
      services.context = &scene;
      services.config = {scene.config.data(), scene.config.size()};
      services.tensors = tensorPointers.data();
      services.tensor_count = tensorPointers.size();
      services.usage = usagePointers.data();
      services.usage_count = static_cast<std::uint32_t>(usagePointers.size());
      services.read = [](void* context, std::uint64_t tensor, std::uint64_t offset, void* out,
                         std::uint64_t size, sy_error* error) {
        const auto& values = static_cast<TransformScene*>(context)->tensors.at(tensor).values;
        if (offset + size > values.size() * sizeof(float)) {
          setMessage(error, "read() past the tensor's end");
          return sy_status{SY_INVALID_ARGUMENT};
        }
        std::memcpy(out, reinterpret_cast<const char*>(values.data()) + offset, size);
        return sy_status{SY_OK};
      };
      services.declare = [](void* context, const char* name, const char* dtype,
                            const std::int64_t* shape, std::uint32_t rank, sy_error*) {
        static_cast<TransformScene*>(context)->written.push_back(
            {name, dtype, {shape, shape + rank}, {}});
        return sy_status{SY_OK};
      };
      services.append = [](void* context, const void* bytes, std::uint64_t size, sy_error* error) {
        TransformScene& self = *static_cast<TransformScene*>(context);
        while (self.m_next < self.written.size() &&
               static_cast<std::int64_t>(self.written[self.m_next].values.size()) ==
                   elements(self.written[self.m_next].shape))
          ++self.m_next;
        const std::size_t count = size / sizeof(float);
        if (size % sizeof(float) != 0 || self.m_next == self.written.size() ||
            static_cast<std::int64_t>(self.written[self.m_next].values.size() + count) >
                elements(self.written[self.m_next].shape)) {
          setMessage(error, "append() across a tensor's end");
          return sy_status{SY_INVALID_ARGUMENT};
        }
        const auto* from = static_cast<const float*>(bytes);
        auto& values = self.written[self.m_next].values;
        values.insert(values.end(), from, from + count);
        return sy_status{SY_OK};
      };
      services.set_config = [](void* context, sy_text json, sy_error*) {
        static_cast<TransformScene*>(context)->writtenConfig = view(json);
        return sy_status{SY_OK};
      };
    }
    std::vector<sy_tensor> tensors;
    std::vector<const sy_tensor*> tensorPointers;
    std::vector<sy_usage> usage;
    std::vector<const sy_usage*> usagePointers;
    sy_checkpoint_services services{};
  };

  std::size_t m_next = 0;
};

SY_SDK_NAMESPACE_END
