#pragma once

#include <QSettings>
#include <QStringList>

namespace switchyard::studio {

/// What the program remembers between sessions of its user: preferences, recent files, hints seen.
/// Kept in the user's configuration folder; nothing of a session's content. GUI thread.
class Settings {
public:
  Settings();

  QStringList recentFiles() const; ///< newest first, at most 10
  void addRecentFile(const QString& path);
  void clearRecentFiles();
  QStringList recentActions() const; ///< ids, newest first, at most 8
  void addRecentAction(const QString& id);

  /// Reads theme, UI scale and the other preferences into the theme, and back.
  void loadTheme() const;
  void saveTheme();

  int hintsSeen() const; ///< 0..3; 3: never again
  void setHintsSeen(int count);

private:
  mutable QSettings m_settings;
};

} // namespace switchyard::studio
