#pragma once

#include <cstdint>
#include <optional>

#include <QAbstractItemModel>

#include "app/studio/figures/scene.h"
#include "app/studio/figures/table_source.h"
#include "core/trace/result.h"

namespace switchyard::studio {

/// A figure of the window as data for a report: names, values, unit, chance, trees; columns in the
/// order shown if all rows share one, else by column. Cells that a filter left out are without
/// data, and the note says so; charts of dots are bars. Nothing: a scene of another kind.
std::optional<trace::Figure> figureOf(const FigureScene& scene, const std::string& name);

/// Rows of a report's table: at most this many, the first ones.
constexpr std::int64_t kReportRows = 5000;

/// A table as shown; `order`: rows of the source, empty: all. More than kReportRows: the first
/// ones, and the title says of how many.
trace::Table tableOf(const TableSource& source, const QString& title,
                     const std::vector<std::uint32_t>& order = {});
/// Any table of the window, by the texts that it shows.
trace::Table tableOf(const QAbstractItemModel& model, const QString& title);

} // namespace switchyard::studio
