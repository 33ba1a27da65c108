#pragma once

#include "app/jobs/report/description.h"
#include "app/studio/report/page_flow.h"

namespace switchyard::studio {

/// A4 or Letter with the margins of a report.
PageSize reportPage(bool letter);

/// A report on pages, with what its HTML page has: title, question, notes, checks, warnings, parts
/// with findings, headline numbers, figures and tables, methods, command lines; page
/// numbers below. It has no section on machine and times: nothing in it differs between two runs.
/// Colours and fonts are those of the theme when it is painted. GUI thread.
class ReportPages {
public:
  /// rows: of each table; 0: all.
  ReportPages(const jobs::report::Description& description, const PageSize& size, std::size_t rows);

  int count() const { return m_flow.pages(); }
  const PageSize& size() const { return m_flow.size(); }
  void paint(QPainter& painter, int page, PaintTarget target) const;

private:
  void title(const jobs::report::Description& description);
  void part(const jobs::report::Part& part);
  void content(const trace::AnalysisResult& result, const std::string& heading);
  void method(const jobs::report::Description& description);
  void heading(const std::string& text);
  void paragraph(const std::string& text);
  void muted(const QString& text);
  void warning(const std::string& text);
  void command(const std::string& line);
  void figure(const trace::Figure& figure, bool titled);
  void picture(const jobs::report::Picture& picture, bool titled);

  PageFlow m_flow;
  std::size_t m_rows;
  QString m_name; ///< in the footer
};

} // namespace switchyard::studio
