#include "app/studio/document/label_groups.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include <QCoreApplication>

namespace switchyard::studio {

namespace {

constexpr qsizetype kMostGroups = 8;

/// Groups of data/prompts/domains.jsonl.
constexpr std::array<std::pair<const char*, int>, 13> kShipped = {{{"en_prose", 0},
                                                                   {"en_tech", 1},
                                                                   {"c", 2},
                                                                   {"python", 2},
                                                                   {"shell", 2},
                                                                   {"markup", 3},
                                                                   {"latex", 3},
                                                                   {"de", 4},
                                                                   {"fr", 4},
                                                                   {"es", 4},
                                                                   {"it", 4},
                                                                   {"ru", 4},
                                                                   {"math", 5}}};

QStringList shippedNames() {
  const auto tr = [](const char* text) { return QCoreApplication::translate("LabelGroups", text); };
  return {tr("Prose"),  tr("Manuals"),         tr("Code"),
          tr("Markup"), tr("Other languages"), tr("Arithmetic")};
}

int shippedGroup(const QString& label) {
  for (const auto& [name, group] : kShipped)
    if (label == QLatin1String(name))
      return group;
  return -1;
}

} // namespace

LabelGroups groupLabels(const QStringList& labels, const std::vector<double>& weights) {
  LabelGroups groups;
  groups.group.resize(static_cast<std::size_t>(labels.size()));
  if (labels.size() > kMostGroups &&
      std::ranges::all_of(labels, [](const QString& label) { return shippedGroup(label) >= 0; })) {
    groups.names = shippedNames();
    for (qsizetype i = 0; i < labels.size(); ++i)
      groups.group[static_cast<std::size_t>(i)] = shippedGroup(labels.at(i));
    return groups;
  }
  if (labels.size() <= kMostGroups) {
    groups.names = labels;
    std::iota(groups.group.begin(), groups.group.end(), 0);
    return groups;
  }
  std::vector<std::size_t> order(groups.group.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (weights.size() == order.size())
    std::ranges::stable_sort(order,
                             [&](std::size_t a, std::size_t b) { return weights[a] > weights[b]; });
  order.resize(kMostGroups - 1);
  std::ranges::sort(order);
  std::ranges::fill(groups.group, static_cast<int>(order.size()));
  for (std::size_t i = 0; i < order.size(); ++i) {
    groups.names << labels.at(static_cast<qsizetype>(order[i]));
    groups.group[order[i]] = static_cast<int>(i);
  }
  groups.names << QCoreApplication::translate("LabelGroups", "other");
  return groups;
}

} // namespace switchyard::studio
