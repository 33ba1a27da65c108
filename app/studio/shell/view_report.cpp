// What a view gives to a report.

#include <QAbstractItemView>
#include <QLabel>

#include "app/studio/report/figure_data.h"
#include "app/studio/shell/export_view.h"
#include "app/studio/shell/view.h"
#include "core/base/version.h"

namespace switchyard::studio {

jobs::report::Part View::partOfView() const {
  jobs::report::Part part;
  part.program = "switchyard " + std::string(base::version());
  part.command = commandLine().toStdString();
  return part;
}

std::optional<jobs::report::Part> View::reportPart(ReportPiece piece) {
  if (piece == ReportPiece::Numbers)
    return std::nullopt;
  jobs::report::Part part = partOfView();
  trace::AnalysisResult result;
  result.provenance.formula = formula().toStdString();
  if (showsTable()) {
    const auto* table = qobject_cast<const QAbstractItemView*>(m_table);
    if (!table || !table->model())
      return std::nullopt;
    result.tables.push_back(tableOf(*table->model(), title()));
  } else {
    std::optional<jobs::report::Picture> picture = pictureOf(*this);
    if (!picture)
      return std::nullopt;
    part.pictures.push_back(std::move(*picture));
  }
  part.results.emplace_back(id().toStdString(), std::move(result));
  return part;
}

} // namespace switchyard::studio
