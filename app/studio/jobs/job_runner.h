#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <QElapsedTimer>
#include <QObject>
#include <QPointer>
#include <QString>
#include <QThreadPool>
#include <QTimer>

#include "core/base/progress.h"
#include "core/base/thread_context.h"

namespace switchyard::studio {

using JobId = quint64; ///< never used twice by one runner; 0: none

enum class JobState { Waiting, Running, Stopping, Done, Failed, Cancelled };

/// What is known of a job; a value for the GUI thread.
struct JobInfo {
  JobId id = 0;
  QString title;              ///< "Record \"domains\""
  QString phase;              ///< unit being counted, "layers"; may be empty
  qint64 done = 0, total = 0; ///< total 0: unknown
  JobState state = JobState::Waiting;
  double seconds = 0;               ///< elapsed
  std::optional<base::Error> error; ///< Failed: why
  bool isOver() const { return state >= JobState::Done; }
};

/// What a job works with, on its own thread.
struct JobContext {
  const base::ThreadContext& threads;
  const base::RunControl& control; ///< progress and stop
};

struct JobSpec {
  QString title;
  /// Starting a job with the same slot of the same receiver stops the former one and drops what it
  /// still delivers; empty: no slot.
  QString slot{};
  bool quiet = false; ///< a small thing that nobody asked for: its row goes when it is over
};

template <typename T> using JobWork = std::function<base::Result<T>(const JobContext&)>;
template <typename T> using JobDone = std::function<void(base::Result<std::shared_ptr<const T>>)>;

/// Runs long calls on a pool and brings immutable results back to the GUI thread. All functions:
/// GUI thread. Progress reaches it at most about 30 times a second. A job whose receiver is gone,
/// or whose slot was taken by a newer job, delivers nothing: that is decided on the GUI thread.
class JobRunner : public QObject {
  Q_OBJECT
public:
  explicit JobRunner(QObject* parent = nullptr);
  /// Stops all jobs and waits for them.
  ~JobRunner() override;

  /// Runs `work` as soon as a thread is free, then `done` on the GUI thread (through its event
  /// loop, never inside this call) with the result, or its error; Cancelled after cancel(). An
  /// exception of `work` becomes an Internal error. `done` may be null. Nothing that `work` holds
  /// may be touched by the GUI thread meanwhile.
  template <typename T>
  JobId run(const JobSpec& spec, QObject* receiver, JobWork<T> work, JobDone<T> done) {
    return start(spec, receiver,
                 [work = std::move(work), done = std::move(done)](const JobContext& context) {
                   base::Result<std::shared_ptr<const T>> result = guarded<T>(work, context);
                   std::optional<base::Error> error;
                   if (!result)
                     error = result.error();
                   auto shared =
                       std::make_shared<base::Result<std::shared_ptr<const T>>>(std::move(result));
                   return Delivery{error, [shared, done] {
                                     if (done)
                                       done(std::move(*shared));
                                   }};
                 });
  }

  /// Asks the job to stop: its state is Stopping at once, the job ends at its next check.
  void cancel(JobId id);
  void cancelAll();
  /// Waits until no job runs or waits, or `milliseconds` have passed. Deliveries are still queued
  /// then. For closing and for tests.
  bool waitForIdle(int milliseconds);

  std::vector<JobInfo> jobs() const; ///< in the order of their start, finished ones too
  std::optional<JobInfo> job(JobId id) const;
  int active() const; ///< waiting, running or stopping
  void clearFinished();

  const base::ThreadContext& threads() const { return m_threads; }
  /// Long work is about to begin on another thread than these jobs'.
  void announce() { Q_EMIT aboutToStart(); }

Q_SIGNALS:
  void aboutToStart(); ///< a job, or what was announced: it may end the program
  void started(quint64 id);
  void changed(quint64 id);  ///< state or progress
  void finished(quint64 id); ///< delivered, or dropped
  void cleared();            ///< rows of finished jobs are gone

private:
  struct Delivery {
    std::optional<base::Error> error;
    std::function<void()> deliver;
  };
  using Body = std::function<Delivery(const JobContext&)>;
  struct Job;

  template <typename T>
  static base::Result<std::shared_ptr<const T>> guarded(const JobWork<T>& work,
                                                        const JobContext& context) {
    try {
      base::Result<T> result = work(context);
      if (!result)
        return tl::unexpected<base::Error>(std::move(result).error());
      return std::make_shared<const T>(std::move(*result));
    } catch (const std::exception& error) {
      return base::fail(base::ErrorCode::Internal,
                        std::string("the job ended with an internal error: ") + error.what());
    }
  }

  JobId start(const JobSpec& spec, QObject* receiver, Body body);
  void finish(const std::shared_ptr<Job>& job, const Delivery& delivery);
  void pollProgress();
  JobInfo describe(const Job& job) const;
  Job* find(JobId id) const;

  base::ThreadContext m_threads;
  QThreadPool m_pool;
  QTimer m_progress;
  JobId m_next = 1;
  std::vector<std::shared_ptr<Job>> m_jobs;
};

} // namespace switchyard::studio
