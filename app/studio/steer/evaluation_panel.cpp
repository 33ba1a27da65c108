#include "app/studio/steer/evaluation_panel.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/studio/document/numbers.h"
#include "app/studio/shell/elided_label.h"
#include "app/studio/shell/examples.h"
#include "app/studio/steer/evaluation_numbers.h"
#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

EvaluationPanel::EvaluationPanel(Workbench& workbench, RecipePanel& recipe, QWidget* parent)
    : QWidget(parent), m_workbench(workbench), m_recipe(recipe), m_evaluation(workbench),
      m_settings(new EvaluationForm), m_plot(new IntervalPlot),
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
  connect(&m_evaluation, &EvaluationRun::progressed, this, &EvaluationPanel::update);
  connect(&m_evaluation, &EvaluationRun::failed, this, &EvaluationPanel::failed);
  connect(&m_evaluation, &EvaluationRun::outcomeChanged, this, [this] {
    m_problems.setOutcome(m_evaluation.outcome());
    showNumbers();
    Q_EMIT outcomeChanged();
  });
  connect(&m_evaluation, &EvaluationRun::stateChanged, this, [this] {
    update();
    Q_EMIT stateChanged();
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
  m_note = new ElidedLabel;
  m_note->setObjectName("figureQuestion");
  m_copy = new QPushButton(tr("Copy as command line"));
  m_copy->setProperty("flat", true);
  connect(m_copy, &QPushButton::clicked, this,
          [this] { m_workbench.copyText(commandLine(), tr("the command line")); });
  auto* choose = new QToolButton;
  choose->setIcon(icon("sliders"));
  choose->setCheckable(true);
  choose->setToolTip(tr("Choose the problems"));
  choose->setAccessibleName(tr("Choose the problems"));
  connect(choose, &QToolButton::toggled, this, [this](bool on) { m_settings->setVisible(on); });
  m_run = new QPushButton;
  connect(m_run, &QPushButton::clicked, this, [this] {
    if (m_evaluation.job() != 0)
      m_evaluation.cancel();
    else
      run(outcome() && outcome()->control.has_value());
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
  row->setSpacing(Theme::instance().px(16));
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
  if (m_evaluation.job() != 0 || !model || !blocked().isEmpty())
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
    request.recipeFile = m_workbench.document().item(m_recipe.steps().key())->path.toStdString();
  request.control = control;
  m_evaluation.start(std::move(request));
}

void EvaluationPanel::showNumbers() {
  const PairedOutcome* found = outcome();
  const bool accuracy = !found || found->accuracy;
  m_plot->setRows(intervalRows(found), accuracy ? tr("pt") : tr("nats"));
  m_plot->setToolTip(found && found->control ? QString::fromStdString(found->controlRecipe)
                                             : QString());
  m_tables->setVisible(found != nullptr);
  if (!found)
    return;
  showFourfold(m_fourfold, *found);
  m_test->setText(testText(*found));
  showKinds(m_kinds, *found);
}

void EvaluationPanel::update() {
  const QString why = blocked();
  const bool running = m_evaluation.job() != 0;
  const EvaluationSettings chosen = settings();
  QString note = tr("%1, %2 problems, paired, greedy")
                     .arg(QFileInfo(chosen.tasks).completeBaseName() +
                              (chosen.only.isEmpty() ? QString() : " " + chosen.only),
                          chosen.limit > 0 ? grouped(chosen.limit) : tr("all"));
  if (running) {
    note = m_evaluation.progress();
  } else if (!m_evaluation.partial().isEmpty()) {
    note = m_evaluation.partial();
  } else if (outcome() && m_evaluation.evaluated() != m_recipe.steps().recipe()) {
    note = tr("Of the recipe before its last change");
  }
  m_note->setText(note);
  m_note->setToolTip(chosen.tasks);
  m_run->setText(running                             ? tr("Cancel")
                 : !m_evaluation.partial().isEmpty() ? tr("Continue")
                 : outcome()                         ? tr("Run again")
                                                     : tr("Evaluate"));
  m_run->setEnabled(running || why.isEmpty());
  m_run->setToolTip(running ? QString() : why);
  m_copy->setVisible(outcome() != nullptr);
  const bool missing = !outcome() || !outcome()->control;
  m_runControl->setVisible(missing);
  const QString& problem = m_evaluation.controlProblem();
  m_runControl->setText(problem.isEmpty() ? tr("Not run yet. Run control") : problem);
  m_runControl->setEnabled(!running && why.isEmpty());
  m_runControl->setToolTip(
      !problem.isEmpty() ? problem
      : why.isEmpty() ? tr("The same recipe with random experts that are selected about as often "
                           "on these problems")
                      : why);
  m_plot->setPlaceholder(1, m_runControl);
  m_runControl->setVisible(missing);
}

QString EvaluationPanel::commandLine() const {
  return outcome() ? QString::fromStdString(outcome()->evaluation.command) : QString();
}

QString EvaluationPanel::note() const {
  return m_note->text();
}

QString EvaluationPanel::csv() const {
  return outcome() ? kindsCsv(*outcome()) : QString();
}

} // namespace switchyard::studio
