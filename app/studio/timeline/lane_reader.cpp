#include "app/studio/timeline/lane_reader.h"

#include <algorithm>
#include <cmath>

#include <QElapsedTimer>

namespace switchyard::studio {

namespace {

constexpr double kPassMs = 60; ///< of one reading job: then what is known is shown

/// What one reading job brings.
struct Pass {
  LaneRange range{};
  std::shared_ptr<LaneSampler> sampler{};
  std::vector<float> values{}; ///< of the next columns
};

} // namespace

LaneReader::LaneReader(Workbench& workbench, QString slot, QObject* parent)
    : QObject(parent), m_workbench(workbench), m_slot(std::move(slot)) {}

void LaneReader::setSource(std::shared_ptr<const trace::Trace> trace,
                           std::shared_ptr<const SequenceIndex> index) {
  m_trace = std::move(trace);
  m_index = std::move(index);
  m_sampler = nullptr;
  m_range = {};
  m_values.clear();
  Q_EMIT changed();
}

void LaneReader::read(const LaneRange& range) {
  if (!m_trace || !m_index || m_index->sequences() == 0 || !m_trace->columns().weights ||
      range == m_range || range.columns <= 0)
    return;
  m_range = range;
  m_values.assign(static_cast<std::size_t>(range.columns), NAN);
  m_order = spreadOrder(range.columns);
  m_done = 0;
  pass();
}

void LaneReader::pass() {
  if (m_done >= m_order.size())
    return;
  std::vector<int> columns(m_order.begin() + static_cast<std::ptrdiff_t>(m_done), m_order.end());
  m_workbench.jobs().run<Pass>(
      {tr("Read the timeline"), m_slot}, this,
      [trace = m_trace, index = m_index, range = m_range, sampler = m_sampler,
       columns](const JobContext& context) -> base::Result<Pass> {
        Pass pass{range, sampler, {}};
        if (!pass.sampler)
          pass.sampler = SY_TRY(LaneSampler::create(trace, index));
        QElapsedTimer clock;
        clock.start();
        for (const int column : columns) {
          SY_TRY(context.control.check());
          pass.values.push_back(SY_TRY(pass.sampler->sample(range, column)));
          if (static_cast<double>(clock.elapsed()) > kPassMs)
            break;
        }
        return pass;
      },
      [this, source = m_trace.get()](base::Result<std::shared_ptr<const Pass>> read) {
        if (!read || !((*read)->range == m_range) || source != m_trace.get())
          return;
        m_sampler = (*read)->sampler;
        for (const float value : (*read)->values)
          m_values[static_cast<std::size_t>(m_order[m_done++])] = value;
        Q_EMIT changed();
        pass();
      });
}

int LaneReader::known() const {
  return static_cast<int>(std::ranges::count_if(m_values, [](float v) { return !std::isnan(v); }));
}

} // namespace switchyard::studio
