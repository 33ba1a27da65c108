#include "app/studio/document/report_draft.h"

#include <QCoreApplication>

namespace switchyard::studio {

jobs::report::Document toDocument(const ReportDraft& draft) {
  jobs::report::Document document;
  document.title =
      draft.title.isEmpty()
          ? QCoreApplication::translate("ReportDraft", "Switchyard report").toStdString()
          : draft.title.toStdString();
  document.question = draft.question.toStdString();
  for (const ReportEntry& entry : draft.entries) {
    jobs::report::Part part = *entry.part;
    part.title = entry.title.toStdString();
    part.note = entry.note.toStdString();
    document.parts.push_back(std::move(part));
  }
  return document;
}

} // namespace switchyard::studio
