#pragma once

#include <string>
#include <vector>

#include <QString>
#include <QStringList>

#include "core/base/error.h"

namespace switchyard::studio {

/// Recordings of text that was generated in the window. They lie in the user's data folder; a
/// session that is saved carries them inside its file, so that it opens with everything wherever it
/// is moved. All functions: any thread.
namespace recordings {

/// Largest recording that is put into a session file.
constexpr qint64 kMostInside = qint64{256} << 20;
/// So many recordings stay when the program starts; older ones are deleted.
constexpr int kKept = 32;

QString folder(); ///< made if need be
/// A name in folder() that no recording has, for one that begins now.
QString newPath();
/// Whether a path is that of a recording.
bool isOne(const QString& path);
/// Deletes a recording with everything that lies beside it while it is made.
void remove(const QString& path);

/// The file as text for a session. Errors: NotFound, Io; LimitExceeded above `most` bytes.
base::Result<std::string> pack(const QString& path, qint64 most = kMostInside);
/// Puts a packed recording back into folder(), under the name it had if that is free or holds the
/// same, and returns its path. Errors: InvalidFormat, Io (disk full).
base::Result<QString> unpack(const std::string& packed, const QString& name);

/// Deletes the oldest recordings but kKept; those above kMostInside stay: a session may name them
/// without holding them.
void prune();

} // namespace recordings

} // namespace switchyard::studio
