#include "app/studio/session/report_json.h"

#include <algorithm>

#include "app/jobs/report/description.h"

namespace switchyard::studio {

namespace {

using nlohmann::json;

tl::unexpected<base::Error> damaged(const base::Where& where) {
  return base::fail(base::ErrorCode::InvalidFormat,
                    "this session is damaged: its report cannot be read", where);
}

QString text(const json& object, const char* key) {
  return QString::fromStdString(object.at(key).get<std::string>());
}

} // namespace

int ReportParts::numberOf(const std::shared_ptr<const jobs::report::Part>& part) {
  const auto [found, isNew] = m_numbers.emplace(part.get(), static_cast<int>(m_parts.size()));
  if (isNew)
    m_parts.push_back(part);
  return found->second;
}

std::string ReportParts::text() const {
  std::string out = "[";
  for (std::size_t i = 0; i < m_parts.size(); ++i)
    out += (i > 0 ? ",\n" : "\n") + jobs::report::toJson(*m_parts[i]);
  return out + "]";
}

base::Result<ReportParts> ReportParts::parse(const json& array, const base::Where& where) {
  ReportParts parts;
  if (!array.is_array())
    return parts;
  for (const json& object : array) {
    jobs::report::Part part = SY_TRY(jobs::report::parsePart(object, where));
    parts.m_parts.push_back(std::make_shared<const jobs::report::Part>(std::move(part)));
  }
  return parts;
}

std::shared_ptr<const jobs::report::Part> ReportParts::part(int number) const {
  return number >= 0 && number < static_cast<int>(m_parts.size())
             ? m_parts[static_cast<std::size_t>(number)]
             : nullptr;
}

json draftJson(const ReportDraft& draft, ReportParts& parts) {
  json entries = json::array();
  for (const ReportEntry& entry : draft.entries)
    entries.push_back({{"id", entry.id},
                       {"title", entry.title.toStdString()},
                       {"note", entry.note.toStdString()},
                       {"view", entry.view.toStdString()},
                       {"state", entry.state.toStdString()},
                       {"part", parts.numberOf(entry.part)}});
  return {{"title", draft.title.toStdString()},
          {"question", draft.question.toStdString()},
          {"next_id", draft.nextId},
          {"entries", std::move(entries)}};
}

base::Result<std::shared_ptr<const ReportDraft>>
parseDraft(const json& object, const ReportParts& parts, const base::Where& where) {
  auto draft = std::make_shared<ReportDraft>();
  try {
    draft->title = text(object, "title");
    draft->question = text(object, "question");
    draft->nextId = object.at("next_id").get<int>();
    for (const json& each : object.at("entries")) {
      ReportEntry entry;
      entry.id = each.at("id").get<int>();
      entry.title = text(each, "title");
      entry.note = text(each, "note");
      entry.view = text(each, "view");
      entry.state = text(each, "state");
      entry.part = parts.part(each.at("part").get<int>());
      if (!entry.part)
        return damaged(where);
      draft->nextId = std::max(draft->nextId, entry.id + 1);
      draft->entries.push_back(std::move(entry));
    }
  } catch (const json::exception&) {
    return damaged(where);
  }
  return draft;
}

} // namespace switchyard::studio
