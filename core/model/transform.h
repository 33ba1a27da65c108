#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/progress.h"
#include "core/tensor/dtype.h"

namespace switchyard::model {

/// A tensor of a checkpoint by name; row-major, little-endian, as stored.
struct StoredTensor {
  std::string name;
  tensor::DType dtype = tensor::DType::F32;
  std::vector<std::int64_t> shape;
  std::uint64_t bytes = 0;
};

/// How often each expert of one MoE layer was chosen, from a trace of the same model.
struct ExpertUsage {
  int layer = 0;                         ///< position in the stack, dense layers counted
  std::vector<std::int64_t> assignments; ///< [E]
};

/// The checkpoint that a transform reads.
class TransformSource {
public:
  virtual ~TransformSource() = default;
  virtual const std::string& config() const = 0;             ///< text of config.json
  virtual std::span<const StoredTensor> tensors() const = 0; ///< sorted by name
  /// Reads tensors()[index] from `offset` bytes on into all of `out`. Errors: InvalidArgument past
  /// its end, Io.
  virtual base::Result<void> read(std::size_t index, std::uint64_t offset,
                                  std::span<std::byte> out) const = 0;
  /// Of a trace that goes with the checkpoint; empty without one.
  virtual std::span<const ExpertUsage> usage() const = 0;
};

/// The checkpoint that a transform writes: all tensors are declared first, then filled in the order
/// of declaration. Files other than config.json and weights (tokenizer, generation config) are
/// copied by the host. The folder appears complete or not at all.
class TransformSink {
public:
  virtual ~TransformSink() = default;
  /// Errors: InvalidArgument (a name twice, a negative or overflowing shape, or after append()).
  virtual base::Result<void> declare(std::string_view name, tensor::DType dtype,
                                     std::span<const std::int64_t> shape) = 0;
  /// The next bytes of the declared tensors, one after the other; a call may not cross a tensor's
  /// end. Errors: InvalidArgument, Io.
  virtual base::Result<void> append(std::span<const std::byte> bytes) = 0;
  virtual base::Result<void> setConfig(std::string_view json) = 0; ///< unset: the source's
};

/// Model to model: prune, merge, factorise, upcycle. Used by one thread.
class Transform {
public:
  virtual ~Transform() = default;
  virtual std::string_view id() const = 0;
  /// Reads the source, writes the sink; returns sentences that say what was changed.
  virtual base::Result<std::vector<std::string>>
  run(const TransformSource& source, TransformSink& sink, const base::RunControl& control) = 0;
};

} // namespace switchyard::model
