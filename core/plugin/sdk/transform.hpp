#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/plugin/sdk/instance.hpp"

SY_SDK_NAMESPACE_BEGIN

struct TransformKind {};

/// A tensor of the source: row-major, little-endian.
struct StoredTensor {
  std::uint64_t index = 0;
  std::string_view name{};
  std::string_view dtype{}; ///< as safetensors names it: "BF16"
  std::span<const std::int64_t> shape{};
  std::uint64_t bytes = 0;
};

/// The checkpoint that is read and the one that is written.
class Checkpoint {
public:
  explicit Checkpoint(const sy_checkpoint_services* table) : m_table(table) {
    if (table == nullptr)
      throw Failure(SY_UNSUPPORTED, "this host does not offer a checkpoint");
  }

  std::string_view config() const { return view(m_table->config); } ///< text of config.json
  std::uint64_t tensorCount() const { return m_table->tensor_count; }
  StoredTensor tensor(std::uint64_t index) const { ///< sorted by name
    const sy_tensor& t = *m_table->tensors[index];
    return {index, t.name, t.dtype, {t.shape, t.rank}, t.bytes};
  }
  /// Usage by MoE layer, of the trace that came along; 0 without one.
  std::uint32_t usageCount() const { return m_table->usage_count; }
  int usageLayer(std::uint32_t i) const { return m_table->usage[i]->layer; } ///< in the stack
  std::span<const std::int64_t> usage(std::uint32_t i) const {               ///< [E] assignments
    return {m_table->usage[i]->assignments, m_table->usage[i]->experts};
  }

  void read(std::uint64_t tensor, std::uint64_t offset, std::span<std::byte> out) const {
    sy_error error = makeError();
    check(m_table->read(m_table->context, tensor, offset, out.data(), out.size(), &error), error);
  }
  /// Declares a tensor of the result; all of them before the first append.
  void declare(const std::string& name, const std::string& dtype,
               std::span<const std::int64_t> shape) const {
    sy_error error = makeError();
    check(m_table->declare(m_table->context, name.c_str(), dtype.c_str(), shape.data(),
                           static_cast<std::uint32_t>(shape.size()), &error),
          error);
  }
  /// The next bytes of the declared tensors in their order; not across a tensor's end.
  void append(std::span<const std::byte> bytes) const {
    sy_error error = makeError();
    check(m_table->append(m_table->context, bytes.data(), bytes.size(), &error), error);
  }
  void setConfig(std::string_view json) const {
    sy_error error = makeError();
    check(m_table->set_config(m_table->context, {json.data(), json.size()}, &error), error);
  }
  /// Copies `size` bytes of a source tensor to the result, in bounded pieces.
  void copy(std::uint64_t tensor, std::uint64_t offset, std::uint64_t size) const {
    constexpr std::uint64_t kPiece = 4u << 20;
    std::vector<std::byte> buffer(static_cast<std::size_t>(size < kPiece ? size : kPiece));
    while (size > 0) {
      const std::span<std::byte> piece(buffer.data(),
                                       static_cast<std::size_t>(size < kPiece ? size : kPiece));
      read(tensor, offset, piece);
      append(piece);
      offset += piece.size();
      size -= piece.size();
    }
  }

private:
  const sy_checkpoint_services* m_table;
};

/// Model to model. Returns sentences that say what was changed.
class Transform : public PluginObject {
public:
  using Kind = TransformKind;
  virtual std::vector<std::string> run(const Checkpoint& checkpoint) = 0;

private:
  template <typename T> friend const sy_transform_table* kindTable(TransformKind);
  Checkpoint checkpoint() const { return Checkpoint(host().table()->checkpoint); }
};

template <typename T> const sy_transform_table* kindTable(TransformKind) {
  static const sy_transform_table table = {
      sizeof(sy_transform_table), 0, &createInstance<T>, &destroyInstance<T>,
      [](void* instance, const sy_summary* summary, sy_error* error) -> sy_status {
        return guarded(error, [&] {
          Transform& transform = objectOf<T>(instance);
          for (const std::string& text : transform.run(transform.checkpoint())) {
            sy_error refused = makeError();
            check(summary->sentence(summary->context, text.c_str(), &refused), refused);
          }
        });
      }};
  return &table;
}

SY_SDK_NAMESPACE_END
