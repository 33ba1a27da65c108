#include "app/studio/steer/steer_view.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QLineEdit>
#include <QPushButton>
#include <QSplitter>

#include "app/studio/live/player.h"
#include "app/studio/shell/examples.h"
#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {
/// Changed by the sample recipe; a problem of data/tasks.
const char* const kExamplePrompt = "Q: Max has 52 stamps. Max loses 2. How many stamps does Max "
                                   "have? <think>";
} // namespace

SteerView::SteerView(Workbench& workbench, const QString& id, const QString& title)
    : View(workbench, id, title), m_prompt(new QLineEdit), m_generate(new QPushButton),
      m_recipe(new RecipePanel(workbench)), m_ab(new AbPanel),
      m_evaluation(new EvaluationPanel(workbench, *m_recipe)) {
  m_prompt->setPlaceholderText(tr("Text that both continue"));
  m_prompt->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  m_prompt->setFont(Theme::instance().mono(TextSize::Control));
  const QString present = Player::of(workbench).settings().prompt;
  m_prompt->setText(present.isEmpty() ? QString(kExamplePrompt) : present);
  m_generate->setProperty("primary", true);
  addControl(tr("Prompt"), m_prompt);
  addControl(m_generate);
  auto* right = new QSplitter(Qt::Vertical);
  right->addWidget(m_ab);
  right->addWidget(&m_evaluation->changed());
  right->addWidget(m_evaluation);
  right->setSizes({130, 120, 220});
  right->setStretchFactor(0, 2);
  right->setStretchFactor(1, 3);
  right->setStretchFactor(2, 0);
  right->setChildrenCollapsible(false);
  auto* whole = new QSplitter(Qt::Horizontal);
  whole->addWidget(m_recipe);
  whole->addWidget(right);
  whole->setSizes({248, 556});
  whole->setStretchFactor(0, 0);
  whole->setStretchFactor(1, 1);
  whole->setChildrenCollapsible(false);
  m_recipe->setMinimumWidth(Theme::instance().px(220));
  setCanvas(whole);
  whole->setFocusProxy(&m_recipe->list());
  connect(m_generate, &QPushButton::clicked, this, [this] {
    if (m_job != 0)
      cancel();
    else
      generate();
  });
  connect(m_prompt, &QLineEdit::returnPressed, this, &SteerView::generate);
  connect(m_prompt, &QLineEdit::textChanged, this, &SteerView::update);
  connect(&m_recipe->steps(), &RecipeSteps::recipeChanged, this, &SteerView::update);
  connect(&m_recipe->steps(), &QAbstractItemModel::dataChanged, this, &SteerView::update);
  connect(&m_recipe->form(), &StepForm::validityChanged, this, &SteerView::update);
  connect(&workbench.document(), &Document::currentChanged, this, &SteerView::refresh);
  connect(&workbench.jobs(), &JobRunner::changed, this, [this](quint64 job) {
    if (job == m_job && m_job != 0)
      update();
  });
  connect(m_ab, &AbPanel::copyRequested, this, [this](const QString& lines) {
    this->workbench().copyText(lines, tr("the command lines"));
  });
  connect(m_evaluation, &EvaluationPanel::outcomeChanged, this, &SteerView::showOutcome);
  connect(m_evaluation, &EvaluationPanel::stateChanged, this, &View::capabilitiesChanged);
  connect(m_evaluation, &EvaluationPanel::failed, this, [this](const QString& text) {
    this->workbench().report({.title = tr("The evaluation ended with an error."),
                              .text = text,
                              .rows = {},
                              .actions = {{tr("Try again"), [this] { m_evaluation->run(false); }}},
                              .id = "evaluate-recipe"});
  });
  connect(&m_evaluation->changed(), &ChangedList::problemChosen, this,
          [this](const QString& chosen) {
            setPrompt(chosen);
            generate();
          });
  refresh();
}

QString SteerView::prompt() const {
  return m_prompt->text();
}

void SteerView::setPrompt(const QString& prompt) {
  m_prompt->setText(prompt);
  m_prompt->setCursorPosition(0);
}

void SteerView::refresh() {
  const Document& document = workbench().document();
  const Item* model = document.currentItem(ItemKind::Model);
  if (!model && document.keys(ItemKind::Recipe).empty())
    showEmpty(tr("No model is open"),
              tr("A recipe changes the routing of a model while it runs: open one to see what "
                 "changes."),
              {{tr("Open demo model"),
                [this] {
                  openDemoModel(workbench());
                  workbench().showView(id());
                }},
               {tr("Open model…"), [this] {
                  if (QAction* open = workbench().actions().action("file.open-model"))
                    open->trigger();
                }}});
  else if (model && model->modelFacts && model->modelFacts->moeLayers == 0)
    showEmpty({}, tr("This model has no mixture-of-experts layers. Nothing to show."));
  else
    clearState();
  update();
}

void SteerView::update() {
  const QString why = blocked();
  const bool running = m_job != 0;
  m_generate->setText(running ? tr("Cancel") : tr("Generate A and B"));
  m_generate->setIcon(icon(running ? "stop-fill" : "play-fill", Ink::AccentText));
  m_generate->setEnabled(running || (why.isEmpty() && !m_loadingModel));
  m_generate->setToolTip(running ? tr("Shift+Esc") : why.isEmpty() ? tr("Ctrl+Enter") : why);
  if (running) {
    const auto job = workbench().jobs().job(m_job);
    m_ab->setNote(job && job->total > 0 ? tr("Generating: %1 %2").arg(job->done).arg(job->phase)
                                        : tr("Generating"));
  } else if (m_loadingModel) {
    m_ab->setNote(tr("Loading the model"));
  } else if (m_outcome && m_ranRecipe != m_recipe->steps().recipe()) {
    m_ab->setNote(tr("B is of the recipe before its last change."));
  } else if (m_outcome && m_ab->outcome() == m_outcome.get()) {
    m_ab->setNote({});
  }
}

bool SteerView::handles(const QString& actionId) const {
  if (actionId == "run.generate")
    return m_job == 0 && blocked().isEmpty();
  if (actionId == "run.stop")
    return m_job != 0 || m_evaluation->job() != 0;
  return View::handles(actionId);
}

void SteerView::command(const QString& actionId) {
  if (actionId == "run.generate")
    generate();
  else if (actionId == "run.stop") {
    cancel();
    m_evaluation->cancel();
  } else
    View::command(actionId);
}

std::optional<jobs::report::Part> SteerView::reportPart(ReportPiece piece) {
  const PairedOutcome* outcome = m_evaluation->outcome();
  if (piece == ReportPiece::Shown)
    return View::reportPart(piece);
  if (!outcome || !outcome->evaluation.complete)
    return std::nullopt;
  jobs::report::Part part = partOfView();
  part.command = outcome->evaluation.command;
  part.results.emplace_back("evaluate", outcome->evaluation.result);
  return part;
}

QString SteerView::csv() const {
  const QString paired = m_evaluation->csv();
  const QString tokens = m_ab->csv();
  return paired.isEmpty() || tokens.isEmpty() ? paired + tokens : paired + "\n" + tokens;
}

QString SteerView::commandLine() const {
  const QString evaluation = m_evaluation->commandLine();
  return evaluation.isEmpty() ? m_ranLines : evaluation;
}

QString SteerView::saveState() const {
  const EvaluationSettings settings = m_evaluation->settings();
  return QJsonDocument(QJsonObject{{"prompt", prompt()},
                                   {"tasks", settings.tasks},
                                   {"scorer", settings.scorer},
                                   {"only", settings.only},
                                   {"limit", settings.limit}})
      .toJson(QJsonDocument::Compact);
}

void SteerView::restoreState(const QString& state) {
  const QJsonObject object = QJsonDocument::fromJson(state.toUtf8()).object();
  if (object.isEmpty())
    return;
  setPrompt(object.value("prompt").toString());
  EvaluationSettings settings = m_evaluation->settings();
  settings.tasks = object.value("tasks").toString(settings.tasks);
  settings.scorer = object.value("scorer").toString(settings.scorer);
  settings.only = object.value("only").toString();
  settings.limit = object.value("limit").toInt(settings.limit);
  m_evaluation->setSettings(settings);
}

} // namespace switchyard::studio
