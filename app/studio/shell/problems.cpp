#include "app/studio/shell/problems.h"

#include <QDesktopServices>
#include <QFileInfo>
#include <QUrl>

namespace switchyard::studio {

namespace {

QString tr(const char* text) {
  return Workbench::tr(text);
}

QString title(FileKind kind, const base::Error& error) {
  QString subject;
  switch (kind) {
  case FileKind::Model:
    subject = tr("The model could not be opened");
    break;
  case FileKind::Trace:
    subject = tr("The trace could not be opened");
    break;
  case FileKind::Recipe:
    subject = tr("The recipe could not be opened");
    break;
  case FileKind::PromptSet:
    subject = tr("The prompt set could not be opened");
    break;
  case FileKind::Result:
    subject = tr("The results could not be opened");
    break;
  case FileKind::Session:
    subject = tr("The session could not be opened");
    break;
  }
  QString why;
  switch (error.code) {
  case base::ErrorCode::NotFound:
    why = tr("a file is missing");
    break;
  case base::ErrorCode::Io:
    why = tr("the system refused to read it");
    break;
  case base::ErrorCode::InvalidFormat:
    why = tr("a file is not what its format demands");
    break;
  case base::ErrorCode::Unsupported:
    why = tr("this version does not handle it");
    break;
  case base::ErrorCode::LimitExceeded:
    why = tr("it needs too much memory");
    break;
  case base::ErrorCode::Corrupt:
    why = tr("a file is damaged or too short");
    break;
  case base::ErrorCode::NonFinite:
    why = tr("it contains numbers that are not finite");
    break;
  default:
    return subject + ".";
  }
  return QString("%1: %2.").arg(subject, why);
}

QString remedy(const base::Error& error) {
  switch (error.code) {
  case base::ErrorCode::NotFound:
    return tr("check the path; put the missing file back");
  case base::ErrorCode::Io:
    return tr("check the permissions and the disk");
  case base::ErrorCode::InvalidFormat:
  case base::ErrorCode::Corrupt:
    return tr("fetch this file again; an interrupted download or copy is the likely cause");
  case base::ErrorCode::LimitExceeded:
    return tr("close other programs, or open a smaller model");
  default:
    return {};
  }
}

} // namespace

Problem saveProblem(Workbench& workbench, const base::Error& error, std::function<void()> again) {
  const bool full = QString::fromStdString(error.message).contains("No space left");
  Problem problem;
  problem.id = "save";
  problem.title = full ? tr("The session could not be saved: the disk is full.")
                       : tr("The session could not be saved.");
  problem.text = tr("It stays in memory.") + " " + QString::fromStdString(error.describe());
  Workbench* bench = &workbench;
  problem.actions.emplace_back(tr("Save elsewhere…"),
                               [bench] { bench->actions().action("file.save-as")->trigger(); });
  problem.actions.emplace_back(tr("Try again"), std::move(again));
  return problem;
}

Problem openProblem(Workbench& workbench, const QString& path, const base::Error& error) {
  const FileKind kind = guessKind(path);
  Problem problem;
  problem.id = "open " + path;
  problem.title = title(kind, error);
  problem.text = QString::fromStdString(error.message);
  problem.rows.emplace_back(tr("Path"), path);
  if (!error.where.file.empty() && QString::fromStdString(error.where.file) != path)
    problem.rows.emplace_back(tr("File"), QString::fromStdString(error.where.file));
  if (!error.where.tensor.empty())
    problem.rows.emplace_back(tr("Tensor"), QString::fromStdString(error.where.tensor));
  if (const QString what = remedy(error); !what.isEmpty())
    problem.rows.emplace_back(tr("What to do"), what);
  Workbench* bench = &workbench;
  problem.actions.emplace_back(tr("Try again"), [bench, path] { bench->opener().open(path); });
  problem.actions.emplace_back(tr("Show file"), [path] {
    QDesktopServices::openUrl(QUrl::fromLocalFile(QFileInfo(path).absolutePath()));
  });
  problem.actions.emplace_back(
      kind == FileKind::Model ? tr("Choose another model…") : tr("Choose another file…"),
      [bench, kind] {
        if (QAction* open = bench->actions().action(kind == FileKind::Model ? "file.open-model"
                                                                            : "file.open-trace"))
          open->trigger();
      });
  problem.actions.emplace_back(tr("Copy details"), [bench, title = problem.title, error, path] {
    bench->copyText(title + "\n" + path + "\n" + QString::fromStdString(error.describe()),
                    tr("the details"));
  });
  return problem;
}

} // namespace switchyard::studio
