#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/plugin/sdk/test_object.hpp"

SY_SDK_NAMESPACE_BEGIN

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
