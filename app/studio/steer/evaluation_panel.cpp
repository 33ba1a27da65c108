#include "app/studio/steer/evaluation_panel.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStandardPaths>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/studio/document/numbers.h"
#include "app/studio/shell/examples.h"
#include "app/studio/steer/evaluation_numbers.h"
#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

std::filesystem::path evaluationFolder() {
  return (QStandardPaths::writableLocation(QStandardPaths::CacheLocation) + "/evaluations")
      .toStdString();
}

} // namespace

EvaluationPanel::EvaluationPanel(Workbench& workbench, RecipePanel& recipe, QWidget* parent)
    : QWidget(parent), m_workbench(workbench), m_recipe(recipe), m_settings(new EvaluationForm), m_plot(new IntervalPlot),
      m_changed(new ChangedList(m_problems, this)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(makeHeader());
  m_settings->hide();
  layout->addWidget(m_settings);
  layout->addWidget(m_plot);
  layout->addWidget(makeTables(), 100);
  layout->addStretch(1); // while there are no tables
  m_plot->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  m_runControl = new QPushButton;
  m_plot->setPlaceholder(1, m_runControl);
  connect(m_runControl, &QPushButton::clicked, this, [this] { run(true); });
  connect(m_settings, &EvaluationForm::changed, this, &EvaluationPanel::update);
  EvaluationSettings settings;
  if (const QString folder = exampleFolder(); !folder.isEmpty())
    settings.tasks = folder + "/tasks/arithmetic.jsonl";
  setSettings(settings);
  connect(&m_recipe.steps(), &RecipeSteps::recipeChanged, this, &EvaluationPanel::update);
  connect(&m_recipe.steps(), &QAbstractItemModel::dataChanged, this, &EvaluationPanel::update);
  connect(&workbench.document(), &Document::currentChanged, this, &EvaluationPanel::update);
  connect(&workbench.jobs(), &JobRunner::changed, this, [this](quint64 id) {
    if (id == m_job && m_job != 0)
      update();
  });
  showNumbers();
}

QWidget* EvaluationPanel::makeHeader() {
  auto* header = new QWidget;
  header->setObjectName("figureHeader");
  header->setAttribute(Qt::WA_StyledBackground);
  header->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  auto* row = new QHBoxLayout(header);
  row->setContentsMargins(10, 2, 10, 2);
  row->setSpacing(6);
  auto* title = new QLabel(tr("Evaluation"));
  title->setObjectName("figureTitle");
  m_note = new QLabel;
  m_note->setObjectName("figureQuestion");
  m_note->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  m_copy = new QPushButton(tr("Copy as command line"));
  m_copy->setProperty("flat", true);
  connect(m_copy, &QPushButton::clicked, this, [this] {
    m_workbench.copyText(commandLine(), tr("the command line"));
  });
  auto* choose = new QToolButton;
  choose->setIcon(icon("sliders"));
  choose->setCheckable(true);
  choose->setToolTip(tr("Choose the problems"));
  choose->setAccessibleName(tr("Choose the problems"));
  connect(choose, &QToolButton::toggled, this, [this](bool on) { m_settings->setVisible(on); });
  m_run = new QPushButton;
  connect(m_run, &QPushButton::clicked, this, [this] {
    if (m_job != 0)
      cancel();
    else
      run(m_outcome && m_outcome->control.has_value());
  });
  row->addWidget(title);
  row->addWidget(m_note, 1);
  row->addWidget(m_copy);
  row->addWidget(choose);
  row->addWidget(m_run);
  return header;
}

QWidget* EvaluationPanel::makeTables() {
  m_tables = new QWidget;
  auto* row = new QHBoxLayout(m_tables);
  row->setContentsMargins(0, 4, 0, 0);
  row->setSpacing(0);
  auto* left = new QWidget;
  auto* column = new QVBoxLayout(left);
  column->setContentsMargins(0, 0, 0, 4);
  column->setSpacing(2);
  m_test = new QLabel;
  m_test->setProperty("muted", true);
  m_test->setProperty("note", true);
  m_test->setContentsMargins(6, 0, 0, 0);
  column->addWidget(makeTextTableView(&m_fourfold, tr("Right and wrong, A by B")));
  column->addWidget(m_test);
  left->setFixedWidth(Theme::instance().px(168));
  row->addWidget(left);
  row->addWidget(makeTextTableView(&m_kinds, tr("Right answers by kind")), 1);
  return m_tables;
}

QString EvaluationPanel::blocked() const {
  if (!m_workbench.document().currentItem(ItemKind::Model))
    return tr("Open a model first");
  if (m_recipe.steps().enabledSteps() == 0)
    return tr("The recipe has no step that is on");
  if (!m_recipe.steps().canRun() || !m_recipe.form().isValid())
    return tr("A step of the recipe cannot run; see its fields");
  if (settings().tasks.isEmpty())
    return tr("Choose a file of problems");
  return {};
}

void EvaluationPanel::run(bool control) {
  m_recipe.flush();
  const Item* model = m_workbench.document().currentItem(ItemKind::Model);
  if (m_job != 0 || !model || !blocked().isEmpty())
    return;
  const EvaluationSettings chosen = settings();
  PairedRequest request;
  request.model = model->path.toStdString();
  request.tasks = chosen.tasks.toStdString();
  request.scorer = chosen.scorer.toStdString();
  request.only = chosen.only.toStdString();
  request.limit = static_cast<std::size_t>(chosen.limit);
  request.recipe = m_recipe.steps().recipe();
  if (m_recipe.isSaved())
    request.recipeFile =
        m_workbench.document().item(m_recipe.steps().key())->path.toStdString();
  request.control = control;
  request.folder = evaluationFolder();
  request.registry = m_workbench.sharedRegistry();
  m_running = request.recipe;
  m_withControl = control;
  m_partial.clear();
  m_controlProblem.clear();
  m_job = m_workbench.jobs().run<PairedOutcome>(
      {control ? tr("Evaluate the recipe and a random control") : tr("Evaluate the recipe"),
       "evaluate"},
      this,
      [request](const JobContext& context) {
        return runPaired(request, context.threads, context.control);
      },
      [this](base::Result<std::shared_ptr<const PairedOutcome>> result) { accept(result); });
  update();
  Q_EMIT stateChanged();
}

void EvaluationPanel::cancel() {
  if (m_job != 0)
    m_workbench.jobs().cancel(m_job);
}

void EvaluationPanel::accept(const base::Result<std::shared_ptr<const PairedOutcome>>& result) {
  m_job = 0;
  if (!result) {
    const base::Error& error = result.error();
    if (error.code == base::ErrorCode::Cancelled)
      m_partial = tr("Cancelled by you.");
    else if (m_withControl && m_outcome)
      m_controlProblem = QString::fromStdString(error.message);
    else
      Q_EMIT failed(QString::fromStdString(error.describe()));
  } else if (const jobs::evaluate::Evaluation& run = (*result)->evaluation; !run.complete) {
    m_partial = tr("Partial: %1 of %2 answers. Cancelled by you.")
                    .arg(grouped(run.reused + run.ran), grouped(run.total));
  } else {
    m_outcome = *result;
    m_evaluated = m_running;
    m_problems.setOutcome(m_outcome);
    showNumbers();
    Q_EMIT outcomeChanged();
  }
  update();
  Q_EMIT stateChanged();
}

void EvaluationPanel::showNumbers() {
  const bool accuracy = !m_outcome || m_outcome->accuracy;
  m_plot->setRows(intervalRows(m_outcome.get()), accuracy ? tr("pt") : tr("nats"));
  m_plot->setToolTip(m_outcome && m_outcome->control
                         ? QString::fromStdString(m_outcome->controlRecipe)
                         : QString());
  m_tables->setVisible(m_outcome != nullptr);
  if (!m_outcome)
    return;
  showFourfold(m_fourfold, *m_outcome);
  m_test->setText(testText(*m_outcome));
  showKinds(m_kinds, *m_outcome);
}

void EvaluationPanel::update() {
  const QString why = blocked();
  const bool running = m_job != 0;
  const EvaluationSettings chosen = settings();
  QString note = tr("%1, %2 problems, paired, greedy")
                     .arg(QFileInfo(chosen.tasks).completeBaseName() +
                              (chosen.only.isEmpty() ? QString() : " " + chosen.only),
                          chosen.limit > 0 ? grouped(chosen.limit) : tr("all"));
  if (running) {
    const auto job = m_workbench.jobs().job(m_job);
    note = job && job->total > 0
               ? tr("Evaluating: %1 of %2 %3")
                     .arg(grouped(job->done), grouped(job->total), job->phase)
               : tr("Evaluating");
  } else if (!m_partial.isEmpty()) {
    note = m_partial;
  } else if (m_outcome && m_evaluated != m_recipe.steps().recipe()) {
    note = tr("Of the recipe before its last change");
  }
  m_note->setText(note);
  m_note->setToolTip(chosen.tasks);
  m_run->setText(running                  ? tr("Cancel")
                 : !m_partial.isEmpty()   ? tr("Continue")
                 : m_outcome              ? tr("Run again")
                                          : tr("Evaluate"));
  m_run->setEnabled(running || why.isEmpty());
  m_run->setToolTip(running ? QString() : why);
  m_copy->setVisible(m_outcome != nullptr);
  const bool missing = !m_outcome || !m_outcome->control;
  m_runControl->setVisible(missing);
  m_runControl->setText(m_controlProblem.isEmpty() ? tr("Not run yet. Run control")
                                                   : m_controlProblem);
  m_runControl->setEnabled(!running && why.isEmpty());
  m_runControl->setToolTip(
      !m_controlProblem.isEmpty() ? m_controlProblem
      : why.isEmpty() ? tr("The same recipe with random experts that are selected about as often "
                           "on these problems")
                      : why);
  m_plot->setPlaceholder(1, m_runControl);
  m_runControl->setVisible(missing);
}

QString EvaluationPanel::commandLine() const {
  return m_outcome ? QString::fromStdString(m_outcome->evaluation.command) : QString();
}

QString EvaluationPanel::note() const {
  return m_note->text();
}

QString EvaluationPanel::csv() const { return m_outcome ? kindsCsv(*m_outcome) : QString(); }

} // namespace switchyard::studio
