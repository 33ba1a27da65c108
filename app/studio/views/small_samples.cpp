#include "app/studio/views/small_samples.h"

#include <algorithm>

#include <QCoreApplication>
#include <QStringList>

#include "app/studio/document/numbers.h"

namespace switchyard::studio {

namespace {

constexpr std::size_t kNamed = 3;

QString tr(const char* text) {
  return QCoreApplication::translate("SmallSamples", text);
}

QString only(qint64 documents) {
  return documents == 0   ? tr("No document")
         : documents == 1 ? tr("Only 1 document")
                          : tr("Only %1 documents").arg(grouped(documents));
}

} // namespace

QString fewDocumentsOf(const std::vector<LabelDocuments>& labels) {
  std::vector<LabelDocuments> few;
  std::ranges::copy_if(labels, std::back_inserter(few),
                       [](const LabelDocuments& label) { return label.second < kFewestDocuments; });
  if (few.empty())
    return {};
  std::ranges::stable_sort(few, {}, &LabelDocuments::second);
  QString text = only(few.front().second) + " " +
                 (few.front().second == 1 ? tr("carries") : tr("carry")) + " " +
                 QString("“%1”").arg(few.front().first);
  for (std::size_t i = 1; i < std::min(kNamed, few.size()); ++i)
    text += tr(", %1 “%2”").arg(grouped(few[i].second), few[i].first);
  if (few.size() > kNamed)
    text += tr(", at most %1 each of %2 more")
                .arg(grouped(few.back().second), grouped(static_cast<qint64>(few.size() - kNamed)));
  return text + tr("; intervals need at least %1.").arg(kFewestDocuments);
}

QString fewDocuments(qint64 documents, const QString& where) {
  if (documents >= kFewestDocuments)
    return {};
  return only(documents) + " " + where + tr("; intervals need at least %1.").arg(kFewestDocuments);
}

} // namespace switchyard::studio
