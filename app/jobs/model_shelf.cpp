#include "app/jobs/model_shelf.h"

namespace switchyard::jobs {

base::Result<std::shared_ptr<const model::Model>>
ModelShelf::take(const std::filesystem::path& folder, const base::ThreadContext& threads,
                 const base::RunControl& control) {
  const std::lock_guard lock(m_mutex);
  std::weak_ptr<const model::Model>& held = m_held[folder];
  std::shared_ptr<const model::Model> model = held.lock();
  m_last = model; // before another is loaded: two may not fit into memory
  if (!model) {
    model = SY_TRY(model::Model::load(folder, threads, {}, control));
    held = m_last = model;
  }
  return model;
}

base::Result<std::shared_ptr<const model::Model>>
takeModel(const std::shared_ptr<ModelShelf>& shelf, const std::filesystem::path& folder,
          const base::ThreadContext& threads, const base::RunControl& control) {
  return shelf ? shelf->take(folder, threads, control)
               : model::Model::load(folder, threads, {}, control);
}

} // namespace switchyard::jobs
