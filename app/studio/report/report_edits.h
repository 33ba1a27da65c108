#pragma once

#include <functional>

#include "app/studio/document/document.h"

namespace switchyard::studio {

/// Changes of the session's report, each one undoable step with a name. Rows and ids that are not
/// there: nothing happens. GUI thread.
class ReportEdits {
public:
  explicit ReportEdits(Document& document) : m_document(document) {}

  const ReportDraft& draft() const { return *m_document.report(); }
  int rowOf(int id) const; ///< -1: not there

  void setTitle(const QString& title);
  void setQuestion(const QString& question);
  void setEntryTitle(int id, const QString& title); ///< empty: it stays as it is
  void setNote(int id, const QString& note);
  void remove(int id);
  void move(int from, int to); ///< rows

private:
  void change(const QString& what, const std::function<void(ReportDraft&)>& edit);
  void changeEntry(int id, const QString& what, const std::function<void(ReportEntry&)>& edit);
  Document& m_document;
};

} // namespace switchyard::studio
