#pragma once

#include <functional>

#include "app/studio/shell/main_window.h"

namespace switchyard::studio {

/// Takes pictures of a window once its jobs have come to rest. Runs the event loop meanwhile.
class Camera {
public:
  Camera(MainWindow& window, QString folder) : m_window(window), m_folder(std::move(folder)) {}

  /// Waits until nothing works for a while. False: it never came to rest.
  bool settle();
  /// Writes folder/NAME.png. Error Io.
  base::Result<void> shoot(const QString& name);
  /// Calls `each` with a name's ending in light and dark, in 1280x800 and, unless `small`,
  /// 2560x1440.
  base::Result<void> inEveryLook(const std::function<base::Result<void>(const QString&)>& each,
                                 bool small = false);
  int taken() const { return m_taken; }

private:
  MainWindow& m_window;
  QString m_folder;
  int m_taken = 0;
};

} // namespace switchyard::studio
