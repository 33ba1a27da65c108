#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>

#include "core/base/error.h"
#include "core/base/progress.h"
#include "core/base/thread_context.h"
#include "core/model/model.h"

namespace switchyard::jobs {

/// Models that the jobs of one run share: jobs side by side hold one copy, and of jobs one after
/// the other only the first loads it. Checkpoints are taken as they were when loaded. Any thread.
class ModelShelf {
public:
  /// The checkpoint in `folder`: one that a job still holds or the last that was asked for, else
  /// loaded now, while others who ask wait. Errors: those of Model::load.
  base::Result<std::shared_ptr<const model::Model>> take(const std::filesystem::path& folder,
                                                         const base::ThreadContext& threads,
                                                         const base::RunControl& control);

private:
  std::mutex m_mutex;
  std::map<std::filesystem::path, std::weak_ptr<const model::Model>> m_held;
  std::shared_ptr<const model::Model> m_last; ///< the only one that is kept for nobody
};

/// From the shelf; without one, loaded.
base::Result<std::shared_ptr<const model::Model>>
takeModel(const std::shared_ptr<ModelShelf>& shelf, const std::filesystem::path& folder,
          const base::ThreadContext& threads, const base::RunControl& control);

} // namespace switchyard::jobs
