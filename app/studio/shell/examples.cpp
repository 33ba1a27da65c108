#include "app/studio/shell/examples.h"

#include <functional>

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QDir>
#include <QFileInfo>
#include <QSaveFile>
#include <QStandardPaths>

#include "app/jobs/capture.h"
#include "core/routing/recipe.h"

namespace switchyard::studio {

namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("Examples", text);
}

QString traceFolder(const QString& model) {
  const QString folder =
      QStandardPaths::writableLocation(QStandardPaths::CacheLocation) + "/traces/" + model;
  QDir().mkpath(folder);
  return folder;
}

bool needsExamples(Workbench& workbench) {
  if (!exampleFolder().isEmpty())
    return false;
  workbench.report({tr("The examples are not installed."),
                    tr("The folder data/ that is shipped with the program was not found."),
                    {{tr("What to do"), tr("set SWITCHYARD_DATA to that folder")}},
                    {},
                    "examples"});
  return true;
}

/// `then` gets the path of the whole trace.
void record(Workbench& workbench, const QString& title, const jobs::CaptureOptions& options,
            std::function<void(const QString&)> then) {
  Workbench* bench = &workbench;
  const QString out = QString::fromStdString(options.out.string());
  workbench.jobs().run<jobs::CaptureResult>(
      {title, "record " + out}, bench,
      [options](const JobContext& context) {
        return jobs::capture(options, context.threads, context.control);
      },
      [bench, out,
       then = std::move(then)](base::Result<std::shared_ptr<const jobs::CaptureResult>> result) {
        if (!result) {
          bench->report({tr("The prompt set could not be recorded."),
                         QString::fromStdString(result.error().describe()),
                         {},
                         {},
                         "record"});
          return;
        }
        if (!(*result)->complete)
          bench->notify(tr("Partial: %1 sequences recorded. Recording again continues.")
                            .arg((*result)->sequences));
        else
          then(out);
      });
}

jobs::CaptureOptions captureOptions(Workbench& workbench, const QString& model,
                                    const QString& prompts, const QString& out) {
  jobs::CaptureOptions options;
  options.model = model.toStdString();
  options.prompts = prompts.toStdString();
  options.out = out.toStdString();
  options.columns = {.weights = true,
                     .logits = true,
                     .norms = false,
                     .hidden = false,
                     .lmLogits = false,
                     .predicted = true};
  options.registry = workbench.sharedRegistry();
  options.resume = QFileInfo::exists(out);
  return options;
}

/// A trace of the shipped prompts: the one that ./demo left, the one in the cache, or a new one.
void openOrRecord(Workbench& workbench, const QString& demoName, const QString& cacheName,
                  const QString& recipe, const std::function<void(const QString&)>& then) {
  const QString examples = exampleFolder();
  const QString beside =
      QString("%1/demo-out/%2.swy").arg(QFileInfo(examples).absolutePath(), demoName);
  const QString cached = QString("%1/%2.swy").arg(traceFolder("demo-model"), cacheName);
  for (const QString& made : {beside, cached}) {
    if (!QFileInfo::exists(made))
      continue;
    const auto trace = trace::Trace::open(made.toStdString());
    if (trace && (*trace)->complete()) {
      then(made);
      return;
    }
  }
  jobs::CaptureOptions options = captureOptions(workbench, examples + "/demo-model",
                                                examples + "/prompts/domains.jsonl", cached);
  options.recipe = recipe.toStdString();
  record(workbench, tr("Record \"%1\"").arg(cacheName), options, then);
}

void openSecondTrace(Workbench& workbench) {
  openOrRecord(workbench, "demo-top-2", "domains-top-2", exampleFolder() + "/recipes/top-2.json",
               [&workbench](const QString& path) { workbench.opener().openBeside(path); });
}

} // namespace

QString exampleFolder() {
  const auto holds = [](const QString& folder) {
    return QFileInfo::exists(folder + "/demo-model/config.json");
  };
  const QString asked = qEnvironmentVariable("SWITCHYARD_DATA");
  if (!asked.isEmpty() && holds(asked))
    return QDir(asked).absolutePath();
  QDir folder(QCoreApplication::applicationDirPath());
  if (const QString installed = folder.absoluteFilePath("../share/switchyard"); holds(installed))
    return QDir::cleanPath(installed);
  do {
    if (holds(folder.absoluteFilePath("data")))
      return folder.absoluteFilePath("data");
  } while (folder.cdUp());
  return {};
}

void openDemoModel(Workbench& workbench) {
  if (needsExamples(workbench))
    return;
  workbench.opener().open(exampleFolder() + "/demo-model");
  for (const char* set : {"domains", "parallel"})
    workbench.opener().open(exampleFolder() + "/prompts/" + set + ".jsonl");
  workbench.showView("live");
}

void openSampleTrace(Workbench& workbench) {
  if (needsExamples(workbench))
    return;
  workbench.opener().open(exampleFolder() + "/demo-model");
  workbench.opener().open(exampleFolder() + "/prompts/domains.jsonl");
  workbench.showView("specialization");
  openOrRecord(workbench, "demo", "domains", {}, [&workbench](const QString& path) {
    workbench.opener().open(path);
    openSecondTrace(workbench);
  });
}

void openSampleRecipe(Workbench& workbench) {
  if (needsExamples(workbench))
    return;
  workbench.opener().open(exampleFolder() + "/demo-model");
  workbench.opener().open(exampleFolder() + "/recipes/ban-and-boost.json");
  workbench.showView("steer");
}

void recordPrompts(Workbench& workbench, ItemKey model, ItemKey prompts, ItemKey recipe) {
  const Item* with = workbench.document().item(model);
  const Item* set = workbench.document().item(prompts);
  const Item* steps = workbench.document().item(recipe);
  if (!with || !set)
    return;
  if (!steps || !steps->recipe) {
    const QString out = QString("%1/%2.swy").arg(traceFolder(with->name), set->name);
    record(workbench, tr("Record \"%1\"").arg(set->name),
           captureOptions(workbench, with->path, set->path, out),
           [&workbench](const QString& path) { workbench.opener().open(path); });
    return;
  }
  // What the recipe says now, whatever its file says; another recipe of the name is another trace.
  const QByteArray text = QByteArray::fromStdString(routing::toJson(*steps->recipe));
  const QString hash = QCryptographicHash::hash(text, QCryptographicHash::Sha256).toHex().left(8);
  QString name = QString("%1 %2 %3").arg(set->name, steps->name, hash);
  name.replace('/', '_');
  const QString base = traceFolder(with->name) + "/" + name;
  QSaveFile file(base + ".recipe.json");
  if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size() || !file.commit()) {
    workbench.report(
        {tr("The prompt set could not be recorded."), file.errorString(), {}, {}, "record"});
    return;
  }
  jobs::CaptureOptions options = captureOptions(workbench, with->path, set->path, base + ".swy");
  options.recipe = file.fileName().toStdString();
  record(workbench, tr("Record \"%1\" with \"%2\"").arg(set->name, steps->name), options,
         [&workbench](const QString& path) { workbench.opener().openBeside(path); });
}

} // namespace switchyard::studio
