// A figure's items as the session's selection, both ways, and what can be done with one.

#include <algorithm>

#include <QMenu>

#include "app/studio/inspector/inspection.h"
#include "app/studio/shell/go_to_menu.h"
#include "app/studio/views/figure_panel.h"

namespace switchyard::studio {

void FigurePanel::toggleCurrent() {
  if (m_figure->currentItem() >= 0)
    choose(m_figure->currentItem(), Qt::ControlModifier);
}

void FigurePanel::selectAll() {
  if (m_figure->scene())
    chooseMany(m_figure->scene()->itemsIn(QRectF(m_figure->rect())), false);
}

std::vector<ExpertKey> FigurePanel::expertsOf(int item) const {
  if (item < 0 || !m_link.expertsOf || !m_figure->scene() || item >= m_figure->scene()->items())
    return {};
  return m_link.expertsOf(item);
}

void FigurePanel::updateMarks() {
  FigureMarks marks;
  const Selection& selection = m_workbench.selection();
  if (!m_link.itemsOf) {
    marks.primary = m_chosen;
  } else if (m_view.isLinked()) {
    const auto first = [&](const Mark& mark) {
      const auto* expert = std::get_if<ExpertKey>(&mark);
      const std::vector<int> items = expert ? m_link.itemsOf(*expert) : std::vector<int>();
      return items.empty() ? -1 : items.front();
    };
    for (const ExpertKey& expert : selection.experts())
      if (const std::vector<int> items = m_link.itemsOf(expert); items.size() == 1)
        marks.set.push_back(items.front());
    std::ranges::sort(marks.set);
    if (selection.primaryExpert()) {
      marks.group = m_link.itemsOf(*selection.primaryExpert());
      if (marks.group.size() == 1)
        marks.primary = marks.group.front();
    }
    if (m_link.itemOfPair && selection.experts().size() == 2 && selection.primaryExpert()) {
      const ExpertKey other =
          selection.experts()[selection.experts().front() == *selection.primaryExpert() ? 1 : 0];
      if (const int pair = m_link.itemOfPair(other, *selection.primaryExpert()); pair >= 0)
        marks.primary = pair;
    }
    // Of a column of cells the chosen one stays marked while its expert is the primary one.
    if (m_chosen >= 0 && selection.primaryExpert() && !expertsOf(m_chosen).empty() &&
        expertsOf(m_chosen).back() == *selection.primaryExpert())
      marks.primary = m_chosen;
    marks.pin = first(selection.pin());
    marks.hover = first(selection.hover());
  }
  m_figure->setMarks(marks);
  if (showsTable())
    m_table->showRow(marks.primary);
}

void FigurePanel::choose(int item, Qt::KeyboardModifiers modifiers) {
  m_chosen = item;
  const std::vector<ExpertKey> experts = expertsOf(item);
  Selection& selection = m_workbench.selection();
  if (experts.empty() || !m_view.isLinked()) {
    updateMarks();
  } else if (modifiers.testFlag(Qt::ControlModifier)) {
    selection.select(experts.back(), SelectMode::Toggle);
  } else if (modifiers.testFlag(Qt::ShiftModifier)) {
    selection.select(experts.back(), SelectMode::Extend);
  } else {
    selection.select(experts.front());
    if (experts.size() > 1)
      selection.select(experts.back(), SelectMode::Extend);
  }
  updateMarks();
  if (const FigureScene* scene = m_figure->scene(); scene && item >= 0 && item < scene->items())
    Inspection::of(m_workbench)
        .show({.title = scene->nameOf(item),
               .source = scene->title(),
               .rows = scene->facts(item),
               .formula = m_view.formula(),
               .command = m_view.commandLine()});
  Q_EMIT itemChosen(item);
}

void FigurePanel::chooseMany(const std::vector<int>& items, bool add) {
  std::vector<ExpertKey> experts =
      add ? m_workbench.selection().experts() : std::vector<ExpertKey>();
  for (const int item : items)
    for (const ExpertKey& expert : expertsOf(item))
      experts.push_back(expert);
  if (m_view.isLinked() && m_link.expertsOf)
    m_workbench.selection().selectExperts(std::move(experts));
}

void FigurePanel::showMenu(int item, const QPoint& at) {
  QMenu menu;
  const ActionTable& actions = m_workbench.actions();
  const auto add = [&](std::initializer_list<const char*> ids) {
    for (const char* id : ids)
      if (QAction* action = actions.action(id))
        menu.addAction(action);
  };
  const std::vector<ExpertKey> experts = expertsOf(item);
  if (!experts.empty()) {
    // The actions mean the primary expert: what was clicked becomes that.
    if (m_workbench.selection().primaryExpert() != experts.back())
      choose(item, {});
    menu.addSection(toText(experts.back()));
    add({"selection.ban", "selection.boost", "selection.force", "selection.pin",
         "selection.only-tokens"});
    addGoTo(menu, m_workbench, experts.back());
    menu.addSeparator();
  }
  if (item >= 0 && m_figure->scene())
    menu.addAction(tr("Copy value"), this, [this, item] {
      m_workbench.copyText(m_figure->scene()->valueOf(item), tr("the value"));
    });
  Q_EMIT becameCurrent();
  add({"report.add", "edit.copy-data", "edit.copy-image", "file.export", "edit.copy-command"});
  if (!menu.isEmpty())
    menu.exec(at);
}

} // namespace switchyard::studio
