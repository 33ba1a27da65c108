#include "app/jobs/ablate/affinity.h"

#include "core/trace/scan.h"

namespace switchyard::jobs::ablate {

AffinityCounter::AffinityCounter(std::vector<analyzers::Marker> markers, const std::string& label) {
  if (!markers.empty())
    m_npmi.emplace(analyzers::NpmiOptions{.markers = std::move(markers)});
  if (!label.empty())
    m_specialization.emplace(analyzers::SpecializationOptions{.label = label, .vocabulary = false});
}

std::vector<trace::Analyzer*> AffinityCounter::counters() {
  std::vector<trace::Analyzer*> all{&m_load};
  if (m_npmi)
    all.push_back(&*m_npmi);
  if (m_specialization)
    all.push_back(&*m_specialization);
  return all;
}

base::Result<void> AffinityCounter::readTrace(const std::filesystem::path& path,
                                              const base::ThreadContext& threads,
                                              const base::RunControl& control) {
  const auto trace = SY_TRY(trace::Trace::open(path));
  const std::vector<trace::Analyzer*> all = counters();
  SY_TRY(trace::scan(trace, all, threads, {.columns = trace::Columns{.weights = true}}, control));
  return {};
}

base::Result<void> AffinityCounter::finish() {
  const analyzers::LayerSet& layers = m_load.layers();
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    m_index[layers[layer].layer] = layer;
    m_loads.push_back(m_load.layer(layer));
    if (m_specialization)
      m_labels.push_back(m_specialization->labels(layer));
  }
  if (m_npmi)
    for (const analyzers::RankedExpert& ranked : SY_TRY(m_npmi->ranking()))
      if (ranked.supported)
        m_scores[{layers[ranked.moeLayer].layer, ranked.expert}] = ranked.score;
  return {};
}

std::int64_t AffinityCounter::uses(const ExpertId& id) const {
  return m_loads[m_index.at(id.layer)].counts[static_cast<std::size_t>(id.expert)];
}

Affinity AffinityCounter::of(const ExpertId& id) const {
  const std::size_t layer = m_index.at(id.layer);
  const auto expert = static_cast<std::size_t>(id.expert);
  const analyzers::LayerLoad& load = m_loads[layer];
  Affinity affinity;
  affinity.uses = load.counts[expert];
  if (load.tokens > 0)
    affinity.share = static_cast<double>(affinity.uses) / static_cast<double>(load.tokens);
  if (!load.gateMass.empty() && affinity.uses > 0)
    affinity.meanWeight = load.gateMass[expert] / static_cast<double>(affinity.uses);
  if (const auto score = m_scores.find(id); score != m_scores.end())
    affinity.npmi = score->second;
  if (m_labels.empty() || m_labels[layer].labels.size() < 2)
    return affinity;
  const analyzers::LabelSpecialization& labels = m_labels[layer];
  for (std::size_t label = 0; label < labels.labels.size(); ++label) {
    const auto share = labels.share(label, expert);
    const auto others = labels.othersShare(label, expert);
    if (!share || !others)
      continue;
    const double gap = *share - *others;
    if (!affinity.specialization || gap > *affinity.specialization) {
      affinity.specialization = gap;
      affinity.label = labels.labels[label];
    }
  }
  return affinity;
}

} // namespace switchyard::jobs::ablate
