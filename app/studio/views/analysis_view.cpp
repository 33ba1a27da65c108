#include "app/studio/views/analysis_view.h"

#include <algorithm>
#include <set>

#include <QAction>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/studio/document/numbers.h"
#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

QToolButton* iconButton(const char* name, const QString& tip) {
  auto* button = new QToolButton;
  button->setIcon(icon(name));
  button->setToolTip(tip);
  button->setAccessibleName(tip);
  return button;
}

constexpr std::int64_t kLongTrace = 2'000'000;  ///< rows from which whole traces have one, too

} // namespace

AnalysisView::AnalysisView(Workbench& workbench, const QString& id, const QString& title)
    : View(workbench, id, title), m_body(new QWidget), m_bodyLayout(new QVBoxLayout(m_body)),
      m_filterRow(new QWidget), m_filterText(new QLabel), m_noteRow(new QWidget), m_noteText(new QLabel),
      m_continue(new QPushButton(tr("Continue"))) {
  m_bodyLayout->setContentsMargins(0, 0, 0, 0);
  m_bodyLayout->setSpacing(0);
  m_filterRow->setObjectName("figureHeader");
  m_filterRow->setAttribute(Qt::WA_StyledBackground);
  auto* row = new QHBoxLayout(m_filterRow);
  row->setContentsMargins(10, 2, 10, 2);
  auto* clear = iconButton("x", tr("Clear filter"));
  connect(clear, &QToolButton::clicked, this, [this] { this->workbench().selection().setFilter({}); });
  row->addWidget(m_filterText);
  row->addWidget(clear);
  row->addStretch(1);
  m_filterRow->hide();
  m_bodyLayout->addWidget(m_filterRow);
  m_noteRow->setObjectName("figureHeader");
  m_noteRow->setAttribute(Qt::WA_StyledBackground);
  auto* noteRow = new QHBoxLayout(m_noteRow);
  noteRow->setContentsMargins(10, 2, 10, 2);
  auto* glyph = new QLabel;
  const auto applyTheme = [glyph] { glyph->setPixmap(icon("info-circle").pixmap(Theme::instance().px(14))); };
  connect(&Theme::instance(), &Theme::changed, this, applyTheme);
  applyTheme();
  m_noteText->setProperty("muted", true);
  m_noteText->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  noteRow->addWidget(glyph);
  noteRow->addWidget(m_noteText, 1);
  noteRow->addWidget(m_continue);
  connect(m_continue, &QPushButton::clicked, this, [this] { refresh(); });
  m_noteRow->hide();
  m_bodyLayout->addWidget(m_noteRow);

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

FigurePanel* AnalysisView::makePanel(QWidget* parent) {
  auto* panel = new FigurePanel(*this, parent);
  connect(panel, &FigurePanel::becameCurrent, this, [this, panel] { setCurrent(panel); });
  m_panels.push_back(panel);
  if (!m_current)
    m_current = panel;
  return panel;
}

void AnalysisView::setCurrent(FigurePanel* panel) {
  m_current = panel;
  if (m_tableButton)
    m_tableButton->setChecked(panel->showsTable());
  Q_EMIT capabilitiesChanged();
}

void AnalysisView::setContent(QWidget* content) {
  m_bodyLayout->addWidget(content, 1);
  m_body->setFocusProxy(m_current);
  setCanvas(m_body);
}

void AnalysisView::addFigureButtons() {
  addControlStretch();
  m_tableButton = iconButton("table", tr("Show as table (Ctrl+T)"));
  m_tableButton->setCheckable(true);
  connect(m_tableButton, &QToolButton::clicked, this, &View::setShowsTable);
  addControl(m_tableButton);
  // The window's actions mean the current view: this one, if its button can be clicked.
  for (const auto& [glyph, tip, id] : {std::tuple("clipboard", tr("Copy data (Ctrl+C)"), "edit.copy-data"),
                                       std::tuple("download", tr("Export (Ctrl+E)"), "file.export")}) {
    auto* button = iconButton(glyph, tip);
    connect(button, &QToolButton::clicked, this, [this, action = QString(id)] {
      if (QAction* found = this->workbench().actions().action(action))
        found->trigger();
    });
    addControl(button);
  }
  auto* more = iconButton("three-dots", tr("More"));
  more->setPopupMode(QToolButton::InstantPopup);
  auto* menu = new QMenu(more);
  QAction* linked = menu->addAction(tr("Linked to other views"));
  linked->setCheckable(true);
  linked->setChecked(true);
  connect(linked, &QAction::toggled, this, &View::setLinked);
  connect(this, &View::linkedChanged, linked, &QAction::setChecked);
  QAction* mean = menu->addAction(tr("Shared cells show the mean"));
  mean->setCheckable(true);
  connect(mean, &QAction::toggled, this, [this](bool on) {
    for (FigurePanel* panel : m_panels)
      panel->setBinning(on ? Binning::Mean : Binning::Maximum);
  });
  more->setMenu(menu);
  addControl(more);
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
    (void)(*reader)->forEachSequence(0, std::min<std::int64_t>(32, item->trace->sequences()),
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
  if (workbench().jobs().job(m_job))
    workbench().jobs().cancel(m_job); // of other rows, or of another trace
  m_job = 0;
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
    clearState();
    if (known != m_analysis || m_shownTrace != item->key)
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
  if (!shown && followsFilter() && isWorthAPreview(asked.rows))
    computeSample(std::move(asked));
  else
    compute(std::move(asked));
}

bool AnalysisView::isWorthAPreview(const jobs::RowFilter& rows) const {
  const std::int64_t all = trace() ? trace()->trace->tokens() : 0;
  if (rows.isEmpty())
    return all > kLongTrace;
  const std::int64_t read = rows.range ? rows.range->second - rows.range->first : all;
  return read > 4 * kSampleRows;
}

void AnalysisView::computeSample(jobs::AnalyzeOptions asked) {
  jobs::AnalyzeOptions sampled = asked;
  sampled.rows.sample = kSampleRows;
  m_job = ResultStore::of(workbench()).run(
      sampled, traceKey(), jobTitle(), {}, "analysis", this,
      [this, number = m_asked, asked = std::move(asked)](base::Result<std::shared_ptr<const jobs::Analysis>> result) {
        if (number != m_asked)
          return;
        // What a sample cannot answer, all the rows may.
        if (result && !(*result)->partial && !(*result)->results.empty() && (*result)->results.front().provenance.tokens > 0) {
          clearState();
          accept(*result, true);
        } else if (!result && result.error().code == base::ErrorCode::Cancelled) {
          fail(result.error());
          return;
        }
        compute(asked);
      });
  showLoading(m_job);
}

void AnalysisView::compute(jobs::AnalyzeOptions asked) {
  m_job = ResultStore::of(workbench()).run(
      asked, traceKey(), jobTitle(), resultName(), "analysis", this,
      [this, number = m_asked](base::Result<std::shared_ptr<const jobs::Analysis>> result) {
        if (number != m_asked)
          return;
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

void AnalysisView::fail(const base::Error& error) {
  if (error.code == base::ErrorCode::Cancelled) {
    showEmpty({}, tr("Cancelled by you."), {{tr("Continue"), [this] { refresh(); }}});
    return;
  }
  showEmpty(tr("%1 could not be computed").arg(title()), QString::fromStdString(error.message),
            {{tr("Try again"), [this] { refresh(); }}});
  addProblem({.title = tr("%1 could not be computed.").arg(title()),
              .text = QString::fromStdString(error.message),
              .rows = {},
              .actions = {},
              .id = id()});
}

void AnalysisView::accept(std::shared_ptr<const jobs::Analysis> analysis, bool isPreview) {
  m_analysis = std::move(analysis);
  m_isPreview = isPreview;
  m_shownTrace = traceKey();
  updateFilterRow();
  const bool nothing = !m_isPreview && !workbench().selection().filter().isEmpty() && isLinked() && followsFilter() &&
                       !m_analysis->results.empty() && m_analysis->results.front().provenance.tokens == 0;
  if (nothing) {
    showNothing();
    showNoTokens();
    return;
  }
  showAnalysis();
  updateNote();
  Q_EMIT capabilitiesChanged();
}

void AnalysisView::updateFilterRow() {
  const bool filtered = !workbench().selection().filter().isEmpty() && trace();
  m_filterRow->setVisible(filtered);
  if (!filtered)
    return;
  if (!isLinked() || !followsFilter()) {
    m_filterText->setText(isLinked() ? tr("not filtered: this view needs the whole trace") : tr("not linked"));
    return;
  }
  const qint64 all = trace()->trace->tokens();
  const TokenFilter& filter = workbench().selection().filter();
  const bool known = m_analysis && !m_analysis->results.empty() && !m_isPreview;
  if (known || (filter.range && !filter.routedTo)) {
    const qint64 kept = known ? m_analysis->results.front().provenance.tokens
                              : std::min(filter.range->second, all) - std::min(filter.range->first, all);
    m_filterText->setText(tr("filtered: %1 of %2 tokens").arg(grouped(kept), grouped(all)));
  } else {
    m_filterText->setText(tr("filtered: some of %1 tokens").arg(grouped(all)));
  }
}

void AnalysisView::showNothing() {
  for (FigurePanel* panel : m_panels)
    panel->showPlaceholder(6, 32);
  m_noteRow->hide();
  setProvenance({});
}

void AnalysisView::showNoTrace() {
  std::vector<StateAction> actions;
  QString text = tr("This view needs the routing of some text: open a trace.");
  const Item* prompts = workbench().document().currentItem(ItemKind::PromptSet);
  const Item* model = workbench().document().currentItem(ItemKind::Model);
  QAction* record = workbench().actions().action("run.record");
  if (prompts && model && record) {
    text = tr("This view needs the routing of some text: record the prompt set \"%1\" (%2 documents) with %3, or open a trace.")
               .arg(prompts->name, prompts->detail, model->name);
    actions.push_back({tr("Record \"%1\"").arg(prompts->name), [record] { record->trigger(); }});
  }
  if (QAction* open = workbench().actions().action("file.open-trace"))
    actions.push_back({tr("Open trace…"), [open] { open->trigger(); }});
  showEmpty(tr("No routing recorded yet"), text, actions);
}

void AnalysisView::forgetAnalysis() {
  m_analysis.reset();
  m_isPreview = false;
}

void AnalysisView::showNoTokens() {
  showEmpty(tr("No tokens match"),
            tr("0 of %1 tokens pass the filter.").arg(grouped(trace() ? trace()->trace->tokens() : 0)),
            {{tr("Clear filter"), [this] { workbench().selection().setFilter({}); }}});
}

QString AnalysisView::note() const { return m_noteRow->isHidden() ? QString() : m_noteText->text(); }

void AnalysisView::updateNote() {
  const bool partial = m_analysis && m_analysis->partial;
  QStringList parts;
  if (m_isPreview && m_analysis)
    parts << tr("Preview from %1 of the tokens; exact numbers follow.").arg(grouped(m_analysis->results.front().provenance.tokens));
  if (partial)
    parts << tr("Partial: %1 of %2 tokens. Cancelled by you.")
                 .arg(grouped(m_analysis->results.front().provenance.tokens), grouped(trace() ? trace()->trace->tokens() : 0));
  parts << caution();
  parts.removeAll(QString());
  m_noteText->setText(parts.join("  "));
  m_noteText->setToolTip(m_noteText->text());
  m_continue->setVisible(partial);
  m_noteRow->setVisible(!parts.isEmpty());
}

void AnalysisView::setFormula(const QString& formula) {
  setProvenance(formula, m_analysis ? QString::fromStdString(m_analysis->command) : QString());
}

bool AnalysisView::handles(const QString& actionId) const {
  if (!m_current || m_current->isEmpty())
    return false;
  static const QStringList ids = {"figure.fit",          "figure.zoom-in",    "figure.zoom-out",
                                  "figure.scroll-left",  "figure.scroll-right", "figure.move-left",
                                  "figure.move-right",   "figure.move-up",    "figure.move-down",
                                  "figure.extend-left",  "figure.extend-right", "figure.extend-up",
                                  "figure.extend-down",  "figure.open",       "figure.toggle",
                                  "figure.select-all"};
  return ids.contains(actionId);
}

void AnalysisView::command(const QString& actionId) {
  if (!m_current || m_current->isEmpty())
    return;
  FigureWidget* figure = m_current->figure();
  const QString step = actionId.section('.', 1);
  const QString verb = step.section('-', 0, 0), way = step.section('-', 1);
  const int right = way == "right" ? 1 : way == "left" ? -1 : 0;
  const int down = way == "down" ? 1 : way == "up" ? -1 : 0;
  if (verb == "fit") {
    figure->fit();
  } else if (verb == "zoom") {
    figure->zoomBy(way == "in" ? 1.25 : 0.8);
  } else if (verb == "scroll") {
    figure->panBy(right, down);
  } else if (verb == "move" || verb == "extend") {
    figure->moveCurrent(right, down, verb == "extend");
  } else if (verb == "open") {
    figure->zoomToCurrent();
  } else if (verb == "toggle") {
    m_current->toggleCurrent();
  } else if (verb == "select") {
    m_current->selectAll();
  }
}

bool AnalysisView::hasTable() const { return m_current && m_current->source(); }

bool AnalysisView::showsTable() const { return m_current && m_current->showsTable(); }

void AnalysisView::setShowsTable(bool table) {
  if (m_current)
    m_current->setShowsTable(table);
  if (m_tableButton)
    m_tableButton->setChecked(showsTable());
  Q_EMIT capabilitiesChanged();
}

bool AnalysisView::paint(QPainter& painter, const QRectF& area) {
  bool any = false;
  for (FigurePanel* panel : m_panels) {
    if (panel->isEmpty() || !panel->isVisibleTo(this))
      continue;
    // Panels keep their places: a page shows what the window shows.
    const QRectF place(panel->mapTo(m_body, QPoint(0, 0)), QSizeF(panel->size()));
    const double sx = area.width() / std::max(1, m_body->width()), sy = area.height() / std::max(1, m_body->height());
    const QRectF target(area.left() + place.left() * sx, area.top() + place.top() * sy, place.width() * sx, place.height() * sy);
    const bool vector = painter.device()->devType() != QInternal::Image && painter.device()->devType() != QInternal::Widget;
    panel->paintInto(painter, target, vector ? PaintTarget::Vector : PaintTarget::Screen);
    any = true;
  }
  return any;
}

QString AnalysisView::csv() const {
  return m_current ? m_current->csv() : QString();
}

QString AnalysisView::saveState() const {
  QVariantMap choices;
  saveChoices(choices);
  return QString::fromUtf8(QJsonDocument(QJsonObject::fromVariantMap(choices)).toJson(QJsonDocument::Compact));
}

void AnalysisView::restoreState(const QString& json) {
  restoreChoices(QJsonDocument::fromJson(json.toUtf8()).object().toVariantMap());
  recompute();
}

} // namespace switchyard::studio
