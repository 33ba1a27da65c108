#pragma once

#include <QAbstractItemModel>
#include <QString>

namespace switchyard::studio {

/// A flat model as CSV (RFC 4180, "\n", header first): what its display role says, numbers as its
/// Qt::UserRole gives them where that is set.
QString modelToCsv(const QAbstractItemModel& model);

} // namespace switchyard::studio
