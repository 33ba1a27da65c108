#include "app/studio/session/recordings.h"

#include <atomic>

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStandardPaths>

#include "core/base/file.h"

namespace switchyard::studio::recordings {

namespace {

base::Where at(const QString& path) {
  return {.file = path.toStdString(), .tensor = {}, .layer = {}, .token = {}};
}

bool holds(const QString& path, const QByteArray& bytes) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) && file.size() == bytes.size() && file.readAll() == bytes;
}

} // namespace

QString folder() {
  const QString place =
      QStandardPaths::writableLocation(QStandardPaths::AppLocalDataLocation) + "/live";
  QDir().mkpath(place);
  return place;
}

QString newPath() {
  static std::atomic<int> count = 0;
  return QString("%1/live-%2-%3-%4.swy")
      .arg(folder(), QDateTime::currentDateTime().toString("yyyyMMdd-hhmmss"))
      .arg(QCoreApplication::applicationPid())
      .arg(++count);
}

bool isOne(const QString& path) {
  return !path.isEmpty() &&
         QFileInfo(path).absolutePath() == QFileInfo(folder()).absoluteFilePath();
}

void remove(const QString& path) {
  for (const char* suffix : {"", "-wal", "-shm", ".lock", ".finishing"})
    QFile::remove(path + suffix);
}

base::Result<std::string> pack(const QString& path, qint64 most) {
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly))
    return base::fail(file.exists() ? base::ErrorCode::Io : base::ErrorCode::NotFound,
                      "this recording could not be read: " + file.errorString().toStdString(),
                      at(path));
  if (file.size() > most)
    return base::fail(base::ErrorCode::LimitExceeded,
                      "this recording is too large for a session file", at(path));
  const QByteArray bytes = file.readAll();
  if (bytes.size() != file.size())
    return base::fail(base::ErrorCode::Io, "this recording could not be read to its end", at(path));
  return bytes.toBase64().toStdString();
}

base::Result<QString> unpack(const std::string& packed, const QString& name) {
  const auto decoded = QByteArray::fromBase64Encoding(
      QByteArray::fromRawData(packed.data(), static_cast<qsizetype>(packed.size())),
      QByteArray::AbortOnBase64DecodingErrors);
  if (!decoded)
    return base::fail(base::ErrorCode::InvalidFormat, "a recording inside the session is damaged");
  const QFileInfo wanted(QFileInfo(name).fileName());
  const QString stem = wanted.completeBaseName().isEmpty() ? "live" : wanted.completeBaseName();
  QString path = QString("%1/%2.swy").arg(folder(), stem);
  for (int number = 2; QFile::exists(path); ++number) {
    if (holds(path, decoded.decoded))
      return path;
    path = QString("%1/%2-%3.swy").arg(folder(), stem).arg(number);
  }
  SY_TRY(base::writeFileAtomically(
      path.toStdString(), std::string_view(decoded.decoded.constData(),
                                           static_cast<std::size_t>(decoded.decoded.size()))));
  return path;
}

void prune() {
  const QFileInfoList files =
      QDir(folder()).entryInfoList({"*.swy"}, QDir::Files, QDir::Time); // newest first
  for (qsizetype i = kKept; i < files.size(); ++i)
    if (files[i].size() <= kMostInside)
      remove(files[i].absoluteFilePath());
}

} // namespace switchyard::studio::recordings
