#pragma once

#include <string>
#include <string_view>

#include "core/base/archive.h"
#include "core/base/error.h"
#include "core/trace/analyzer.h"

namespace switchyard::analyzers {

/// What an accumulator has counted, as bytes for the same accumulator in another process. It names
/// its members in exchange() (core/base/archive.h); vectors have the sizes that begin() gave them.
template <typename Accumulator> std::string saveState(const Accumulator& accumulator) {
  base::ArchiveWriter archive;
  Accumulator::exchange(accumulator, archive);
  return archive.take();
}

template <typename Accumulator>
base::Result<void> loadState(Accumulator& accumulator, std::string_view state,
                             std::string_view id) {
  base::ArchiveReader archive(state);
  Accumulator::exchange(accumulator, archive);
  if (archive.finished())
    return {};
  return base::fail(base::ErrorCode::Corrupt,
                    std::string(id) + ": this is not a state of an analyzer with these options and "
                                      "layers");
}

/// An analyzer whose save() and load() come from Derived::exchange().
template <typename Derived> class SavedAnalyzer : public trace::Analyzer {
public:
  bool canSave() const final { return true; }
  base::Result<std::string> save() const final {
    return saveState(static_cast<const Derived&>(*this));
  }
  base::Result<void> load(std::string_view state) final {
    return loadState(static_cast<Derived&>(*this), state, id());
  }
};

} // namespace switchyard::analyzers
