#include "app/studio/session/autosave.h"

#include <algorithm>

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QStandardPaths>
#include <QUuid>

#include "app/studio/session/session_file.h"
#include "core/plugin/crash_guard.h"

namespace switchyard::studio {

namespace {

constexpr int kDelayMs = 3000;

QString lockPath(const QString& session) {
  return session + ".lock";
}

} // namespace

QString Autosave::folder() {
  const QString folder =
      QStandardPaths::writableLocation(QStandardPaths::AppLocalDataLocation) + "/autosave";
  QDir().mkpath(folder);
  return folder;
}

Autosave::Autosave(JobRunner& jobs, std::function<SessionData()> take, QObject* parent)
    : QObject(parent), m_jobs(jobs), m_take(std::move(take)),
      m_path(folder() + "/" + QUuid::createUuid().toString(QUuid::WithoutBraces) + ".sysession"),
      m_lock(std::make_unique<QLockFile>(lockPath(m_path))) {
  m_lock->setStaleLockTime(0);
  m_lock->tryLock(0);
  m_timer.setSingleShot(true);
  m_timer.setInterval(kDelayMs);
  connect(&m_timer, &QTimer::timeout, this, &Autosave::writeNow);
  connect(&jobs, &JobRunner::aboutToStart, this, [this] {
    if (m_timer.isActive())
      writeNow();
  });
}

Autosave::~Autosave() = default;

void Autosave::noteChange() {
  m_timer.start();
}

void Autosave::writeNow() {
  m_timer.stop();
  auto data = std::make_shared<const SessionData>(m_take());
  if (data->changes == 0)
    return removeFile();
  m_writing->wanted = ++m_writes;
  m_jobs.run<bool>(
      {tr("Keep changes"), "autosave", true}, this,
      [data, path = m_path, number = m_writes, writing = m_writing,
       saving = std::make_shared<plugin::SavingWork>()](const JobContext&) -> base::Result<bool> {
        const std::lock_guard lock(writing->mutex);
        if (writing->wanted != number)
          return base::fail(base::ErrorCode::Cancelled, "a newer state is kept");
        SY_TRY(writeSession(*data, path, Recordings::ByPath)); // they are on this disk anyway
        if (writing->wanted == 0)
          QFile::remove(path);
        return true;
      },
      [this](base::Result<std::shared_ptr<const bool>> written) {
        if (written)
          Q_EMIT this->written();
        else if (written.error().code != base::ErrorCode::Cancelled)
          Q_EMIT failed(written.error());
      });
}

void Autosave::discard() {
  m_timer.stop();
  removeFile();
}

void Autosave::removeFile() {
  m_writing->wanted = 0;
  QFile::remove(m_path);
}

std::vector<Recoverable> Autosave::leftovers() {
  std::vector<Recoverable> found;
  const QDir place(folder());
  const QStringList names = place.entryList({"*.sysession"}, QDir::Files, QDir::Time);
  for (const QString& name : names) {
    const QString path = place.absoluteFilePath(name);
    QLockFile lock(lockPath(path));
    lock.setStaleLockTime(0);
    if (!lock.tryLock(0))
      continue; // its program still runs
    const base::Result<SessionData> data = readSession(path, {});
    if (data && data->changes > 0)
      found.push_back({path, data->saved, data->changes, QFile::exists(textPath(path))});
    else
      remove(path);
  }
  return found;
}

void Autosave::remove(const QString& path) {
  QFile::remove(path);
  QFile::remove(textPath(path));
  QFile::remove(lockPath(path));
}

} // namespace switchyard::studio
