#include "app/studio/document/opener.h"

#include <algorithm>

#include <QFileInfo>

#include "app/jobs/text.h"

namespace switchyard::studio {

FileKind guessKind(const QString& path) {
  const QFileInfo info(path);
  const QString suffix = info.suffix().toLower();
  if (info.isDir())
    return QFileInfo::exists(path + "/config.json") ? FileKind::Model : FileKind::PromptSet;
  if (suffix == "swy")
    return FileKind::Trace;
  if (suffix == "sysession")
    return FileKind::Session;
  if (suffix == "json") // results are large; a recipe begins with what it is
    return info.fileName().startsWith("analysis") ? FileKind::Result : FileKind::Recipe;
  if (suffix == "jsonl" || suffix == "txt")
    return FileKind::PromptSet;
  if (suffix == "safetensors" || suffix == "gguf")
    return FileKind::Model;
  return FileKind::Trace;
}

Opener::Opener(Document& document, JobRunner& jobs, QObject* parent)
    : QObject(parent), m_document(document), m_jobs(jobs) {}

void Opener::open(const QString& path) {
  open(path, guessKind(path));
}

void Opener::open(const QString& path, FileKind kind) {
  read(path, kind, true);
}

void Opener::openBeside(const QString& path) {
  read(path, guessKind(path), false);
}

void Opener::read(const QString& path, FileKind kind, bool makeCurrent) {
  const QString absolute = QFileInfo(path).absoluteFilePath();
  m_jobs.run<Item>(
      {tr("Open %1").arg(QFileInfo(absolute).fileName())}, this,
      [kind, absolute](const JobContext&) { return readItem(kind, absolute); },
      [this, absolute, makeCurrent](base::Result<std::shared_ptr<const Item>> item) {
        if (!item) {
          if (item.error().code != base::ErrorCode::Cancelled)
            Q_EMIT failed(absolute, item.error());
          return;
        }
        ItemKey key = m_document.findByPath((*item)->kind, (*item)->path);
        if (key == 0)
          key = m_document.add(**item);
        if (makeCurrent)
          m_document.setCurrent((*item)->kind, key);
        Q_EMIT opened(key, absolute);
      });
}

namespace {

base::Result<LoadedModel> loadWeights(const std::string& folder, const JobContext& context) {
  LoadedModel loaded;
  loaded.model = SY_TRY(model::Model::load(folder, context.threads, {}, context.control));
  base::Result<tokenizer::Tokenizer> tokenizer = jobs::loadTokenizer(folder);
  if (tokenizer)
    loaded.tokenizer = std::make_shared<const tokenizer::Tokenizer>(std::move(*tokenizer));
  else if (tokenizer.error().code != base::ErrorCode::NotFound)
    return tl::unexpected<base::Error>(std::move(tokenizer).error());
  return loaded;
}

} // namespace

void Opener::loadModel(ItemKey key, QObject* receiver,
                       std::function<void(std::shared_ptr<const LoadedModel>)> then) {
  const Item* item = m_document.item(key);
  if (!item || item->kind != ItemKind::Model)
    return;
  if (item->loaded) {
    then(item->loaded);
    return;
  }
  const bool underWay =
      std::ranges::any_of(m_waiting, [key](const Waiting& waiting) { return waiting.key == key; });
  m_waiting.push_back({key, receiver != nullptr, receiver, std::move(then)});
  if (underWay)
    return;
  const QString path = item->path;
  m_jobs.run<LoadedModel>(
      {tr("Load %1").arg(item->name)}, this,
      [folder = path.toStdString()](const JobContext& context) {
        return loadWeights(folder, context);
      },
      [this, key, path](base::Result<std::shared_ptr<const LoadedModel>> loaded) {
        if (loaded) {
          attachWeights(key, *loaded);
          return;
        }
        std::erase_if(m_waiting, [key](const Waiting& waiting) { return waiting.key == key; });
        if (loaded.error().code != base::ErrorCode::Cancelled)
          Q_EMIT failed(path, loaded.error());
      });
}

void Opener::attachWeights(ItemKey key, const std::shared_ptr<const LoadedModel>& loaded) {
  m_document.update(key, [&loaded](Item& item) { item.loaded = loaded; });
  std::vector<Waiting> mine;
  std::erase_if(m_waiting, [key, &mine](const Waiting& waiting) {
    if (waiting.key == key)
      mine.push_back(waiting);
    return waiting.key == key;
  });
  for (const Waiting& waiting : mine)
    if (waiting.then && (!waiting.hasReceiver || waiting.receiver))
      waiting.then(loaded);
}

} // namespace switchyard::studio
