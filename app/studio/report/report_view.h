#pragma once

#include <QTimer>

#include "app/jobs/report/doctor.h"
#include "app/jobs/report/native.h"
#include "app/studio/report/page_preview.h"
#include "app/studio/report/report_fields.h"
#include "app/studio/shell/view.h"

class QComboBox;
class QPushButton;

namespace switchyard::studio {

/// The report editor: title, question, entries in their order with titles and notes, a preview of
/// the pages, and export to HTML, PDF and Markdown by the job that `switchyard report` runs. Every
/// change is one step of the undo history; the report is part of the session.
class ReportView : public View {
  Q_OBJECT
public:
  ReportView(Workbench& workbench, const QString& id, const QString& title);

  std::optional<jobs::report::Part> reportPart(ReportPiece) override { return std::nullopt; }
  void refresh() override;
  QString saveState() const override;
  void restoreState(const QString& json) override;

  /// Asks for a file, then exportTo() it.
  void chooseExport();
  /// Writes the report as a job; the ending says how: .html, .pdf or .md. Says where it is, or what
  /// went wrong.
  void exportTo(const QString& path);
  /// Brings the view that an entry came from to the front, with its choices of then.
  void showInView(int id);

  EntryList& list() { return m_fields->list(); }
  PagePreview& preview() { return *m_preview; }
  QLineEdit& titleField() { return m_fields->titleField(); }
  QLineEdit& questionField() { return m_fields->questionField(); }
  QLineEdit& entryTitleField() { return m_fields->entryTitleField(); }
  QPlainTextEdit& noteField() { return m_fields->noteField(); }
  JobId previewJob() const { return m_previewJob; } ///< 0: none runs or waits

private:
  struct Rendered {
    std::vector<QImage> pages;
    int total = 0;
  };
  void follow();
  void startPreview();
  bool isLetter() const;

  QPushButton* m_export;
  QComboBox* m_paper;
  ReportFields* m_fields;
  PagePreview* m_preview;
  bool m_previewIsOld = true;
  JobId m_previewJob = 0;
  QTimer m_previewDelay;
  std::shared_ptr<jobs::report::TraceDoctor> m_doctor;
};

} // namespace switchyard::studio
