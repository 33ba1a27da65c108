#pragma once

#include <QObject>

#include "app/studio/shell/workbench.h"
#include "app/studio/steer/paired_run.h"

namespace switchyard::studio {

/// Runs paired evaluations as jobs, one at a time, and keeps the last outcome that is whole. GUI
/// thread.
class EvaluationRun : public QObject {
  Q_OBJECT
public:
  explicit EvaluationRun(Workbench& workbench, QObject* parent = nullptr);

  /// request: all but the registry and the folder of answers. While one runs: nothing happens.
  void start(PairedRequest request);
  void cancel();
  JobId job() const { return m_job; } ///< 0: none runs
  /// "12 of 200 answers", or that it begins.
  QString progress() const;
  const std::shared_ptr<const PairedOutcome>& outcome() const {
    return m_outcome;
  } ///< null: none yet
  /// The recipe that the outcome is of.
  const std::shared_ptr<const routing::Recipe>& evaluated() const { return m_evaluated; }
  const QString& partial() const {
    return m_partial;
  } ///< how far the last one came; empty: to its end
  const QString& controlProblem() const {
    return m_controlProblem;
  } ///< why there is no random control

Q_SIGNALS:
  void progressed();
  void outcomeChanged();
  void stateChanged(); ///< began, ended
  void failed(const QString& text);

private:
  void accept(const base::Result<std::shared_ptr<const PairedOutcome>>& result);

  Workbench& m_workbench;
  JobId m_job = 0;
  std::shared_ptr<const PairedOutcome> m_outcome;
  std::shared_ptr<const routing::Recipe> m_evaluated, m_running;
  QString m_partial, m_controlProblem;
  bool m_withControl = false;
};

} // namespace switchyard::studio
