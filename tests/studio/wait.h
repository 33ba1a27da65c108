#pragma once

#include <functional>

#include <QTest>

namespace switchyard::tests {

/// Runs the event loop until `condition` holds; false after `milliseconds`.
inline bool waitFor(const std::function<bool()>& condition, int milliseconds = 20000) {
  return QTest::qWaitFor(condition, milliseconds);
}

} // namespace switchyard::tests
