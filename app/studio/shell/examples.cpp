#include "app/studio/shell/examples.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>

#include "app/jobs/capture.h"

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

void record(Workbench& workbench, const QString& title, const jobs::CaptureOptions& options) {
  Workbench* bench = &workbench;
  const QString out = QString::fromStdString(options.out.string());
  workbench.jobs().run<jobs::CaptureResult>(
      {title, "record " + out}, bench,
      [options](const JobContext& context) {
        return jobs::capture(options, context.threads, context.control);
      },
      [bench, out](base::Result<std::shared_ptr<const jobs::CaptureResult>> result) {
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
          bench->opener().open(out);
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
  const QString beside = QFileInfo(exampleFolder()).absolutePath() + "/demo-out/demo.swy";
  const QString cached = traceFolder("demo-model") + "/domains.swy";
  for (const QString& made : {beside, cached}) {
    if (!QFileInfo::exists(made))
      continue;
    const auto trace = trace::Trace::open(made.toStdString());
    if (trace && (*trace)->complete()) {
      workbench.opener().open(made);
      return;
    }
  }
  record(workbench, tr("Record \"domains\""),
         captureOptions(workbench, exampleFolder() + "/demo-model",
                        exampleFolder() + "/prompts/domains.jsonl", cached));
}

void openSampleRecipe(Workbench& workbench) {
  if (needsExamples(workbench))
    return;
  workbench.opener().open(exampleFolder() + "/demo-model");
  workbench.opener().open(exampleFolder() + "/recipes/ban-and-boost.json");
  workbench.showView("steer");
}

void recordPrompts(Workbench& workbench, ItemKey model, ItemKey prompts) {
  const Item* with = workbench.document().item(model);
  const Item* set = workbench.document().item(prompts);
  if (!with || !set)
    return;
  const QString out = QString("%1/%2.swy").arg(traceFolder(with->name), set->name);
  record(workbench, tr("Record \"%1\"").arg(set->name),
         captureOptions(workbench, with->path, set->path, out));
}

} // namespace switchyard::studio
