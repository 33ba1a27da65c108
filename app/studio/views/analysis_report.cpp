// What the views over analyses give to a report.

#include "app/studio/report/figure_data.h"
#include "app/studio/views/analysis_view.h"

namespace switchyard::studio {

std::vector<std::pair<std::string, const trace::AnalysisResult*>>
AnalysisView::shownResults() const {
  std::vector<std::pair<std::string, const trace::AnalysisResult*>> shown;
  if (m_analysis)
    for (std::size_t i = 0; i < m_analysis->ids.size(); ++i)
      shown.emplace_back(m_analysis->ids[i], &m_analysis->results[i]);
  return shown;
}

std::optional<trace::Table> AnalysisView::shownTable() const {
  if (!m_current || !m_current->showsTable() || !m_current->source())
    return std::nullopt;
  const auto& order = m_current->table()->model().order();
  return tableOf(*m_current->source(), m_current->figure()->accessibleName(),
                 order ? *order : std::vector<std::uint32_t>());
}

std::optional<jobs::report::Part> AnalysisView::reportPart(ReportPiece piece) {
  jobs::report::Part part = partOfView();
  if (m_analysis) {
    if (!m_analysis->program.empty())
      part.program = m_analysis->program;
    part.traceId = m_analysis->traceId;
    part.traceFile = m_analysis->traceFile;
    part.notices = m_analysis->notices;
  }
  // How it was made, of all results that the view uses; what it shows stands in the first.
  for (const auto& [plugin, shown] : shownResults()) {
    trace::AnalysisResult result;
    result.provenance = shown->provenance;
    result.warnings = shown->warnings;
    if (piece == ReportPiece::Numbers)
      result.headlines = shown->headlines;
    part.results.emplace_back(plugin, std::move(result));
  }
  if (part.results.empty()) {
    trace::AnalysisResult result;
    result.provenance.formula = formula().toStdString();
    part.results.emplace_back(id().toStdString(), std::move(result));
  }
  trace::AnalysisResult& first = part.results.front().second;
  if (piece == ReportPiece::Numbers) {
    for (const auto& [plugin, result] : part.results)
      if (!result.headlines.empty())
        return part;
    return std::nullopt;
  }
  if (std::optional<trace::Table> table = shownTable()) {
    first.tables.push_back(std::move(*table));
    return part;
  }
  if (!m_current || !m_current->figure()->scene() || !stateText().isEmpty())
    return std::nullopt;
  std::optional<trace::Figure> figure = figureOf(*m_current->figure()->scene(), id().toStdString());
  if (!figure)
    return std::nullopt;
  first.figures.push_back(std::move(*figure));
  return part;
}

} // namespace switchyard::studio
