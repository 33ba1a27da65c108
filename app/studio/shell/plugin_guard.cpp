#include "app/studio/shell/plugin_guard.h"

#include <algorithm>
#include <mutex>

#include <QDateTime>
#include <QLocale>
#include <QStandardPaths>

#include "core/plugin/crash_guard.h"

namespace switchyard::studio {

/// Outlives the guard: a thread that hangs in a plugin may call long after the window is gone.
struct PluginGuard::Line {
  std::mutex mutex;
  PluginGuard* guard = nullptr;
};

PluginGuard::PluginGuard(Workbench& workbench, QObject* parent)
    : QObject(parent), m_workbench(workbench), m_line(std::make_shared<Line>()) {
  m_line->guard = this;
  workbench.registry().switchOffWhatBreaks(
      [line = m_line](const plugin::Manifest& manifest, const std::string& what) {
        const std::lock_guard lock(line->mutex);
        if (!line->guard)
          return;
        QMetaObject::invokeMethod(
            line->guard,
            [guard = line->guard, id = QString::fromStdString(manifest.id),
             name = QString::fromStdString(manifest.name), what = QString::fromStdString(what)] {
              guard->say(id, name, what, {});
              Q_EMIT guard->m_workbench.pluginsChanged();
            },
            Qt::QueuedConnection);
      });
}

PluginGuard::~PluginGuard() {
  m_workbench.registry().switchOffWhatBreaks({});
  const std::lock_guard lock(m_line->mutex);
  m_line->guard = nullptr;
}

QString PluginGuard::notesPath() {
  return QStandardPaths::writableLocation(QStandardPaths::AppLocalDataLocation) + "/plugin-crashes";
}

namespace {

QString whenOf(const plugin::CrashNote& note) {
  return QLocale().toString(QDateTime::fromSecsSinceEpoch(note.time), QLocale::ShortFormat);
}

} // namespace

void PluginGuard::watchForCrashes() {
  const std::filesystem::path path = notesPath().toStdString();
  const std::vector<plugin::CrashNote> notes = plugin::readCrashNotes(path);
  for (const plugin::CrashNote& note : notes)
    m_workbench.registry().switchOff(
        note.plugin,
        tr("the program ended in it (%1 in %2, %3); switch it on again in the message at "
           "the top, or remove %4")
            .arg(QString::fromStdString(note.how), QString::fromStdString(note.function),
                 whenOf(note), notesPath())
            .toStdString());
  if (!notes.empty())
    Q_EMIT m_workbench.pluginsChanged();
  if (const auto watched = plugin::noteCrashes(path); !watched)
    m_workbench.log().add(base::LogLevel::Warning,
                          tr("A crash of a plugin cannot be noted: %1")
                              .arg(QString::fromStdString(watched.error().describe())));
}

void PluginGuard::sayWhatCrashed() {
  const std::vector<plugin::PluginRow> rows = m_workbench.registry().rows();
  for (const plugin::CrashNote& note : plugin::readCrashNotes(notesPath().toStdString())) {
    const auto row = std::ranges::find_if(rows, [&note](const plugin::PluginRow& candidate) {
      return candidate.manifest && candidate.manifest->id == note.plugin &&
             candidate.state == plugin::RowState::Disabled;
    });
    if (row == rows.end())
      continue; // it is not there any more
    say(QString::fromStdString(note.plugin), QString::fromStdString(row->manifest->name),
        tr("The program ended while it was working, on %1.").arg(whenOf(note)),
        {{tr("Where"),
          tr("%1 in %2()")
              .arg(QString::fromStdString(note.how), QString::fromStdString(note.function))},
         {tr("Version"), QString::fromStdString(row->manifest->version)},
         {tr("File"), QString::fromStdString(row->manifest->libraryPath().string())}});
  }
}

void PluginGuard::switchOn(const QString& id) {
  m_workbench.registry().switchOn(id.toStdString());
  if (const auto forgotten = plugin::forgetCrashes(notesPath().toStdString(), id.toStdString());
      !forgotten)
    m_workbench.log().add(base::LogLevel::Warning,
                          QString::fromStdString(forgotten.error().describe()));
  m_workbench.notify(tr("%1 is switched on.").arg(id));
  Q_EMIT m_workbench.pluginsChanged();
}

void PluginGuard::say(const QString& id, const QString& name, const QString& what,
                      const std::vector<std::pair<QString, QString>>& details) {
  Problem problem;
  problem.id = "plugin " + id;
  problem.title = tr("“%1” stopped and was switched off.").arg(name);
  problem.text = what + " " + tr("Your results are unchanged.");
  problem.rows = {{tr("Plugin"), id}};
  problem.rows.insert(problem.rows.end(), details.begin(), details.end());
  QString all = problem.title + "\n" + problem.text;
  for (const auto& [label, value] : problem.rows)
    all += "\n" + label + ": " + value;
  problem.actions = {
      {tr("Switch on again"), [this, id] { switchOn(id); }},
      {tr("Copy details"), [this, all] { m_workbench.copyText(all, tr("the details")); }}};
  m_workbench.report(problem);
}

} // namespace switchyard::studio
