#pragma once

#include <memory>
#include <vector>

#include <QString>

#include "app/jobs/report/document.h"

namespace switchyard::studio {

/// One thing of a view that was added to the report. A value; what it shows is shared and does not
/// follow the view any more.
struct ReportEntry {
  int id = 0; ///< of the draft; never used twice in it
  QString title;
  QString note;                                   ///< the author's; may be empty
  QString view;                                   ///< id of the view it came from
  QString state;                                  ///< that view's saveState() then
  std::shared_ptr<const jobs::report::Part> part; ///< never null
  friend bool operator==(const ReportEntry&, const ReportEntry&) = default;
};

/// The report of a session while it is being put together. Immutable once the document has it.
struct ReportDraft {
  QString title, question;
  std::vector<ReportEntry> entries;
  int nextId = 1;
  bool isEmpty() const { return entries.empty() && title.isEmpty() && question.isEmpty(); }
  friend bool operator==(const ReportDraft&, const ReportDraft&) = default;
};

/// The document that it makes: entries in order, each a part with its title and note.
jobs::report::Document toDocument(const ReportDraft& draft);

} // namespace switchyard::studio
