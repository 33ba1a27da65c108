#pragma once

#include <string>

#include "app/studio/session/item_json.h"
#include "app/studio/session/session_data.h"
#include "core/base/progress.h"

namespace switchyard::studio {

struct SessionText {
  std::string text{};
  std::vector<std::string> left{}; ///< a sentence for each recording that had to stay outside
};

/// The text of a session file (`.sysession`): one JSON object, version 1. Paths are absolute, with
/// the path relative to `folder` beside them so that a session can move together with its files.
SessionText toSessionText(const SessionData& data, const QString& folder, Recordings recordings);

/// Writes it atomically: the old file stays until the new one is complete. Returns
/// SessionText::left. Error Io (disk full).
base::Result<std::vector<std::string>> writeSession(const SessionData& data, const QString& path,
                                                    Recordings recordings = Recordings::Inside);

/// Reads a session and opens its files (facts only). A file that is gone or broken leaves its item
/// without payload and a sentence in `missing`: the session opens all the same.
/// Errors: NotFound, Io, LimitExceeded; InvalidFormat if it is no session of this version.
base::Result<SessionData> readSession(const QString& path, const base::RunControl& control);

} // namespace switchyard::studio
