#include <QFileInfo>
#include <QLocale>

#include <nlohmann/json.hpp>

#include "app/jobs/model_info.h"
#include "app/jobs/read_analysis.h"
#include "app/jobs/recipes.h"
#include "app/studio/document/numbers.h"
#include "app/studio/document/opener.h"

namespace switchyard::studio {

namespace {

QString tr(const char* text) {
  return Opener::tr(text);
}

void addFileFacts(Item& item) {
  const QFileInfo info(item.path);
  item.facts.emplace_back(tr("Path"), item.path);
  if (info.isFile())
    item.facts.emplace_back(tr("Size"), QLocale().formattedDataSize(info.size()));
  item.facts.emplace_back(tr("Changed"), info.lastModified().toString("yyyy-MM-dd hh:mm"));
}

base::Result<Item> readModel(Item item) {
  if (!QFileInfo(item.path).isDir())
    item.path = QFileInfo(item.path).absolutePath();
  item.name = QFileInfo(item.path).fileName();
  const std::filesystem::path folder = item.path.toStdString();
  const model::ModelConfig config = SY_TRY(model::readConfig(folder));
  const nlohmann::json info = SY_TRY(jobs::modelInfo(folder));
  auto facts = std::make_shared<ModelFacts>();
  const std::string_view family = model::name(config.family);
  facts->family = QString::fromUtf8(family.data(), static_cast<qsizetype>(family.size()));
  facts->layers = config.layers;
  facts->moeLayers = config.moeLayers();
  facts->experts = config.moe.gate.experts;
  facts->k = config.moe.gate.k;
  facts->context = config.maxPositions;
  item.detail = QString("%1×%2").arg(facts->moeLayers).arg(facts->experts);
  const bool allMoe = facts->moeLayers == facts->layers;
  item.facts = {{tr("Family"), facts->family},
                {allMoe ? tr("Layers, all MoE") : tr("Layers, MoE of all"),
                 allMoe ? grouped(facts->layers)
                        : QString("%1 / %2").arg(facts->moeLayers).arg(facts->layers)},
                {tr("Experts per layer"), grouped(facts->experts)},
                {tr("Chosen per token"), grouped(facts->k)},
                {tr("Gate"), QString::fromStdString(jobs::describeRouter(config))},
                {tr("Context"), tr("%1 tokens").arg(grouped(facts->context))}};
  const auto millions = [&info](const char* key) {
    return QString::number(info.value(key, 0.0) / 1e6, 'f', 2) + " M";
  };
  if (info.contains("parameters"))
    item.facts.emplace_back(tr("Parameters"), millions("parameters"));
  if (info.contains("active_parameters"))
    item.facts.emplace_back(tr("Active per token"), millions("active_parameters"));
  item.modelFacts = std::move(facts);
  addFileFacts(item);
  return item;
}

base::Result<Item> readTrace(Item item) {
  item.trace = SY_TRY(trace::Trace::open(item.path.toStdString()));
  const trace::TraceMeta& meta = item.trace->meta();
  item.detail = tr("%1 tok").arg(grouped(item.trace->tokens()));
  const QString layers = meta.layers.empty() ? QString("0")
                                             : tr("%1 layers × %2 experts, top-%3")
                                                   .arg(meta.layers.size())
                                                   .arg(meta.layers.front().experts)
                                                   .arg(meta.layers.front().k);
  item.facts = {{tr("Model"), QString::fromStdString(meta.modelName)},
                {tr("Routing"), layers},
                {tr("Sequences"), grouped(item.trace->sequences())},
                {tr("Tokens"), grouped(item.trace->tokens())},
                {tr("Recorded"), QString::fromStdString(trace::describe(item.trace->columns()))},
                {tr("Complete"), item.trace->complete() ? tr("yes") : tr("no")}};
  for (const std::string& notice : item.trace->notices())
    item.facts.emplace_back(tr("Note"), QString::fromStdString(notice));
  addFileFacts(item);
  return item;
}

base::Result<Item> readRecipe(Item item) {
  item.recipe =
      std::make_shared<const routing::Recipe>(SY_TRY(jobs::readRecipe(item.path.toStdString())));
  if (!item.recipe->name.empty())
    item.name = QString::fromStdString(item.recipe->name);
  item.detail = Opener::tr("%n step(s)", nullptr, static_cast<int>(item.recipe->steps.size()));
  addFileFacts(item);
  return item;
}

base::Result<Item> readPromptSet(Item item) {
  item.prompts =
      std::make_shared<const jobs::PromptSet>(SY_TRY(jobs::readPrompts(item.path.toStdString())));
  item.detail = grouped(static_cast<qint64>(item.prompts->prompts.size()));
  item.facts = {{tr("Documents"), item.detail}};
  addFileFacts(item);
  return item;
}

base::Result<Item> readResult(Item item) {
  item.analysis =
      std::make_shared<const jobs::Analysis>(SY_TRY(jobs::readAnalysis(item.path.toStdString())));
  QStringList ids;
  for (const std::string& id : item.analysis->ids)
    ids << QString::fromStdString(id);
  item.detail = ids.size() == 1 ? ids.first() : tr("%1 analyses").arg(ids.size());
  item.facts = {{tr("Analyses"), ids.join(", ")},
                {tr("Command"), QString::fromStdString(item.analysis->command)}};
  addFileFacts(item);
  return item;
}

} // namespace

base::Result<Item> readItem(FileKind kind, const QString& path) {
  Item item;
  item.path = QFileInfo(path).absoluteFilePath();
  item.name = QFileInfo(item.path).completeBaseName();
  switch (kind) {
  case FileKind::Model:
    item.kind = ItemKind::Model;
    return readModel(std::move(item));
  case FileKind::Trace:
    item.kind = ItemKind::Trace;
    return readTrace(std::move(item));
  case FileKind::Recipe:
    item.kind = ItemKind::Recipe;
    return readRecipe(std::move(item));
  case FileKind::PromptSet:
    item.kind = ItemKind::PromptSet;
    return readPromptSet(std::move(item));
  case FileKind::Result:
    item.kind = ItemKind::Result;
    return readResult(std::move(item));
  case FileKind::Session:
    break;
  }
  return base::fail(base::ErrorCode::InvalidArgument, "a session is no item of a session",
                    {.file = path.toStdString()});
}

} // namespace switchyard::studio
