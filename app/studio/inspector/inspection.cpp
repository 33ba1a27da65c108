#include "app/studio/inspector/inspection.h"

#include "app/studio/document/numbers.h"
#include "app/studio/figures/value_text.h"

namespace switchyard::studio {

Inspection& Inspection::of(Workbench& workbench) {
  if (auto* known = workbench.findChild<Inspection*>(QString(), Qt::FindDirectChildrenOnly))
    return *known;
  return *new Inspection(workbench);
}

Inspection::Inspection(Workbench& workbench) : QObject(&workbench) {
  connect(&workbench.document(), &Document::cleared, this, &Inspection::clear);
  connect(&workbench, &Workbench::resultRequested, this, [this, bench = &workbench](int key) {
    if (const Item* item = bench->document().item(key); item && item->analysis)
      show(inspectedResult(*item));
  });
}

void Inspection::show(Inspected inspected) {
  m_shown = std::move(inspected);
  Q_EMIT changed();
}

void Inspection::clear() {
  if (!std::exchange(m_shown, std::nullopt))
    return;
  Q_EMIT changed();
}

Inspected inspectedResult(const Item& item) {
  Inspected inspected{.title = item.name, .source = item.detail};
  const auto& tr = [](const char* text) { return Inspection::tr(text); };
  for (const trace::AnalysisResult& result : item.analysis->results) {
    for (const trace::Headline& headline : result.headlines) {
      const ValueFormat format = formatFor(headline.unit);
      const auto* number = std::get_if<double>(&headline.value);
      QString value = number && headline.interval ? valueText(*number, *headline.interval, format)
                                                  : cellText(headline.value, format);
      if (format == ValueFormat::Plain && !headline.unit.empty())
        value += " " + QString::fromStdString(headline.unit);
      inspected.rows.emplace_back(QString::fromStdString(headline.title), value);
    }
    for (const std::string& warning : result.warnings)
      inspected.rows.emplace_back(tr("Warning"), QString::fromStdString(warning));
    const QString formula = QString::fromStdString(result.provenance.formula);
    if (!formula.isEmpty() && !inspected.formula.contains(formula))
      inspected.formula += (inspected.formula.isEmpty() ? "" : "\n") + formula;
  }
  if (!item.analysis->results.empty()) {
    const auto& provenance = item.analysis->results.front().provenance;
    inspected.rows.emplace_back(tr("Tokens"), grouped(provenance.tokens));
    inspected.rows.emplace_back(tr("Documents"), grouped(provenance.sequences));
    if (!provenance.filter.empty())
      inspected.rows.emplace_back(tr("Filter"), QString::fromStdString(provenance.filter));
  }
  inspected.command = QString::fromStdString(item.analysis->command);
  return inspected;
}

} // namespace switchyard::studio
