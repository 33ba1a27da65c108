#pragma once

#include <utility>
#include <vector>

#include <QString>

namespace switchyard::studio {

/// Documents below which an interval over resampled documents says nothing.
constexpr qint64 kFewestDocuments = 5;

/// A label and how many documents carry it.
using LabelDocuments = std::pair<QString, qint64>;

/// "Only 3 documents carry "latex"; intervals need at least 5." of the labels that have too few;
/// empty if all have enough.
QString fewDocumentsOf(const std::vector<LabelDocuments>& labels);
/// "Only 3 documents in common; intervals need at least 5." Empty for enough; `where`: "in common".
QString fewDocuments(qint64 documents, const QString& where);

} // namespace switchyard::studio
