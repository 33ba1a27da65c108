#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>

#include <QLockFile>
#include <QObject>
#include <QTimer>

#include "app/studio/jobs/job_runner.h"
#include "app/studio/session/session_data.h"

namespace switchyard::studio {

/// Work of a run that ended without closing its session.
struct Recoverable {
  QString path;
  QDateTime saved;
  int changes = 0;
  bool hasText = false; ///< at textPath(path)
};

/// Keeps the undo journal on disk: a few seconds after each change, or as soon as work begins that
/// may end the program, the session is written to the user's state folder, beside a lock that tells
/// a running program from a crashed one. GUI thread; writing is a job.
class Autosave : public QObject {
  Q_OBJECT
public:
  /// `take` makes the snapshot when it is written.
  Autosave(JobRunner& jobs, std::function<SessionData()> take, QObject* parent = nullptr);
  ~Autosave() override;

  void noteChange();
  void writeNow();
  /// The session was saved or is closed: what was kept is not needed any more.
  void discard();
  const QString& path() const { return m_path; }

  /// What crashed runs left that is worth offering (with changes), newest first; leftovers without
  /// changes are deleted.
  static std::vector<Recoverable> leftovers();
  /// Deletes what a crashed run left.
  static void remove(const QString& path);
  /// Where the text that is being generated is kept, beside a session.
  static QString textPath(const QString& session) { return session + ".text"; }
  static QString folder();

Q_SIGNALS:
  void failed(const switchyard::base::Error& error);
  void written(); ///< what was there when writing was last asked for

private:
  /// Shared with the jobs, which may end in another order than they began and after this.
  struct Writing {
    std::mutex mutex;           ///< one writes at a time
    std::atomic<int> wanted{0}; ///< the newest one's number; 0: the file is to be gone
  };
  void removeFile();

  JobRunner& m_jobs;
  std::shared_ptr<Writing> m_writing = std::make_shared<Writing>();
  int m_writes = 0;
  std::function<SessionData()> m_take;
  QString m_path;
  std::unique_ptr<QLockFile> m_lock;
  QTimer m_timer;
};

} // namespace switchyard::studio
