#pragma once

#include <QFrame>
#include <QPointer>

#include "app/studio/shell/settings.h"

class QLabel;

namespace switchyard::studio {

/// The three hints of the first run, one at a time; Esc ends them, they never come again by
/// themselves.
class Hints : public QFrame {
  Q_OBJECT
public:
  Hints(Settings& settings, QWidget* window);
  /// Shows hint 1..3 near `at` (of the window) unless it was seen; a hint needs the ones before it.
  void offer(int number, const QRect& at);
  /// From the first one again (Help, start page).
  void restart();
  int shown() const { return isVisible() ? m_number : 0; }
  void dismiss(); ///< this one was read
  void end();     ///< none any more

private:
  Settings& m_settings;
  QLabel* m_text;
  int m_number = 0;
};

} // namespace switchyard::studio
