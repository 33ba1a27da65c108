#include "app/studio/views/npmi_view.h"

#include <algorithm>
#include <map>

#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QSplitter>

#include "app/studio/views/expert_metrics.h"

namespace switchyard::studio {

namespace {

constexpr std::size_t kDots = 24;
constexpr double kBoost = 64; ///< RICE's default multiplier (arXiv:2505.14681)

/// What is known of an expert and the marker it goes with most.
struct Support {
  double npmi = -2;
  trace::Cell marker, both, uses, p, q;
};

} // namespace

NpmiView::NpmiView(Workbench& workbench, const QString& id, const QString& title)
    : AnalysisView(workbench, id, title), m_markers(new QLineEdit), m_position(new QComboBox),
      m_boost(new QPushButton(tr("Boost the top 2"))), m_panel(makePanel()),
      m_ranking(new ResultTableView(workbench)) {
  m_markers->setPlaceholderText("<think>=1, </think>=-1");
  m_markers->setToolTip(
      tr("Marker texts and their coefficients, separated by commas; empty: those of RICE"));
  m_markers->setMinimumWidth(180);
  m_position->addItem(tr("last token"), "last");
  m_position->addItem(tr("any token"), "any");
  m_boost->setToolTip(
      tr("Adds two steps to the recipe that multiply the gate weights by %1").arg(kBoost));
  m_boost->setEnabled(false);
  addControl(tr("Markers"), m_markers);
  addControl(tr("Position"), m_position);
  addControl(m_boost);
  addFigureButtons();
  m_panel->setHeading(tr("Association with the markers"),
                      tr("Which experts go with these tokens?"));
  auto* split = new QSplitter(Qt::Horizontal);
  split->addWidget(m_ranking);
  split->addWidget(m_panel);
  split->setSizes({470, 340});
  split->setStretchFactor(0, 1);
  split->setStretchFactor(1, 1);
  setContent(split);
  connect(m_markers, &QLineEdit::editingFinished, this, [this] { recompute(); });
  connect(m_position, &QComboBox::currentIndexChanged, this, [this] { recompute(); });
  connect(m_boost, &QPushButton::clicked, this, [this] {
    for (const ExpertKey& expert : recommended())
      this->workbench().steer(SteerStep::Boost, expert, kBoost);
  });
  connect(m_ranking, &ResultTableView::rowChosen, this, [this](qint64 row, Qt::KeyboardModifiers) {
    if (isLinked() && row < static_cast<qint64>(m_experts.size()))
      this->workbench().selection().select(m_experts[static_cast<std::size_t>(row)]);
  });
  connect(&workbench.selection(), &Selection::expertsChanged, this, [this] {
    const auto primary = this->workbench().selection().primaryExpert();
    const auto found = primary ? std::ranges::find(m_experts, *primary) : m_experts.end();
    if (isLinked())
      m_ranking->showRow(found == m_experts.end() ? -1 : found - m_experts.begin());
  });
}

NpmiView::~NpmiView() {
  // A field that loses the focus while the window goes away has been edited to its end: too late.
  m_markers->disconnect(this);
}

void NpmiView::setMarkers(const QString& markers) {
  m_markers->setText(markers);
  recompute();
}

std::vector<ExpertKey> NpmiView::recommended() const {
  std::vector<ExpertKey> experts;
  const auto* npmi = result("npmi");
  const trace::Table* ranking = npmi ? tableOf(*npmi, "npmi_ranking") : nullptr;
  if (!ranking)
    return experts;
  const auto at = [&](const char* name) {
    return static_cast<std::size_t>(std::max(0, columnOf(*ranking, name)));
  };
  for (const auto& row : ranking->rows)
    if (experts.size() < 2 && numberOf(row[at("supported")]) == 1 && numberOf(row[at("score")]) > 0)
      experts.push_back({static_cast<int>(numberOf(row[at("layer")])),
                         static_cast<int>(numberOf(row[at("expert")]))});
  return experts;
}

jobs::AnalyzeOptions NpmiView::options(const Item&) {
  jobs::AnalyzeOptions asked;
  asked.with = {{"npmi", {{"position", m_position->currentData().toString().toStdString()}}}};
  for (const QString& marker : m_markers->text().split(',', Qt::SkipEmptyParts))
    asked.markers.push_back(marker.trimmed().toStdString());
  return asked;
}

void NpmiView::showNothing() {
  AnalysisView::showNothing();
  m_ranking->setSource(nullptr, {});
  m_experts.clear();
  m_boost->setEnabled(false);
}

void NpmiView::showAnalysis() {
  const auto* npmi = result("npmi");
  const trace::Table* ranking = npmi ? tableOf(*npmi, "npmi_ranking") : nullptr;
  const trace::Table* markers = npmi ? tableOf(*npmi, "npmi_markers") : nullptr;
  if (!ranking || !markers)
    return;
  if (ranking->rows.empty()) {
    showNothing();
    const QString why = npmi->warnings.empty() ? tr("The markers never occur in this trace.")
                                               : QString::fromStdString(npmi->warnings.front());
    showEmpty(tr("Nothing to rank"), why,
              {{tr("Change the markers"), [this] { m_markers->setFocus(); }}});
    setFormula({});
    return;
  }
  const auto in = [](const trace::Table& table, const char* name) {
    return static_cast<std::size_t>(std::max(0, columnOf(table, name)));
  };
  std::map<ExpertKey, Support> supports;
  for (const auto& row : markers->rows) {
    Support& support = supports[{static_cast<int>(numberOf(row[in(*markers, "layer")])),
                                 static_cast<int>(numberOf(row[in(*markers, "expert")]))}];
    if (numberOf(row[in(*markers, "npmi")]) > support.npmi)
      support = {numberOf(row[in(*markers, "npmi")]),
                 row[in(*markers, "marker")],
                 row[in(*markers, "both")],
                 row[in(*markers, "uses")],
                 row[in(*markers, "p")],
                 row[in(*markers, "p_adjusted")]};
  }
  trace::Table table;
  table.name = "npmi";
  table.columns = {{"expert", "", ""},
                   {"score", "", "Sum of coefficient * nPMI."},
                   {"with_marker", "tokens",
                    "k: occurrences of its strongest marker at which the expert was chosen."},
                   {"uses", "tokens", "K: tokens at which it was chosen."},
                   {"p", "", "Of Fisher's exact test."},
                   {"q", "", "p adjusted for all experts."},
                   {"note", "", "Why a row does not count."}};
  ChartSpec spec;
  spec.title = tr("Association with the markers");
  spec.look = ChartLook::Dots;
  spec.xTitle = tr("expert");
  spec.yTitle = tr("score: sum of coefficient × nPMI");
  spec.yFormat = ValueFormat::Signed;
  spec.reference = 0;
  spec.referenceLabel = tr("independent");
  spec.series.emplace_back();
  spec.series.front().name = tr("score");
  m_experts.clear();
  std::vector<std::uint8_t> weak;
  // Supported rows first, by score; then those that fail support.
  for (const bool supported : {true, false})
    for (const auto& row : ranking->rows) {
      if ((numberOf(row[in(*ranking, "supported")]) == 1) != supported)
        continue;
      const ExpertKey expert{static_cast<int>(numberOf(row[in(*ranking, "layer")])),
                             static_cast<int>(numberOf(row[in(*ranking, "expert")]))};
      const Support support = supports.contains(expert) ? supports[expert] : Support{};
      const double score = numberOf(row[in(*ranking, "score")]);
      const QString note = !supported ? tr("too few occurrences")
                           : numberOf(row[in(*ranking, "significant")]) != 1 ? tr("not significant")
                                                                             : QString();
      table.rows.push_back({trace::Cell(toText(expert).toStdString()), trace::Cell(score),
                            support.both, row[in(*ranking, "uses")], support.p, support.q,
                            note.isEmpty() ? trace::Cell() : trace::Cell(note.toStdString())});
      if (m_experts.size() < kDots) {
        spec.categories << toText(expert);
        spec.series.front().x.push_back(static_cast<double>(m_experts.size()));
        spec.series.front().y.push_back(score);
        spec.muted.push_back(supported ? 0 : 1);
      }
      m_experts.push_back(expert);
      weak.push_back(supported ? 0 : 1);
    }
  m_ranking->setSource(tableSource(std::move(table)),
                       tr("Experts by association with the markers"));
  m_ranking->model().setMuted(
      [weak](std::int64_t row) { return weak[static_cast<std::size_t>(row)] != 0; });
  FigureLink link;
  link.expertsOf = [experts = m_experts](int item) -> std::vector<ExpertKey> {
    return {experts[static_cast<std::size_t>(item)]};
  };
  link.itemsOf = [experts = m_experts](const ExpertKey& expert) -> std::vector<int> {
    const auto found = std::ranges::find(experts, expert);
    const auto at = static_cast<std::size_t>(found - experts.begin());
    return at < kDots && found != experts.end() ? std::vector<int>{static_cast<int>(at)}
                                                : std::vector<int>();
  };
  m_panel->setHeading(tr("Association with the markers"),
                      tr("Which experts go with these tokens?"));
  m_panel->showChart(std::move(spec), std::move(link));
  m_boost->setEnabled(!recommended().empty());
  QString formula = tr("nPMI = (log(k/M) + log(T/K)) / log(T/k)");
  if (!npmi->warnings.empty())
    formula = QString::fromStdString(npmi->warnings.front()) + "; " + formula;
  setFormula(formula);
}

void NpmiView::saveChoices(QVariantMap& choices) const {
  choices["markers"] = m_markers->text();
  choices["position"] = m_position->currentData();
}

void NpmiView::restoreChoices(const QVariantMap& choices) {
  m_markers->setText(choices.value("markers").toString());
  m_position->setCurrentIndex(std::max(0, m_position->findData(choices.value("position"))));
}

} // namespace switchyard::studio
