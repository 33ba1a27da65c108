#include "app/studio/jobs/job_runner.h"

#include <algorithm>
#include <atomic>

#include <QMetaObject>

namespace switchyard::studio {

namespace {
constexpr int kProgressMs = 33;
constexpr int kPoolThreads = 4; ///< jobs at once; each may use all of m_threads
} // namespace

/// `info` and `receiver` belong to the GUI thread; what the mutex guards is shared.
struct JobRunner::Job {
  JobInfo info;
  QString slot;
  const QObject* owner = nullptr; ///< compared only
  QPointer<QObject> receiver;
  bool hadReceiver = false;
  bool quiet = false;
  std::atomic<bool> superseded = false;
  QElapsedTimer clock;
  std::stop_source stop;

  std::mutex mutex;
  qint64 done = 0, total = 0;
  std::string phase;
  bool running = false;
};

JobRunner::JobRunner(QObject* parent) : QObject(parent) {
  m_pool.setMaxThreadCount(kPoolThreads);
  m_progress.setInterval(kProgressMs);
  connect(&m_progress, &QTimer::timeout, this, &JobRunner::pollProgress);
}

JobRunner::~JobRunner() {
  for (const auto& job : m_jobs) {
    job->superseded = true;
    job->stop.request_stop();
  }
  m_pool.waitForDone();
}

JobId JobRunner::start(const JobSpec& spec, QObject* receiver, Body body) {
  if (!spec.slot.isEmpty())
    for (const auto& other : m_jobs)
      if (!other->info.isOver() && other->slot == spec.slot && other->owner == receiver) {
        other->superseded = true;
        cancel(other->info.id);
      }
  Q_EMIT aboutToStart();
  auto job = std::make_shared<Job>();
  job->info.id = m_next++;
  job->info.title = spec.title;
  job->slot = spec.slot;
  job->quiet = spec.quiet;
  job->owner = receiver;
  job->receiver = receiver;
  job->hadReceiver = receiver != nullptr;
  job->clock.start();
  m_jobs.push_back(job);
  m_pool.start([this, job, body = std::move(body)] {
    {
      const std::lock_guard lock(job->mutex);
      job->running = true;
    }
    const base::RunControl control{
        [&job](std::int64_t done, std::int64_t total, std::string_view phase) {
          const std::lock_guard lock(job->mutex);
          job->done = done;
          job->total = total;
          job->phase = phase;
        },
        job->stop.get_token()};
    Delivery delivery;
    // One that was cancelled while it waited has to say so: its work ends at its first check.
    const auto go = control.check();
    if (!go && job->superseded)
      delivery = Delivery{go.error(), nullptr};
    else
      delivery = body({m_threads, control});
    QMetaObject::invokeMethod(
        this, [this, job, delivery = std::move(delivery)] { finish(job, delivery); },
        Qt::QueuedConnection);
  });
  m_progress.start();
  Q_EMIT started(job->info.id);
  return job->info.id;
}

void JobRunner::finish(const std::shared_ptr<Job>& job, const Delivery& delivery) {
  pollProgress();
  job->info.seconds = static_cast<double>(job->clock.elapsed()) / 1000.0;
  if (!delivery.error)
    job->info.state = JobState::Done;
  else if (delivery.error->code == base::ErrorCode::Cancelled)
    job->info.state = JobState::Cancelled;
  else
    job->info.state = JobState::Failed;
  job->info.error = delivery.error;
  if (active() == 0)
    m_progress.stop();
  Q_EMIT changed(job->info.id);
  const bool wanted = !job->superseded && (!job->hadReceiver || job->receiver);
  if (wanted && delivery.deliver)
    delivery.deliver();
  Q_EMIT finished(job->info.id);
  if (job->quiet && job->info.state != JobState::Failed) {
    std::erase(m_jobs, job);
    Q_EMIT cleared();
  }
}

void JobRunner::pollProgress() {
  for (const auto& job : m_jobs) {
    if (job->info.isOver())
      continue;
    const JobInfo before = job->info;
    {
      const std::lock_guard lock(job->mutex);
      job->info.done = job->done;
      job->info.total = job->total;
      job->info.phase = QString::fromStdString(job->phase);
      if (job->running && job->info.state == JobState::Waiting)
        job->info.state = JobState::Running;
    }
    if (before.done != job->info.done || before.phase != job->info.phase ||
        before.total != job->info.total || before.state != job->info.state)
      Q_EMIT changed(job->info.id);
  }
}

void JobRunner::cancel(JobId id) {
  Job* job = find(id);
  if (!job || job->info.isOver() || job->info.state == JobState::Stopping)
    return;
  job->info.state = JobState::Stopping;
  job->stop.request_stop();
  Q_EMIT changed(id);
}

void JobRunner::cancelAll() {
  for (const JobInfo& info : jobs())
    cancel(info.id);
}

bool JobRunner::waitForIdle(int milliseconds) {
  return m_pool.waitForDone(milliseconds);
}

JobInfo JobRunner::describe(const Job& job) const {
  JobInfo info = job.info;
  if (!info.isOver())
    info.seconds = static_cast<double>(job.clock.elapsed()) / 1000.0;
  return info;
}

JobRunner::Job* JobRunner::find(JobId id) const {
  const auto found = std::ranges::find_if(
      m_jobs, [id](const std::shared_ptr<Job>& job) { return job->info.id == id; });
  return found == m_jobs.end() ? nullptr : found->get();
}

std::vector<JobInfo> JobRunner::jobs() const {
  std::vector<JobInfo> infos;
  for (const auto& job : m_jobs)
    infos.push_back(describe(*job));
  return infos;
}

std::optional<JobInfo> JobRunner::job(JobId id) const {
  const Job* job = find(id);
  return job ? std::optional(describe(*job)) : std::nullopt;
}

int JobRunner::active() const {
  return static_cast<int>(std::ranges::count_if(
      m_jobs, [](const std::shared_ptr<Job>& job) { return !job->info.isOver(); }));
}

void JobRunner::clearFinished() {
  std::erase_if(m_jobs, [](const std::shared_ptr<Job>& job) { return job->info.isOver(); });
  Q_EMIT cleared();
}

} // namespace switchyard::studio
