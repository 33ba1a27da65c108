#pragma once

#include <vector>

#include <QString>
#include <QStringList>

namespace switchyard::studio {

/// Labels as at most eight categories, so that each can have a colour of its own.
struct LabelGroups {
  QStringList names;      ///< of the categories; colour i is theme.categorical(i)
  std::vector<int> group; ///< of each label given
};

/// The domains of the shipped prompts are Prose, Manuals, Code, Markup, Other languages and
/// Arithmetic. Other labels are categories of their own as long as there are eight of them; with
/// more, the seven that `weights` (tokens) make largest and "other". weights may be empty.
LabelGroups groupLabels(const QStringList& labels, const std::vector<double>& weights = {});

} // namespace switchyard::studio
