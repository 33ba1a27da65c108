#include "app/studio/session/item_json.h"

#include <algorithm>
#include <array>

#include <QDir>
#include <QFileInfo>

#include "app/jobs/read_analysis.h"
#include "app/jobs/write_analysis.h"
#include "app/studio/document/opener.h"
#include "app/studio/session/recordings.h"

namespace switchyard::studio {

namespace {

using nlohmann::json;

constexpr std::array<const char*, kItemKinds> kKinds = {"model", "trace", "recipe", "prompts",
                                                        "result"};

FileKind fileKind(ItemKind kind) {
  switch (kind) {
  case ItemKind::Model:
    return FileKind::Model;
  case ItemKind::Trace:
    return FileKind::Trace;
  case ItemKind::Recipe:
    return FileKind::Recipe;
  case ItemKind::PromptSet:
    return FileKind::PromptSet;
  case ItemKind::Result:
    return FileKind::Result;
  }
  return FileKind::Session;
}

std::string text(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

int integer(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<int>() : 0;
}

/// The absolute path, or where the file lies relative to the session if it is not there any more.
QString resolve(const json& object, const QString& folder) {
  const QString path = QString::fromStdString(text(object, "path"));
  const QString relative = QString::fromStdString(text(object, "relative"));
  if (path.isEmpty() || relative.isEmpty() || QFileInfo::exists(path))
    return path;
  const QString beside = QDir::cleanPath(QDir(folder).absoluteFilePath(relative));
  return QFileInfo::exists(beside) ? beside : path;
}

} // namespace

std::string itemText(const Item& item, const QString& folder, Recordings recordings,
                     std::vector<std::string>& left) {
  json object{{"key", item.key},
              {"kind", kKinds[static_cast<std::size_t>(item.kind)]},
              {"name", item.name.toStdString()},
              {"detail", item.detail.toStdString()},
              {"source", item.source}};
  if (!item.path.isEmpty()) {
    object["path"] = item.path.toStdString();
    if (!folder.isEmpty())
      object["relative"] = QDir(folder).relativeFilePath(item.path).toStdString();
  }
  json facts = json::array();
  for (const auto& [label, value] : item.facts)
    facts.push_back({label.toStdString(), value.toStdString()});
  object["facts"] = std::move(facts);
  if (item.recipe)
    object["recipe"] = routing::toJson(*item.recipe);
  std::string out = object.dump();
  if (item.analysis) {
    out.pop_back();
    out += ",\"analysis\":" + jobs::toJson(*item.analysis) + "}";
  }
  if (recordings == Recordings::Inside && item.kind == ItemKind::Trace &&
      recordings::isOne(item.path)) {
    if (const auto packed = recordings::pack(item.path)) {
      out.pop_back();
      out += ",\"recording\":\"" + *packed + "\"}"; // base64: nothing to escape
    } else {
      left.push_back(packed.error().describe());
    }
  }
  return out;
}

base::Result<Item> parseItem(const json& object, const QString& folder, const base::Where& where,
                             std::vector<std::string>& missing) {
  const auto broken = [&where](const char* what) {
    return base::fail(base::ErrorCode::InvalidFormat,
                      std::string("this session is damaged: ") + what, where);
  };
  if (!object.is_object())
    return broken("an item is no object");
  const auto kind = std::ranges::find(kKinds, text(object, "kind"));
  if (kind == kKinds.end())
    return broken("an item has no kind");
  Item item;
  item.kind = static_cast<ItemKind>(kind - kKinds.begin());
  item.path = resolve(object, folder);
  const auto analysis = object.find("analysis");
  const std::string recipe = text(object, "recipe");
  if (const auto packed = object.find("recording");
      item.kind == ItemKind::Trace && packed != object.end() && packed->is_string()) {
    auto unpacked = recordings::unpack(packed->get_ref<const std::string&>(), item.path);
    if (unpacked)
      item.path = *unpacked;
    else
      missing.push_back(unpacked.error().describe());
  }
  if (!item.path.isEmpty() && analysis == object.end()) {
    base::Result<Item> opened = readItem(fileKind(item.kind), item.path);
    if (opened)
      item = std::move(*opened);
    else
      missing.push_back(opened.error().describe());
  }
  item.key = integer(object, "key");
  item.source = integer(object, "source");
  item.name = QString::fromStdString(text(object, "name"));
  if (item.key <= 0 || item.name.isEmpty())
    return broken("an item has no key or name");
  if (item.detail.isEmpty())
    item.detail = QString::fromStdString(text(object, "detail"));
  if (const auto facts = object.find("facts"); item.facts.empty() && facts != object.end())
    for (const json& fact : *facts)
      if (fact.is_array() && fact.size() == 2 && fact[0].is_string() && fact[1].is_string())
        item.facts.emplace_back(QString::fromStdString(fact[0].get<std::string>()),
                                QString::fromStdString(fact[1].get<std::string>()));
  if (!recipe.empty()) // as edited in the session, not as in the file
    item.recipe =
        std::make_shared<const routing::Recipe>(SY_TRY(routing::parseRecipe(recipe, where)));
  if (analysis != object.end())
    item.analysis =
        std::make_shared<const jobs::Analysis>(SY_TRY(jobs::parseAnalysis(*analysis, where)));
  return item;
}

} // namespace switchyard::studio
