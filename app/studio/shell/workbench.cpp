#include "app/studio/shell/workbench.h"

#include <QClipboard>
#include <QFileInfo>
#include <QGuiApplication>

#include <nlohmann/json.hpp>

#include "app/studio/shell/problems.h"

namespace switchyard::studio {

Workbench::Workbench(std::shared_ptr<plugin::Registry> registry, QObject* parent)
    : QObject(parent), m_registry(std::move(registry)), m_opener(m_document, m_jobs) {
  connect(&m_opener, &Opener::opened, this, [this](int, const QString& path) {
    m_log.add(base::LogLevel::Info, tr("opened %1").arg(path));
  });
  connect(&m_opener, &Opener::failed, this, [this](const QString& path, const base::Error& error) {
    report(openProblem(*this, path, error));
  });
}

Workbench::~Workbench() = default;

void Workbench::openFile(const QString& path) {
  if (guessKind(path) == FileKind::Session)
    Q_EMIT sessionRequested(path);
  else
    m_opener.open(path);
}

void Workbench::report(const Problem& problem) {
  m_log.add(base::LogLevel::Error,
            problem.text.isEmpty() ? problem.title : problem.title + " " + problem.text);
  Q_EMIT this->problem(problem);
}

void Workbench::notify(const QString& text, bool undoable) {
  Q_EMIT notified(text, undoable);
}

void Workbench::setActivity(const QString& text) {
  if (text == m_activity)
    return;
  m_activity = text;
  Q_EMIT activityChanged();
}

void Workbench::showView(const QString& viewId) {
  Q_EMIT viewRequested(viewId);
}

void Workbench::showResult(ItemKey result) {
  m_document.setCurrent(ItemKind::Result, result);
  Q_EMIT resultRequested(result);
}

void Workbench::copyText(const QString& text, const QString& what) {
  QGuiApplication::clipboard()->setText(text);
  notify(tr("Copied %1").arg(what));
}

void Workbench::steer(SteerStep kind, const ExpertKey& expert, double factor) {
  const std::string place = std::to_string(expert.layer) + ":" + std::to_string(expert.expert);
  routing::RecipeStep step;
  nlohmann::json options{{"experts", {place}}};
  QString what;
  switch (kind) {
  case SteerStep::Ban:
    step.plugin = "ban";
    what = tr("Ban %1").arg(toText(expert));
    break;
  case SteerStep::Boost:
    step.plugin = "boost";
    options["multiplier"] = factor;
    what = tr("Boost %1 × %2").arg(toText(expert)).arg(factor);
    break;
  case SteerStep::Force:
    step.plugin = "force";
    what = tr("Force %1").arg(toText(expert));
    break;
  }
  step.options = options.dump();
  const ItemKey current = m_document.current(ItemKind::Recipe);
  auto recipe = std::make_shared<routing::Recipe>();
  if (const Item* item = m_document.item(current); item && item->recipe)
    *recipe = *item->recipe;
  recipe->steps.push_back(std::move(step));
  if (current != 0) {
    m_document.setRecipe(current, std::move(recipe), what);
  } else {
    Item item;
    item.kind = ItemKind::Recipe;
    item.name = what;
    item.detail = tr("%n step(s)", nullptr, 1);
    recipe->name = what.toStdString();
    item.recipe = std::move(recipe);
    m_document.add(std::move(item));
  }
  notify(tr("%1 added to the recipe.").arg(what), true);
}

} // namespace switchyard::studio
