#pragma once

#include <vector>

#include <QAbstractTableModel>

#include "app/studio/jobs/job_runner.h"

namespace switchyard::studio {

/// One row a job, newest last; finished rows stay until cleared. GUI thread.
class JobsModel : public QAbstractTableModel {
  Q_OBJECT
public:
  enum Columns { Title, State, Progress, Elapsed, Cancel, kColumns };
  enum Roles {
    IdRole = Qt::UserRole, ///< quint64
    FractionRole           ///< double 0..1; -1: unknown
  };

  explicit JobsModel(JobRunner& jobs, QObject* parent = nullptr);

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
  void jobChanged(JobId id);
  JobRunner& m_jobs;
  std::vector<JobInfo> m_rows;
  QTimer m_clock; ///< elapsed times of those that run
};

} // namespace switchyard::studio
