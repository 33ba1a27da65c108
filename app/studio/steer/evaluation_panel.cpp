#include "app/studio/steer/evaluation_panel.h"

#include <algorithm>
#include <cmath>

#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QStandardPaths>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/studio/document/numbers.h"
#include "app/studio/figures/value_text.h"
#include "app/studio/shell/examples.h"
#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

const QChar kMinus(0x2212);

QString signedText(double value, int decimals) {
  QString text = QString::number(std::abs(value), 'f', decimals);
  const bool zero = text.toDouble() == 0;
  return value < 0 && !zero ? kMinus + text : text;
}

/// Two significant digits of the interval's width decide the decimals.
int decimalsFor(double width) {
  return width <= 0 ? 1 : std::clamp(1 - static_cast<int>(std::floor(std::log10(width))), 0, 6);
}

IntervalRow rowOf(const QString& title, const PairedNumbers& numbers, bool accuracy) {
  const double scale = accuracy ? 100 : 1;
  IntervalRow row;
  row.title = title;
  row.difference = numbers.difference * scale;
  row.low = numbers.interval.first * scale;
  row.high = numbers.interval.second * scale;
  const int decimals = decimalsFor(row.high - row.low);
  row.value = EvaluationPanel::tr("%1 %2 [%3, %4]")
                  .arg(signedText(row.difference, decimals),
                       accuracy ? EvaluationPanel::tr("points") : EvaluationPanel::tr("nats"),
                       signedText(row.low, decimals), signedText(row.high, decimals));
  return row;
}

std::filesystem::path evaluationFolder() {
  return (QStandardPaths::writableLocation(QStandardPaths::CacheLocation) + "/evaluations")
      .toStdString();
}

} // namespace

EvaluationPanel::EvaluationPanel(Workbench& workbench, RecipePanel& recipe, QWidget* parent)
    : QWidget(parent), m_workbench(workbench), m_recipe(recipe), m_plot(new IntervalPlot),
      m_changed(new ChangedList(m_problems, this)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(makeHeader());
  layout->addWidget(makeSettings());
  layout->addWidget(m_plot);
  layout->addWidget(makeTables(), 100);
  layout->addStretch(1); // while there are no tables
  m_plot->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  m_runControl = new QPushButton;
  m_plot->setPlaceholder(1, m_runControl);
  connect(m_runControl, &QPushButton::clicked, this, [this] { run(true); });
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

QWidget* EvaluationPanel::makeSettings() {
  m_settings = new QWidget;
  m_settings->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  auto* row = new QHBoxLayout(m_settings);
  row->setContentsMargins(10, 4, 10, 4);
  row->setSpacing(6);
  const auto add = [&](const QString& name, QWidget* field, int stretch) {
    auto* label = new QLabel(name);
    label->setProperty("muted", true);
    label->setBuddy(field);
    field->setAccessibleName(name);
    row->addWidget(label);
    row->addWidget(field, stretch);
  };
  m_tasks = new QLineEdit;
  m_tasks->setToolTip(tr("JSONL file: one problem a row, with \"prompt\" and \"answer\""));
  m_scorer = new QLineEdit;
  m_scorer->setToolTip(tr("Scorer of problems that name none: exact, numeric, contains, "
                          "regex:pattern=P; exact:after=A: looks behind \"A:\""));
  m_only = new QLineEdit;
  m_only->setPlaceholderText("style=think");
  m_only->setToolTip(tr("LABEL=VALUE: problems with this label only"));
  m_limit = new QSpinBox;
  m_limit->setRange(0, 1'000'000);
  m_limit->setSpecialValueText(tr("all"));
  m_limit->setToolTip(tr("Of those, the first"));
  auto* browseButton = new QToolButton;
  browseButton->setIcon(icon("folder2-open"));
  browseButton->setToolTip(tr("Choose a file of problems"));
  browseButton->setAccessibleName(tr("Choose a file of problems"));
  connect(browseButton, &QToolButton::clicked, this, &EvaluationPanel::browse);
  add(tr("File"), m_tasks, 4);
  row->addWidget(browseButton);
  add(tr("Scorer"), m_scorer, 3);
  add(tr("Only"), m_only, 2);
  add(tr("First"), m_limit, 0);
  for (QLineEdit* field : {m_tasks, m_scorer, m_only})
    connect(field, &QLineEdit::textChanged, this, &EvaluationPanel::update);
  connect(m_limit, &QSpinBox::valueChanged, this, &EvaluationPanel::update);
  m_settings->hide();
  return m_settings;
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

EvaluationSettings EvaluationPanel::settings() const {
  return {m_tasks->text().trimmed(), m_scorer->text().trimmed(), m_only->text().trimmed(),
          m_limit->value()};
}

void EvaluationPanel::setSettings(const EvaluationSettings& settings) {
  m_tasks->setText(settings.tasks);
  m_scorer->setText(settings.scorer);
  m_only->setText(settings.only);
  m_limit->setValue(settings.limit);
}

void EvaluationPanel::browse() {
  const QString path = QFileDialog::getOpenFileName(this, tr("Choose a file of problems"),
                                                    m_tasks->text(), tr("Problems (*.jsonl)"));
  if (!path.isEmpty())
    m_tasks->setText(path);
}

QString EvaluationPanel::blocked() const {
  if (!m_workbench.document().currentItem(ItemKind::Model))
    return tr("Open a model first");
  if (m_recipe.steps().enabledSteps() == 0)
    return tr("The recipe has no step that is on");
  if (!m_recipe.steps().canRun() || !m_recipe.form().isValid())
    return tr("A step of the recipe cannot run; see its fields");
  if (m_tasks->text().trimmed().isEmpty())
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
  std::vector<IntervalRow> rows(2);
  const bool accuracy = !m_outcome || m_outcome->accuracy;
  rows[0].title = accuracy ? tr("B − A, right answers") : tr("B − A, loss");
  rows[1].title = tr("Matched random control");
  if (m_outcome) {
    rows[0] = rowOf(rows[0].title, m_outcome->recipe, accuracy);
    if (m_outcome->control)
      rows[1] = rowOf(rows[1].title, *m_outcome->control, accuracy);
    rows[1].muted = true;
  }
  m_plot->setRows(std::move(rows), accuracy ? tr("pt") : tr("nats"));
  m_plot->setToolTip(m_outcome && m_outcome->control
                         ? QString::fromStdString(m_outcome->controlRecipe)
                         : QString());
  m_tables->setVisible(m_outcome != nullptr);
  if (!m_outcome)
    return;
  const auto& table = m_outcome->table;
  const auto count = [&](int a, int b) {
    return TextTable::Cell{grouped(table[static_cast<std::size_t>(a)][static_cast<std::size_t>(b)]),
                           a != b};
  };
  if (accuracy)
    m_fourfold.setCells({tr("A right"), tr("A wrong")}, {tr("B right"), tr("B wrong")},
                        {{count(1, 1), count(1, 0)}, {count(0, 1), count(0, 0)}});
  else
    m_fourfold.setCells({}, {}, {});
  m_test->setText(tr("%1 p = %2")
                      .arg(accuracy ? tr("McNemar exact") : tr("Sign flips"),
                           pText(m_outcome->recipe.p))
                      .replace("= <", "<"));
  QStringList columns;
  std::vector<std::vector<TextTable::Cell>> cells(3);
  KindRow all{"all", 0, 0, 0};
  const auto addKind = [&](const KindRow& kind) {
    const auto shown = [&](double sum) {
      return accuracy ? grouped(qRound64(sum))
                      : QString::number(sum / static_cast<double>(kind.problems), 'f', 3);
    };
    columns << QString::fromStdString(kind.kind);
    cells[0].push_back({grouped(kind.problems)});
    cells[1].push_back({shown(kind.a)});
    cells[2].push_back({shown(kind.b), shown(kind.a) != shown(kind.b)});
  };
  for (const KindRow& kind : m_outcome->kinds) {
    if (m_outcome->kinds.size() > 1)
      addKind(kind);
    all.problems += kind.problems;
    all.a += kind.a;
    all.b += kind.b;
  }
  all.kind = tr("all").toStdString();
  addKind(all);
  m_kinds.setCells({tr("n"), accuracy ? tr("A right") : tr("A loss"),
                    accuracy ? tr("B right") : tr("B loss")},
                   columns, std::move(cells));
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

QString EvaluationPanel::csv() const {
  if (!m_outcome)
    return {};
  QString text = "kind,problems,a,b\n";
  for (const KindRow& kind : m_outcome->kinds)
    text += QString("\"%1\",%2,%3,%4\n")
                .arg(QString::fromStdString(kind.kind).replace('"', "\"\""))
                .arg(kind.problems)
                .arg(kind.a)
                .arg(kind.b);
  return text;
}

} // namespace switchyard::studio
