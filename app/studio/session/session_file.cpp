#include "app/studio/session/session_file.h"

#include <QFileInfo>

#include "app/studio/session/report_json.h"
#include "core/base/file.h"
#include "core/base/json.h"

namespace switchyard::studio {

namespace {

using nlohmann::json;

constexpr int kVersion = 1;
constexpr std::uint64_t kMaxBytes = 1ull << 30;

json keyJson(const TokenKey& token) {
  return json::array({token.sequence, token.position});
}
json keyJson(const ExpertKey& expert) {
  return json::array({expert.layer, expert.expert});
}

template <typename Key> json optionalJson(const std::optional<Key>& key) {
  return key ? keyJson(*key) : json();
}

template <typename Key> json listJson(const std::vector<Key>& keys) {
  json list = json::array();
  for (const Key& key : keys)
    list.push_back(keyJson(key));
  return list;
}

json markJson(const Mark& mark) {
  if (const auto* token = std::get_if<TokenKey>(&mark))
    return {{"token", keyJson(*token)}};
  if (const auto* expert = std::get_if<ExpertKey>(&mark))
    return {{"expert", keyJson(*expert)}};
  return {};
}

json layoutJson(const WindowLayout& layout) {
  json states = json::object();
  for (const auto& [id, state] : layout.states)
    states[id.toStdString()] = state.toStdString();
  return {{"geometry", layout.geometry.toBase64().toStdString()},
          {"docks", layout.docks.toBase64().toStdString()},
          {"views", layout.views.toStdString()},
          {"states", std::move(states)}};
}

std::string entryText(const JournalEntry& entry, const QString& folder, Recordings recordings,
                      ReportParts& parts, std::vector<std::string>& left) {
  json object{{"text", entry.text.toStdString()},
              {"key", entry.key},
              {"index", entry.index},
              {"current", entry.wasCurrent},
              {"name", entry.name.toStdString()}};
  switch (entry.kind) {
  case JournalEntry::Insert:
    object["kind"] = "insert";
    break;
  case JournalEntry::Remove:
    object["kind"] = "remove";
    break;
  case JournalEntry::Rename:
    object["kind"] = "rename";
    break;
  case JournalEntry::EditRecipe:
    object["kind"] = "recipe";
    break;
  case JournalEntry::EditReport:
    object["kind"] = "report";
    break;
  }
  if (entry.report)
    object["report"] = draftJson(*entry.report, parts);
  if (entry.recipe)
    object["recipe"] = routing::toJson(*entry.recipe);
  std::string out = object.dump();
  if (entry.item) {
    out.pop_back();
    out += ",\"item\":" + itemText(*entry.item, folder, recordings, left) + "}";
  }
  return out;
}

/// Reads what may be missing or of a wrong type as nothing: only the version, items and journal of
/// a session have to be right.
class Lenient {
public:
  static const json& at(const json& object, const char* key) {
    static const json none;
    const auto found = object.is_object() ? object.find(key) : object.end();
    return object.is_object() && found != object.end() ? *found : none;
  }
  static QString text(const json& object, const char* key) {
    const json& value = at(object, key);
    return value.is_string() ? QString::fromStdString(value.get<std::string>()) : QString();
  }
  static qint64 integer(const json& object, const char* key) {
    const json& value = at(object, key);
    return value.is_number_integer() ? value.get<qint64>() : 0;
  }
  static bool flag(const json& object, const char* key) {
    const json& value = at(object, key);
    return value.is_boolean() && value.get<bool>();
  }
  template <typename Key> static std::optional<Key> key(const json& value) {
    if (!value.is_array() || value.size() != 2 || !value[0].is_number_integer() ||
        !value[1].is_number_integer())
      return std::nullopt;
    Key key;
    if constexpr (std::is_same_v<Key, TokenKey>)
      key = {value[0].get<qint64>(), value[1].get<qint64>()};
    else
      key = {value[0].get<int>(), value[1].get<int>()};
    return key;
  }
  template <typename Key> static std::vector<Key> keys(const json& value) {
    std::vector<Key> keys;
    if (value.is_array())
      for (const json& item : value)
        if (const auto read = key<Key>(item))
          keys.push_back(*read);
    return keys;
  }
  static Mark mark(const json& value) {
    if (const auto token = key<TokenKey>(at(value, "token")))
      return *token;
    if (const auto expert = key<ExpertKey>(at(value, "expert")))
      return *expert;
    return {};
  }
};

base::Result<JournalEntry> parseEntry(const json& object, const QString& folder,
                                      const base::Where& where, const ReportParts& parts,
                                      std::vector<std::string>& missing) {
  JournalEntry entry;
  const QString kind = Lenient::text(object, "kind");
  if (kind == "insert")
    entry.kind = JournalEntry::Insert;
  else if (kind == "remove")
    entry.kind = JournalEntry::Remove;
  else if (kind == "rename")
    entry.kind = JournalEntry::Rename;
  else if (kind == "recipe")
    entry.kind = JournalEntry::EditRecipe;
  else if (kind == "report")
    entry.kind = JournalEntry::EditReport;
  else
    return base::fail(base::ErrorCode::InvalidFormat,
                      "this session is damaged: a step of its history has no kind", where);
  entry.text = Lenient::text(object, "text");
  entry.name = Lenient::text(object, "name");
  entry.key = static_cast<ItemKey>(Lenient::integer(object, "key"));
  entry.index = static_cast<int>(Lenient::integer(object, "index"));
  entry.wasCurrent = Lenient::flag(object, "current");
  if (const QString recipe = Lenient::text(object, "recipe"); !recipe.isEmpty())
    entry.recipe = std::make_shared<const routing::Recipe>(
        SY_TRY(routing::parseRecipe(recipe.toStdString(), where)));
  if (const json& report = Lenient::at(object, "report"); !report.is_null())
    entry.report = SY_TRY(parseDraft(report, parts, where));
  if (const json& item = Lenient::at(object, "item"); !item.is_null())
    entry.item = SY_TRY(parseItem(item, folder, where, missing));
  return entry;
}

} // namespace

SessionText toSessionText(const SessionData& data, const QString& folder, Recordings recordings) {
  json head{{"switchyard_session", kVersion},
            {"saved", data.saved.toString(Qt::ISODate).toStdString()},
            {"changes", data.changes},
            {"current", data.current},
            {"selection",
             {{"tokens", listJson(data.tokens)},
              {"primary_token", optionalJson(data.primaryToken)},
              {"experts", listJson(data.experts)},
              {"primary_expert", optionalJson(data.primaryExpert)},
              {"pin", markJson(data.pin)}}},
            {"layout", layoutJson(data.layout)},
            {"journal_index", data.journalIndex}};
  json filter = json::object();
  if (data.filter.range)
    filter["range"] = {data.filter.range->first, data.filter.range->second};
  filter["routed_to"] = optionalJson(data.filter.routedTo);
  head["filter"] = std::move(filter);
  ReportParts parts;
  if (data.report)
    head["report"] = draftJson(*data.report, parts);
  SessionText made;
  std::string& out = made.text;
  out = head.dump(1);
  out.resize(out.rfind('}'));
  out += ",\"items\": [";
  for (std::size_t i = 0; i < data.items.size(); ++i)
    out += (i > 0 ? ",\n" : "\n") + itemText(data.items[i], folder, recordings, made.left);
  out += "],\n\"journal\": [";
  for (std::size_t i = 0; i < data.journal.size(); ++i)
    out +=
        (i > 0 ? ",\n" : "\n") + entryText(data.journal[i], folder, recordings, parts, made.left);
  out += "],\n\"report_parts\": " + parts.text() + "}\n";
  return made;
}

base::Result<std::vector<std::string>> writeSession(const SessionData& data, const QString& path,
                                                    Recordings recordings) {
  SessionText made = toSessionText(data, QFileInfo(path).absolutePath(), recordings);
  SY_TRY(base::writeFileAtomically(path.toStdString(), made.text));
  return std::move(made.left);
}

base::Result<SessionData> readSession(const QString& path, const base::RunControl& control) {
  const base::Where where{.file = path.toStdString(), .tensor = {}, .layer = {}, .token = {}};
  const std::string text = SY_TRY(base::readTextFile(path.toStdString(), kMaxBytes));
  const json root = SY_TRY(base::parseJson(text, {kMaxBytes, 64}, where));
  const json& version = Lenient::at(root, "switchyard_session");
  if (!version.is_number_integer())
    return base::fail(base::ErrorCode::InvalidFormat, "this is no session of Switchyard Studio",
                      where);
  if (version.get<int>() != kVersion)
    return base::fail(base::ErrorCode::Unsupported,
                      "this session was written by another version of Switchyard Studio", where);
  const QString folder = QFileInfo(path).absolutePath();
  SessionData data;
  const json& items = Lenient::at(root, "items");
  if (!items.is_array())
    return base::fail(base::ErrorCode::InvalidFormat, "this session is damaged: it has no items",
                      where);
  std::int64_t done = 0;
  for (const json& object : items) {
    SY_TRY(control.check());
    data.items.push_back(SY_TRY(parseItem(object, folder, where, data.missing)));
    control.report(++done, static_cast<std::int64_t>(items.size()), "files");
  }
  const ReportParts parts = SY_TRY(ReportParts::parse(Lenient::at(root, "report_parts"), where));
  if (const json& report = Lenient::at(root, "report"); !report.is_null())
    data.report = SY_TRY(parseDraft(report, parts, where));
  std::vector<std::string> ofHistory; // files of removed items may be gone: nobody asked for them
  if (const json& journal = Lenient::at(root, "journal"); journal.is_array())
    for (const json& object : journal)
      data.journal.push_back(SY_TRY(parseEntry(object, folder, where, parts, ofHistory)));
  data.journalIndex = static_cast<int>(Lenient::integer(root, "journal_index"));
  data.changes = static_cast<int>(Lenient::integer(root, "changes"));
  data.saved = QDateTime::fromString(Lenient::text(root, "saved"), Qt::ISODate);
  if (const json& current = Lenient::at(root, "current"); current.is_array())
    for (std::size_t kind = 0; kind < data.current.size() && kind < current.size(); ++kind)
      if (current[kind].is_number_integer())
        data.current[kind] = current[kind].get<int>();
  const json& selection = Lenient::at(root, "selection");
  data.tokens = Lenient::keys<TokenKey>(Lenient::at(selection, "tokens"));
  data.primaryToken = Lenient::key<TokenKey>(Lenient::at(selection, "primary_token"));
  data.experts = Lenient::keys<ExpertKey>(Lenient::at(selection, "experts"));
  data.primaryExpert = Lenient::key<ExpertKey>(Lenient::at(selection, "primary_expert"));
  data.pin = Lenient::mark(Lenient::at(selection, "pin"));
  const json& filter = Lenient::at(root, "filter");
  if (const auto range = Lenient::key<TokenKey>(Lenient::at(filter, "range")))
    data.filter.range = {range->sequence, range->position};
  data.filter.routedTo = Lenient::key<ExpertKey>(Lenient::at(filter, "routed_to"));
  const json& layout = Lenient::at(root, "layout");
  data.layout.geometry = QByteArray::fromBase64(Lenient::text(layout, "geometry").toLatin1());
  data.layout.docks = QByteArray::fromBase64(Lenient::text(layout, "docks").toLatin1());
  data.layout.views = Lenient::text(layout, "views");
  if (const json& states = Lenient::at(layout, "states"); states.is_object())
    for (const auto& [id, state] : states.items())
      if (state.is_string())
        data.layout.states[QString::fromStdString(id)] =
            QString::fromStdString(state.get<std::string>());
  return data;
}

} // namespace switchyard::studio
