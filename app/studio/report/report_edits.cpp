#include "app/studio/report/report_edits.h"

#include <algorithm>

#include <QCoreApplication>

namespace switchyard::studio {

namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("ReportEdits", text);
}

} // namespace

int ReportEdits::rowOf(int id) const {
  const auto found = std::ranges::find(draft().entries, id, &ReportEntry::id);
  return found == draft().entries.end() ? -1 : static_cast<int>(found - draft().entries.begin());
}

void ReportEdits::change(const QString& what, const std::function<void(ReportDraft&)>& edit) {
  auto changed = std::make_shared<ReportDraft>(draft());
  edit(*changed);
  m_document.setReport(std::move(changed), what);
}

void ReportEdits::changeEntry(int id, const QString& what,
                              const std::function<void(ReportEntry&)>& edit) {
  if (const int row = rowOf(id); row >= 0)
    change(what, [&](ReportDraft& draft) { edit(draft.entries[static_cast<std::size_t>(row)]); });
}

void ReportEdits::setTitle(const QString& title) {
  change(tr("Title of the report"), [&](ReportDraft& draft) { draft.title = title.trimmed(); });
}

void ReportEdits::setQuestion(const QString& question) {
  change(tr("Question of the report"),
         [&](ReportDraft& draft) { draft.question = question.trimmed(); });
}

void ReportEdits::setEntryTitle(int id, const QString& title) {
  const QString kept = title.trimmed();
  if (!kept.isEmpty())
    changeEntry(id, tr("Title of %1").arg(kept), [&](ReportEntry& entry) { entry.title = kept; });
}

void ReportEdits::setNote(int id, const QString& note) {
  const int row = rowOf(id);
  if (row >= 0)
    changeEntry(id, tr("Note on %1").arg(draft().entries[static_cast<std::size_t>(row)].title),
                [&](ReportEntry& entry) { entry.note = note; });
}

void ReportEdits::remove(int id) {
  const int row = rowOf(id);
  if (row < 0)
    return;
  change(tr("Remove %1 from the report").arg(draft().entries[static_cast<std::size_t>(row)].title),
         [&](ReportDraft& draft) { draft.entries.erase(draft.entries.begin() + row); });
}

void ReportEdits::move(int from, int to) {
  const int count = static_cast<int>(draft().entries.size());
  if (from < 0 || to < 0 || from >= count || to >= count || from == to)
    return;
  change(tr("Move %1 in the report").arg(draft().entries[static_cast<std::size_t>(from)].title),
         [&](ReportDraft& draft) {
           const auto first = draft.entries.begin();
           if (from < to)
             std::rotate(first + from, first + from + 1, first + to + 1);
           else
             std::rotate(first + to, first + from, first + from + 1);
         });
}

} // namespace switchyard::studio
