#pragma once

#include <QApplication>

namespace switchyard::studio {

/// The application, measuring how long the GUI thread is busy with one event. Waiting for a core
/// while other programs have it does not count where the system tells (Linux: schedstat).
class StudioApplication : public QApplication {
  Q_OBJECT
public:
  using QApplication::QApplication;

  bool notify(QObject* receiver, QEvent* event) override;

  /// Longest event since resetLongest(), in ms, and what it was.
  double longestMs() const { return m_longestMs; }
  QString longestWas() const { return m_longestWas; }
  void resetLongest();

private:
  int m_depth = 0;
  double m_longestMs = 0;
  QString m_longestWas;
};

} // namespace switchyard::studio
