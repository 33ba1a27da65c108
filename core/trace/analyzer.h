#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/trace/block.h"
#include "core/trace/columns.h"
#include "core/trace/result.h"

namespace switchyard::trace {

/// Consumes routing blocks and can give a result at any time. The same object serves a live view,
/// a trace file and a shard of a cluster run: merge() of any split of the sequences followed by
/// result() equals one pass over all of them, bit for bit.
///
/// Blocks of one sequence arrive on one object, layer by layer for each range of tokens, ranges in
/// order. One object is used by one thread at a time.
class Analyzer {
public:
  virtual ~Analyzer() = default;
  virtual std::string_view id() const = 0;
  /// An analyzer of the same kind and options that has seen nothing.
  virtual std::unique_ptr<Analyzer> cloneEmpty() const = 0;
  /// The columns add() reads besides ids; a scan leaves others empty. Fewer is faster.
  virtual Columns wants() const { return Columns::ofBlocks(); }
  /// Called once before the first block, with the trace's MoE layers in order.
  virtual base::Result<void> begin(std::span<const LayerInfo> layers) = 0;
  virtual base::Result<void> add(const RoutingBlock& block) = 0;
  /// Adds what `other` (same kind, options and layers) has seen. Error InvalidArgument otherwise.
  virtual base::Result<void> merge(const Analyzer& other) = 0;
  virtual base::Result<AnalysisResult> result() const = 0;

  /// Whether save() and load() work.
  virtual bool canSave() const { return false; }
  /// What it has seen, as bytes for load() in another process of the same program and plugins: that
  /// analyzer then merges as this one would. At the end of a sequence. Error Unsupported where it
  /// cannot.
  virtual base::Result<std::string> save() const { return cannotSave(); }
  /// Once, after begin() and instead of add(): has seen what the saved one (same kind, options and
  /// layers) had. Errors: Unsupported; Corrupt for other bytes, and it is not used any more.
  virtual base::Result<void> load(std::string_view) { return cannotSave(); }

private:
  tl::unexpected<base::Error> cannotSave() const {
    return base::fail(base::ErrorCode::Unsupported,
                      std::string(id()) + " cannot hand over what it has seen to another process");
  }
};

} // namespace switchyard::trace
