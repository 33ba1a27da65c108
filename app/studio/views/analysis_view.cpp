#include "app/studio/views/analysis_view.h"

#include <algorithm>
#include <set>

#include <QVBoxLayout>

#include "app/studio/views/header_rows.h"

namespace switchyard::studio {

namespace {

constexpr std::int64_t kLongTrace = 2'000'000; ///< rows from which whole traces have a preview, too
// Of a sample: rows, and rows times layers (bench_brush measures what they cost).
constexpr std::int64_t kMostSampleRows = 4096, kMostSampleBlocks = 4096 * 12,
                       kFewestSampleRows = 256;

} // namespace

AnalysisView::AnalysisView(Workbench& workbench, const QString& id, const QString& title)
    : View(workbench, id, title), m_body(new QWidget), m_bodyLayout(new QVBoxLayout(m_body)),
      m_filterRow(new FilterRow), m_noteRow(new NoteRow) {
  m_bodyLayout->setContentsMargins(0, 0, 0, 0);
  m_bodyLayout->setSpacing(0);
  m_bodyLayout->addWidget(m_filterRow);
  m_bodyLayout->addWidget(m_noteRow);
  connect(m_filterRow, &FilterRow::clearClicked, this,
          [this] { this->workbench().selection().setFilter({}); });
  connect(m_noteRow, &NoteRow::continueClicked, this, [this] { refresh(); });
  Document& document = workbench.document();
  connect(&document, &Document::currentChanged, this, [this](ItemKind kind) {
    if (kind == ItemKind::Trace && isVisible())
      refresh();
  });
  connect(&document, &Document::itemChanged, this, [this](int key) {
    if (key == traceKey() && isVisible())
      refresh();
  });
  const auto filterChanged = [this] {
    if (isVisible() && followsFilter())
      refresh();
  };
  connect(&workbench.selection(), &Selection::filterChanged, this, filterChanged);
  connect(this, &View::linkedChanged, this, filterChanged);
}

const Item* AnalysisView::trace() const {
  const Item* item = workbench().document().currentItem(ItemKind::Trace);
  return item && item->trace ? item : nullptr;
}

ItemKey AnalysisView::traceKey() const {
  return workbench().document().current(ItemKind::Trace);
}

const trace::AnalysisResult* AnalysisView::result(const std::string& plugin) const {
  if (!m_analysis)
    return nullptr;
  for (std::size_t i = 0; i < m_analysis->ids.size(); ++i)
    if (m_analysis->ids[i] == plugin)
      return &m_analysis->results[i];
  return nullptr;
}

QStringList AnalysisView::labelKeys() const {
  const Item* item = trace();
  QStringList keys;
  if (!item)
    return keys;
  std::set<std::string> found;
  if (auto reader = item->trace->reader())
    // Without labels there is nothing to group by: an unreadable row is found by the analysis.
    (void)(*reader)->forEachSequence(
        0, std::min<std::int64_t>(32, item->trace->sequences()),
        [&](const trace::SequenceInfo& info, const trace::SequenceSize&) -> base::Result<void> {
          for (const auto& [key, value] : info.labels)
            found.insert(key);
          return {};
        });
  for (const std::string& key : found)
    keys << QString::fromStdString(key);
  if (keys.removeOne("domain"))
    keys.prepend("domain");
  return keys;
}

void AnalysisView::refresh() {
  ++m_asked;
  for (JobId* job : {&m_job, &m_sampleJob}) { // of other rows, or of another trace
    if (workbench().jobs().job(*job))
      workbench().jobs().cancel(*job);
    *job = 0;
  }
  m_wanted.reset();
  updateFilterRow();
  const Item* item = trace();
  if (!item) {
    m_analysis.reset();
    m_isPreview = false;
    m_shownTrace = 0;
    showNothing();
    showNoTrace();
    return;
  }
  if (item->trace->meta().layers.empty()) {
    showNothing();
    showEmpty({}, tr("This model has no mixture-of-experts layers. Nothing to show."));
    return;
  }
  if (item->key != m_shownTrace && m_analysis) {
    m_analysis.reset();
    m_isPreview = false;
    showNothing();
  }
  jobs::AnalyzeOptions asked = options(*item);
  if (asked.with.empty())
    return;
  asked.trace = item->trace->path();
  if (isLinked() && followsFilter())
    asked.rows = ResultStore::rowFilter(workbench().selection().filter());
  if (auto known = ResultStore::of(workbench()).find(asked)) {
    const bool covered = !stateText().isEmpty(); // also by what the analysis itself had to say
    clearState();
    if (covered || known != m_analysis || m_shownTrace != item->key)
      accept(std::move(known));
    return;
  }
  start(std::move(asked));
}

void AnalysisView::recompute() {
  if (isVisible())
    refresh();
}

void AnalysisView::start(jobs::AnalyzeOptions asked) {
  if (!m_analysis)
    showNothing();
  clearState();
  const bool shown = m_analysis && !asked.rows.isEmpty() && preview(asked.rows);
  m_wanted = std::move(asked);
  if (!shown && followsFilter() && isWorthAPreview(m_wanted->rows))
    computeSample();
  else
    compute();
}

bool AnalysisView::isWorthAPreview(const jobs::RowFilter& rows) const {
  const std::int64_t all = trace() ? trace()->trace->tokens() : 0;
  if (rows.isEmpty())
    return all > kLongTrace;
  const std::int64_t read = rows.range ? rows.range->second - rows.range->first : all;
  return read > 4 * sampleRows();
}

std::int64_t AnalysisView::sampleRows(std::size_t layers) const {
  if (layers == 0 && trace())
    layers = trace()->trace->meta().layers.size();
  return std::clamp(kMostSampleBlocks /
                        std::max<std::int64_t>(static_cast<std::int64_t>(layers), 1),
                    kFewestSampleRows, kMostSampleRows);
}

jobs::AnalyzeOptions AnalysisView::previewOf(jobs::AnalyzeOptions asked) const {
  asked.rows.sample = sampleRows(layersToPreview().size());
  return asked;
}

bool AnalysisView::hasLayer(int moeLayer) const {
  return !m_isPreview || m_previewLayers.empty() ||
         std::ranges::find(m_previewLayers, moeLayer) != m_previewLayers.end();
}

bool AnalysisView::needLayer(int moeLayer) {
  const bool there = hasLayer(moeLayer);
  if (!there && m_wanted)
    computeSample();
  return there;
}

void AnalysisView::computeSample() {
  const std::vector<int> layers = layersToPreview();
  m_sampleJob =
      ResultStore::of(workbench())
          .run(previewOf(*m_wanted), {trace() ? trace()->trace : nullptr, layers}, traceKey(),
               jobTitle(), {}, "sample", this,
               [this, number = m_asked,
                layers](base::Result<std::shared_ptr<const jobs::Analysis>> result) {
                 if (number != m_asked || !m_wanted) // other rows, or the exact numbers were faster
                   return;
                 m_sampleJob = 0;
                 // What a sample cannot answer, all the rows may.
                 if (result && !(*result)->partial && !(*result)->results.empty() &&
                     (*result)->results.front().provenance.tokens > 0) {
                   clearState();
                   m_previewLayers = layers;
                   accept(*result, true);
                 } else if (!result && result.error().code == base::ErrorCode::Cancelled &&
                            m_job == 0) {
                   fail(result.error());
                   return;
                 }
                 if (m_job == 0)
                   compute();
               });
  if (m_job == 0)
    showLoading(m_sampleJob);
}

void AnalysisView::compute() {
  m_job = ResultStore::of(workbench())
              .run(*m_wanted, {trace() ? trace()->trace : nullptr, {}}, traceKey(), jobTitle(),
                   resultName(), "analysis", this,
                   [this,
                    number = m_asked](base::Result<std::shared_ptr<const jobs::Analysis>> result) {
                     if (number != m_asked)
                       return;
                     m_wanted.reset();
                     clearState();
                     if (result)
                       accept(*result);
                     else
                       fail(result.error());
                   });
  // A preview is not dimmed: its note says that exact numbers follow.
  if (!m_isPreview)
    showLoading(m_job);
}

void AnalysisView::accept(std::shared_ptr<const jobs::Analysis> analysis, bool isPreview) {
  m_analysis = std::move(analysis);
  m_isPreview = isPreview;
  m_shownTrace = traceKey();
  updateFilterRow();
  const bool nothing = !m_isPreview && !workbench().selection().filter().isEmpty() && isLinked() &&
                       followsFilter() && !m_analysis->results.empty() &&
                       m_analysis->results.front().provenance.tokens == 0;
  if (nothing) {
    showNothing();
    showNoTokens();
    return;
  }
  showAnalysis();
  updateNote();
  Q_EMIT capabilitiesChanged();
}

void AnalysisView::forgetAnalysis() {
  m_analysis.reset();
  m_isPreview = false;
}

} // namespace switchyard::studio
