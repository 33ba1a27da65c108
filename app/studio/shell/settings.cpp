#include "app/studio/shell/settings.h"

#include <algorithm>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr int kRecentFiles = 10;
constexpr int kRecentActions = 8;

void pushFront(QSettings& settings, const QString& key, const QString& value, int limit) {
  QStringList list = settings.value(key).toStringList();
  list.removeAll(value);
  list.prepend(value);
  settings.setValue(key, list.mid(0, limit));
}

} // namespace

Settings::Settings()
    : m_settings(QSettings::IniFormat, QSettings::UserScope, "switchyard", "studio") {}

QStringList Settings::recentFiles() const {
  return m_settings.value("recent/files").toStringList();
}

void Settings::addRecentFile(const QString& path) {
  pushFront(m_settings, "recent/files", path, kRecentFiles);
}

void Settings::clearRecentFiles() {
  m_settings.remove("recent/files");
}

QStringList Settings::recentActions() const {
  return m_settings.value("recent/actions").toStringList();
}

void Settings::addRecentAction(const QString& id) {
  pushFront(m_settings, "recent/actions", id, kRecentActions);
}

void Settings::loadTheme() const {
  Theme& theme = Theme::instance();
  const int choice = std::clamp(m_settings.value("theme/choice", 0).toInt(), 0, 2);
  theme.setChoice(static_cast<ThemeChoice>(choice));
  theme.setScalePercent(m_settings.value("theme/scale", 100).toInt());
  theme.setReducedMotion(m_settings.value("theme/reducedMotion", false).toBool());
  theme.setMarksNegativeCells(m_settings.value("theme/markNegative", false).toBool());
}

void Settings::saveTheme() {
  const Theme& theme = Theme::instance();
  m_settings.setValue("theme/choice", static_cast<int>(theme.choice()));
  m_settings.setValue("theme/scale", theme.scalePercent());
  m_settings.setValue("theme/reducedMotion", theme.reducedMotion());
  m_settings.setValue("theme/markNegative", theme.marksNegativeCells());
}

int Settings::hintsSeen() const {
  return m_settings.value("hints/seen", 0).toInt();
}

void Settings::setHintsSeen(int count) {
  m_settings.setValue("hints/seen", count);
}

} // namespace switchyard::studio
