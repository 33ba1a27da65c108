#pragma once

#include <memory>
#include <vector>

#include <QObject>

#include "app/studio/shell/workbench.h"
#include "app/studio/timeline/lane_sampler.h"

namespace switchyard::studio {

/// The metric lane of one trace, read in the background pass by pass: what is known is shown at
/// once. GUI thread.
class LaneReader : public QObject {
  Q_OBJECT
public:
  /// slot: of its jobs; two lanes have different ones.
  LaneReader(Workbench& workbench, QString slot, QObject* parent);

  /// Forgets what was read. index null: nothing is read.
  void setSource(std::shared_ptr<const trace::Trace> trace,
                 std::shared_ptr<const SequenceIndex> index);
  /// Reads these columns unless they are read already.
  void read(const LaneRange& range);

  const LaneRange& range() const { return m_range; }
  const std::vector<float>& values() const {
    return m_values;
  } ///< of each column; NaN: not known yet
  int known() const;

Q_SIGNALS:
  void changed();

private:
  void pass();

  Workbench& m_workbench;
  QString m_slot;
  std::shared_ptr<const trace::Trace> m_trace;
  std::shared_ptr<const SequenceIndex> m_index;
  std::shared_ptr<LaneSampler> m_sampler; ///< null: made by the next pass
  LaneRange m_range;
  std::vector<float> m_values;
  std::vector<int> m_order;
  std::size_t m_done = 0; ///< columns of m_order that were read
};

} // namespace switchyard::studio
