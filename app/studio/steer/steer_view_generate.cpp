// A beside B: the prompt continued without and with the recipe.

#include "app/studio/live/player.h"
#include "app/studio/steer/steer_view.h"

namespace switchyard::studio {

QString SteerView::blocked() const {
  if (!workbench().document().currentItem(ItemKind::Model))
    return tr("Open a model first");
  if (!m_recipe->steps().recipe())
    return tr("Add a step to the recipe first");
  if (!m_recipe->form().isValid() || !m_recipe->steps().canRun())
    return tr("A step of the recipe cannot run; see its fields");
  if (prompt().trimmed().isEmpty())
    return tr("Type a prompt first");
  return {};
}

void SteerView::generate() {
  m_recipe->flush();
  if (!blocked().isEmpty())
    return;
  m_loadingModel = true;
  update();
  workbench().opener().loadModel(
      workbench().document().current(ItemKind::Model), this,
      [this](std::shared_ptr<const LoadedModel> model) { start(std::move(model)); });
}

void SteerView::start(std::shared_ptr<const LoadedModel> model) {
  m_loadingModel = false;
  if (!blocked().isEmpty()) {
    update();
    return;
  }
  const LiveSettings& live = Player::of(workbench()).settings();
  AbRequest request;
  request.model = model;
  request.prompt = prompt().toStdString();
  request.generate = live.generate;
  request.generate.forced.clear();
  request.decoder = live.decoder;
  request.recipe = m_recipe->steps().recipe();
  m_model = std::move(model);
  m_runningPrompt = prompt();
  m_runningRecipe = request.recipe;
  if (const Item* item = workbench().document().currentItem(ItemKind::Model))
    m_runningLines = commandLines(request, item->path);
  m_job = workbench().jobs().run<AbOutcome>(
      {tr("Generate A and B"), "generate-ab"}, this,
      [request, registry = workbench().sharedRegistry()](const JobContext& context) {
        return runAb(request, registry, context.threads, context.control);
      },
      [this](base::Result<std::shared_ptr<const AbOutcome>> result) { accept(result); });
  update();
  Q_EMIT capabilitiesChanged();
}

void SteerView::cancel() {
  if (m_job != 0)
    workbench().jobs().cancel(m_job);
}

void SteerView::accept(const base::Result<std::shared_ptr<const AbOutcome>>& result) {
  m_job = 0;
  if (result) {
    m_outcome = *result;
    m_ranPrompt = m_runningPrompt;
    m_ranRecipe = m_runningRecipe;
    m_ranLines = m_runningLines;
    m_ab->setCommandLines(m_ranLines);
    showOutcome();
  } else if (result.error().code == base::ErrorCode::Cancelled) {
    m_ab->setNote(tr("Cancelled by you."));
  } else {
    workbench().report({.title = tr("A and B could not be generated."),
                        .text = QString::fromStdString(result.error().describe()),
                        .rows = {},
                        .actions = {{tr("Try again"), [this] { generate(); }}},
                        .id = "generate-ab"});
  }
  update();
  Q_EMIT capabilitiesChanged();
}

void SteerView::showOutcome() {
  const PairedOutcome* paired = m_evaluation->outcome();
  std::optional<AbVerdict> verdict;
  if (m_outcome && paired && m_model && m_model->tokenizer)
    verdict = verdictOf(*m_outcome, m_ranPrompt.toStdString(), *m_model->tokenizer,
                        paired->evaluation.measured.tasks);
  if (m_outcome)
    m_ab->setOutcome(m_outcome, m_model->tokenizer, verdict);
  if (paired && paired->accuracy)
    m_ab->setFurther(tr("%1 of %2 problems changed.")
                         .arg(paired->changed.size())
                         .arg(paired->evaluation.measured.tasks.size()));
  Q_EMIT capabilitiesChanged();
}

} // namespace switchyard::studio
