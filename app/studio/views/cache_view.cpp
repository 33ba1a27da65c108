#include "app/studio/views/cache_view.h"

#include <algorithm>
#include <cmath>

#include <QComboBox>

#include "app/studio/views/expert_metrics.h"

namespace switchyard::studio {

namespace {

constexpr int kCapacities = 16;
constexpr int kPreviewCapacities = 5; ///< a preview has few points on each line

/// About `count` capacities from k to `most`.
std::string capacityList(int k, int most, int count) {
  QStringList list;
  int previous = 0;
  for (int step = 0; step < count; ++step) {
    const int capacity = static_cast<int>(std::lround(k + (most - k) * step / (count - 1.0)));
    if (capacity > previous)
      list << QString::number(capacity);
    previous = capacity;
  }
  return list.join(',').toStdString();
}

} // namespace

CacheView::CacheView(Workbench& workbench, const QString& id, const QString& title)
    : AnalysisView(workbench, id, title), m_scope(new QComboBox), m_step(new QComboBox),
      m_panel(makePanel()) {
  m_scope->addItem(tr("a cache per layer"), "per-layer");
  m_scope->addItem(tr("one cache for all layers"), "global");
  for (const int tokens : {1, 8, 64})
    m_step->addItem(tokens == 1 ? tr("1 token") : tr("%1 tokens").arg(tokens), tokens);
  addControl(tr("Scope"), m_scope);
  addControl(tr("Step"), m_step);
  addFigureButtons();
  m_panel->setHeading(tr("Hit rate of expert caches"),
                      tr("How much of the model has to stay in fast memory?"));
  setContent(m_panel);
  for (QComboBox* box : {m_scope, m_step})
    connect(box, &QComboBox::currentIndexChanged, this, [this] { recompute(); });
}

jobs::AnalysisRequest CacheView::request(const Item& trace, int capacities) const {
  int k = 1, experts = 2, layers = 0;
  for (const trace::LayerInfo& info : trace.trace->meta().layers) {
    k = std::max(k, info.k);
    experts = std::max(experts, info.experts);
    ++layers;
  }
  const QString scope = m_scope->currentData().toString();
  const int caches = scope == "global" ? layers : 1;
  return {"expert-cache",
          {{"scope", scope.toStdString()},
           {"capacities", capacityList(k * caches, experts * caches, capacities)}}};
}

jobs::AnalyzeOptions CacheView::options(const Item& trace) {
  jobs::AnalyzeOptions asked;
  asked.stepTokens = m_step->currentData().toInt();
  asked.with = {request(trace, kCapacities)};
  return asked;
}

jobs::AnalyzeOptions CacheView::previewOf(jobs::AnalyzeOptions asked) const {
  asked = AnalysisView::previewOf(std::move(asked));
  // Twenty caches see every row, and one cache for all layers looks through many experts.
  asked.rows.sample /= m_scope->currentData() == "global" ? 8 : 2;
  asked.with = {request(*trace(), kPreviewCapacities)};
  return asked;
}

void CacheView::showAnalysis() {
  const auto* cache = result("expert-cache");
  const trace::Figure* figure = cache ? figureOf(*cache, "expert_cache_hit_rate") : nullptr;
  if (!figure)
    return;
  ChartSpec spec = chartSpec(*figure, std::get<trace::Chart>(figure->content));
  for (ChartSeries& series : spec.series) {
    if (series.name == "belady") {
      series.name = tr("Belady (optimum)");
      series.dashed = true;
    } else {
      series.name = series.name.toUpper();
    }
  }
  // From this size on nothing of the working set is lost: the optimum misses only first uses.
  if (const trace::Table* table = tableOf(*cache, "expert_cache")) {
    const auto at = [&](const char* name) {
      return static_cast<std::size_t>(std::max(0, columnOf(*table, name)));
    };
    double working = 0;
    for (const auto& row : table->rows)
      if (textOf(row[at("policy")]) == "belady" && numberOf(row[at("working_set_loss")]) <= 0 &&
          (working == 0 || numberOf(row[at("capacity")]) < working))
        working = numberOf(row[at("capacity")]);
    if (working > 0)
      spec.marks.push_back({working, tr("working set %1").arg(working)});
  }
  m_panel->setHeading(tr("Hit rate of expert caches"),
                      tr("How much of the model has to stay in fast memory?"));
  m_panel->showChart(std::move(spec));
  QString formula = QString::fromStdString(cache->provenance.formula);
  for (const std::string& warning : cache->warnings)
    formula += "; " + QString::fromStdString(warning);
  setFormula(formula);
}

void CacheView::saveChoices(QVariantMap& choices) const {
  choices["scope"] = m_scope->currentData();
  choices["step"] = m_step->currentData();
}

void CacheView::restoreChoices(const QVariantMap& choices) {
  m_scope->setCurrentIndex(std::max(0, m_scope->findData(choices.value("scope"))));
  m_step->setCurrentIndex(std::max(0, m_step->findData(choices.value("step"))));
}

} // namespace switchyard::studio
