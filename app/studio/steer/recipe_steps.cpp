#include "app/studio/steer/recipe_steps.h"

#include <algorithm>

#include "app/studio/steer/step_options.h"

namespace switchyard::studio {

namespace {

bool same(const routing::RecipeStep& a, const routing::RecipeStep& b) {
  routing::Recipe one;
  routing::Recipe other;
  one.steps = {a};
  other.steps = {b};
  return routing::toJson(one) == routing::toJson(other);
}

/// Leading steps that two lists share.
std::size_t commonHead(const std::vector<routing::RecipeStep>& a,
                       const std::vector<routing::RecipeStep>& b) {
  std::size_t head = 0;
  while (head < a.size() && head < b.size() && same(a[head], b[head]))
    ++head;
  return head;
}

/// Whether `longer` is `shorter` with one more step at `at`.
bool isInsertion(const std::vector<routing::RecipeStep>& shorter,
                 const std::vector<routing::RecipeStep>& longer, std::size_t at) {
  return longer.size() == shorter.size() + 1 &&
         std::equal(shorter.begin() + static_cast<std::ptrdiff_t>(at), shorter.end(),
                    longer.begin() + static_cast<std::ptrdiff_t>(at) + 1, same);
}

} // namespace

RecipeSteps::RecipeSteps(Document& document, std::shared_ptr<plugin::Registry> registry,
                         QObject* parent)
    : QAbstractListModel(parent), m_document(document), m_registry(std::move(registry)) {
  connect(&document, &Document::currentChanged, this, [this](ItemKind kind) {
    if (kind == ItemKind::Recipe)
      follow();
  });
  connect(&document, &Document::itemChanged, this, [this](int key) {
    if (key == m_key)
      follow();
  });
  for (const auto signal : {&Document::itemAdded, &Document::itemRemoved})
    connect(&document, signal, this, &RecipeSteps::follow);
  connect(&document, &Document::cleared, this, &RecipeSteps::follow);
  follow();
}

int RecipeSteps::enabledSteps() const {
  return m_recipe ? static_cast<int>(
                        std::ranges::count(m_recipe->steps, true, &routing::RecipeStep::enabled))
                  : 0;
}

void RecipeSteps::follow() {
  const Item* item = m_document.currentItem(ItemKind::Recipe);
  const ItemKey key = item ? item->key : 0;
  const auto now = item ? item->recipe : nullptr;
  if (key == m_key && now == m_recipe)
    return;
  static const std::vector<routing::RecipeStep> kNone;
  const std::vector<routing::RecipeStep> before = m_recipe ? m_recipe->steps : kNone;
  const std::vector<routing::RecipeStep>& after = now ? now->steps : kNone;
  const std::size_t head = commonHead(before, after);
  const int row = static_cast<int>(head);
  m_changedRow = key == m_key ? row : -1;
  m_findings.clear();
  const auto take = [&] {
    m_key = key;
    m_recipe = now;
  };
  if (key == m_key && before.size() == after.size()) {
    take();
    if (!after.empty())
      Q_EMIT dataChanged(index(0), index(static_cast<int>(after.size()) - 1));
  } else if (key == m_key && isInsertion(before, after, head)) {
    beginInsertRows({}, row, row);
    take();
    endInsertRows();
  } else if (key == m_key && isInsertion(after, before, head)) {
    beginRemoveRows({}, row, row);
    take();
    endRemoveRows();
  } else {
    beginResetModel();
    take();
    endResetModel();
  }
  Q_EMIT recipeChanged();
}

void RecipeSteps::apply(routing::Recipe recipe, const QString& what) {
  m_document.setRecipe(m_key, std::make_shared<const routing::Recipe>(std::move(recipe)), what);
}

QString RecipeSteps::titleOf(int row) const {
  return stepTitle(m_recipe->steps[static_cast<std::size_t>(row)], *m_registry);
}

void RecipeSteps::add(routing::RecipeStep step) {
  const QString title = stepTitle(step, *m_registry);
  if (m_recipe) {
    routing::Recipe recipe = *m_recipe;
    recipe.steps.push_back(std::move(step));
    apply(std::move(recipe), tr("Add step: %1").arg(title));
    return;
  }
  auto recipe = std::make_shared<routing::Recipe>();
  recipe->name = title.toStdString();
  recipe->steps.push_back(std::move(step));
  Item item;
  item.kind = ItemKind::Recipe;
  item.name = title;
  item.detail = tr("%n step(s)", nullptr, 1);
  item.recipe = std::move(recipe);
  m_document.setCurrent(ItemKind::Recipe, m_document.add(std::move(item)));
}

void RecipeSteps::removeStep(int row) {
  if (row < 0 || row >= rowCount())
    return;
  routing::Recipe recipe = *m_recipe;
  recipe.steps.erase(recipe.steps.begin() + row);
  apply(std::move(recipe), tr("Remove step: %1").arg(titleOf(row)));
}

void RecipeSteps::moveStep(int from, int to) {
  if (from < 0 || to < 0 || from >= rowCount() || to >= rowCount() || from == to)
    return;
  routing::Recipe recipe = *m_recipe;
  const QString what = tr("Move step %1 to %2").arg(from + 1).arg(to + 1);
  const auto begin = recipe.steps.begin();
  if (from < to)
    std::rotate(begin + from, begin + from + 1, begin + to + 1);
  else
    std::rotate(begin + to, begin + from, begin + from + 1);
  apply(std::move(recipe), what);
}

void RecipeSteps::setEnabled(int row, bool enabled) {
  if (row < 0 || row >= rowCount())
    return;
  routing::Recipe recipe = *m_recipe;
  routing::RecipeStep& step = recipe.steps[static_cast<std::size_t>(row)];
  if (step.enabled == enabled)
    return;
  step.enabled = enabled;
  apply(std::move(recipe),
        (enabled ? tr("Switch on: %1") : tr("Switch off: %1")).arg(titleOf(row)));
}

void RecipeSteps::replace(int row, routing::RecipeStep step) {
  if (row < 0 || row >= rowCount() || same(step, m_recipe->steps[static_cast<std::size_t>(row)]))
    return;
  routing::Recipe recipe = *m_recipe;
  recipe.steps[static_cast<std::size_t>(row)] = std::move(step);
  const QString what = changeText(*m_recipe, recipe);
  apply(std::move(recipe), what);
}

void RecipeSteps::setFindings(std::vector<jobs::RecipeFinding> findings) {
  m_findings = std::move(findings);
  if (rowCount() > 0)
    Q_EMIT dataChanged(index(0), index(rowCount() - 1), {ProblemRole});
}

QStringList RecipeSteps::findingsOf(int row, jobs::RecipeLevel level) const {
  QStringList texts;
  for (const jobs::RecipeFinding& finding : m_findings)
    if (finding.step == row + 1 && finding.level == level)
      texts << QString::fromStdString(finding.message);
  return texts;
}

bool RecipeSteps::canRun() const {
  return m_recipe && std::ranges::none_of(m_findings, [](const jobs::RecipeFinding& finding) {
           return finding.level == jobs::RecipeLevel::Error;
         });
}

int RecipeSteps::rowCount(const QModelIndex& parent) const {
  return parent.isValid() || !m_recipe ? 0 : static_cast<int>(m_recipe->steps.size());
}

QVariant RecipeSteps::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount())
    return {};
  const routing::RecipeStep& step = m_recipe->steps[static_cast<std::size_t>(index.row())];
  switch (role) {
  case Qt::DisplayRole:
    return titleOf(index.row());
  case ScopeRole:
    return step.enabled ? scopeText(step.scope) : tr("off");
  case ProblemRole:
    return findingsOf(index.row(), jobs::RecipeLevel::Error).join(' ');
  case Qt::CheckStateRole:
    return step.enabled ? Qt::Checked : Qt::Unchecked;
  case Qt::AccessibleTextRole:
    return tr("Step %1: %2, %3")
        .arg(index.row() + 1)
        .arg(titleOf(index.row()), data(index, ScopeRole).toString());
  default:
    return {};
  }
}

bool RecipeSteps::setData(const QModelIndex& index, const QVariant& value, int role) {
  if (role != Qt::CheckStateRole || !index.isValid() || index.row() >= rowCount())
    return false;
  setEnabled(index.row(), value.toInt() == Qt::Checked);
  return true;
}

Qt::ItemFlags RecipeSteps::flags(const QModelIndex& index) const {
  if (!index.isValid())
    return Qt::ItemIsDropEnabled;
  return Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable | Qt::ItemIsDragEnabled;
}

} // namespace switchyard::studio
