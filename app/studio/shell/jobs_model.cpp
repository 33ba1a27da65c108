#include "app/studio/shell/jobs_model.h"

#include <algorithm>

#include "app/studio/document/numbers.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

QString stateText(const JobInfo& job) {
  switch (job.state) {
  case JobState::Waiting:
    return JobsModel::tr("waiting");
  case JobState::Running:
    return JobsModel::tr("running");
  case JobState::Stopping:
    return JobsModel::tr("stopping");
  case JobState::Done:
    return JobsModel::tr("done");
  case JobState::Failed:
    return JobsModel::tr("failed: %1")
        .arg(job.error ? QString::fromStdString(job.error->describe()) : QString());
  case JobState::Cancelled:
    return JobsModel::tr("cancelled");
  }
  return {};
}

QString progressText(const JobInfo& job) {
  if (job.total <= 0)
    return job.phase;
  return JobsModel::tr("%1 %2 of %3")
      .arg(job.phase, grouped(job.done), grouped(job.total))
      .trimmed();
}

} // namespace

JobsModel::JobsModel(JobRunner& jobs, QObject* parent)
    : QAbstractTableModel(parent), m_jobs(jobs), m_rows(jobs.jobs()) {
  connect(&jobs, &JobRunner::started, this, [this](quint64 id) {
    const int row = rowCount();
    beginInsertRows({}, row, row);
    m_rows.push_back(*m_jobs.job(id));
    endInsertRows();
    m_clock.start();
  });
  connect(&jobs, &JobRunner::changed, this, &JobsModel::jobChanged);
  connect(&jobs, &JobRunner::cleared, this, [this] {
    beginResetModel();
    m_rows = m_jobs.jobs();
    endResetModel();
  });
  m_clock.setInterval(500);
  connect(&m_clock, &QTimer::timeout, this, [this] {
    if (m_jobs.active() == 0)
      m_clock.stop();
    for (const JobInfo& job : std::vector<JobInfo>(m_rows))
      if (!job.isOver())
        jobChanged(job.id);
  });
}

void JobsModel::jobChanged(JobId id) {
  const auto row = std::ranges::find(m_rows, id, &JobInfo::id);
  const auto info = m_jobs.job(id);
  if (row == m_rows.end() || !info)
    return;
  *row = *info;
  const int at = static_cast<int>(row - m_rows.begin());
  Q_EMIT dataChanged(index(at, 0), index(at, kColumns - 1));
}

int JobsModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int JobsModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : kColumns;
}

QVariant JobsModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid))
    return {};
  const JobInfo& job = m_rows[static_cast<std::size_t>(index.row())];
  if (role == IdRole)
    return QVariant::fromValue<quint64>(job.id);
  if (role == FractionRole)
    return job.state == JobState::Done ? 1.0
           : job.total > 0 ? static_cast<double>(job.done) / static_cast<double>(job.total)
                           : -1.0;
  if (role == Qt::TextAlignmentRole && index.column() == Elapsed)
    return QVariant(Qt::AlignRight | Qt::AlignVCenter);
  if (role == Qt::ForegroundRole) {
    if (index.column() == Cancel)
      return Theme::instance().color(Ink::Accent);
    if (index.column() == State && job.state == JobState::Failed)
      return Theme::instance().color(Ink::Error);
  }
  if (role != Qt::DisplayRole && role != Qt::ToolTipRole)
    return {};
  switch (index.column()) {
  case Title:
    return job.title;
  case State:
    return stateText(job);
  case Progress:
    return progressText(job);
  case Elapsed:
    return tr("%1 s").arg(job.seconds, 0, 'f', 1);
  case Cancel:
    return job.isOver() || job.state == JobState::Stopping ? QString() : tr("Cancel");
  default:
    return {};
  }
}

QVariant JobsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
    return {};
  switch (section) {
  case Title:
    return tr("Job");
  case State:
    return tr("State");
  case Progress:
    return tr("Progress");
  case Elapsed:
    return tr("Elapsed");
  default:
    return QString();
  }
}

} // namespace switchyard::studio
