#include "app/studio/steer/recipe_panel.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/studio/steer/step_options.h"
#include "app/studio/theme/flash.h"
#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

QToolButton* iconButton(const QString& image, const QString& name, const QString& keys) {
  auto* button = new QToolButton;
  button->setIcon(icon(image));
  button->setToolTip(keys.isEmpty() ? name : QString("%1 (%2)").arg(name, keys));
  button->setAccessibleName(name);
  return button;
}

QWidget* headerRow() {
  auto* row = new QWidget;
  row->setObjectName("figureHeader");
  row->setAttribute(Qt::WA_StyledBackground);
  return row;
}

} // namespace

RecipePanel::RecipePanel(Workbench& workbench, QWidget* parent)
    : QWidget(parent), m_workbench(workbench),
      m_steps(workbench.document(), workbench.sharedRegistry()), m_file(workbench, m_steps, this),
      m_list(new StepList(m_steps)), m_form(new StepForm(m_steps, workbench.sharedRegistry())) {
  auto* lower = new QWidget;
  auto* column = new QVBoxLayout(lower);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  m_formTitle = new QLabel;
  m_formTitle->setObjectName("figureTitle");
  m_formTitle->setContentsMargins(10, 8, 10, 0);
  auto* scroll = new QScrollArea;
  scroll->setAccessibleName(tr("Options of the step"));
  scroll->setWidgetResizable(true);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setWidget(m_form);
  column->addWidget(m_formTitle);
  column->addWidget(scroll, 1);
  auto* split = new QSplitter(Qt::Vertical);
  split->addWidget(m_list);
  split->addWidget(lower);
  split->setSizes({150, 320});
  split->setStretchFactor(1, 1);
  auto* none = new QLabel(tr("No steps yet. Add one with +, or ban, boost or force an expert "
                             "anywhere in the window."));
  none->setWordWrap(true);
  none->setAlignment(Qt::AlignCenter);
  none->setProperty("muted", true);
  none->setContentsMargins(16, 16, 16, 16);
  m_body = new QStackedWidget;
  m_body->addWidget(none);
  m_body->addWidget(split);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(makeHeader());
  layout->addWidget(m_body, 1);
  layout->addWidget(makeFooter());
  connect(m_list, &StepList::currentRowChanged, this, [this](int row) {
    m_form->showStep(row);
    update();
  });
  connect(&m_steps, &QAbstractItemModel::rowsInserted, this,
          [this](const QModelIndex&, int first, int) { m_list->setCurrentRow(first); });
  connect(&m_steps, &QAbstractItemModel::modelReset, this, [this] { m_list->setCurrentRow(0); });
  connect(&m_steps, &QAbstractItemModel::dataChanged, this, &RecipePanel::update);
  connect(&m_steps, &RecipeSteps::recipeChanged, this, [this] {
    check();
    update();
  });
  connect(&workbench.document(), &Document::itemChanged, this, &RecipePanel::update);
  connect(&workbench.document(), &Document::currentChanged, this, [this](ItemKind kind) {
    if (kind == ItemKind::Model)
      check();
  });
  connect(&workbench.document(), &Document::stepped, this, [this](JournalEntry::Kind, int key) {
    if (const int row = m_steps.changedRow(); key == m_steps.key() && row >= 0)
      flash(m_list->viewport(), m_list->visualRect(m_steps.index(row)));
  });
  connect(&m_file, &RecipeFile::aboutToSave, this, &RecipePanel::flush);
  connect(&m_file, &RecipeFile::learnt, this, &RecipePanel::update);
  m_list->setCurrentRow(0);
  check();
  update();
}

RecipePanel::~RecipePanel() {
  m_list->disconnect(this); // it outlives the steps
}

QWidget* RecipePanel::makeHeader() {
  const Theme& theme = Theme::instance();
  QWidget* header = headerRow();
  header->setFixedHeight(theme.px(26));
  auto* row = new QHBoxLayout(header);
  row->setContentsMargins(10, 0, 4, 0);
  row->setSpacing(2);
  m_title = new QLabel;
  m_title->setObjectName("figureTitle");
  m_count = new QLabel;
  m_count->setObjectName("figureQuestion");
  m_up = iconButton("chevron-up", tr("Move step up"), "Alt+Up");
  m_down = iconButton("chevron-down", tr("Move step down"), "Alt+Down");
  m_remove = iconButton("trash", tr("Remove step"), "Del");
  QToolButton* add = iconButton("plus", tr("Add step"), {});
  add->setPopupMode(QToolButton::InstantPopup);
  m_menu = new QMenu(add);
  add->setMenu(m_menu);
  connect(m_menu, &QMenu::aboutToShow, this, &RecipePanel::fillMenu);
  connect(m_up, &QToolButton::clicked, this, [this] { m_list->moveCurrent(-1); });
  connect(m_down, &QToolButton::clicked, this, [this] { m_list->moveCurrent(1); });
  connect(m_remove, &QToolButton::clicked, this,
          [this] { m_steps.removeStep(m_list->currentRow()); });
  row->addWidget(m_title);
  row->addSpacing(6);
  row->addWidget(m_count, 1);
  for (QToolButton* button : {m_up, m_down, m_remove, add}) {
    button->setFixedSize(theme.px(24), theme.px(24));
    row->addWidget(button);
  }
  return header;
}

QWidget* RecipePanel::makeFooter() {
  auto* footer = new QWidget;
  footer->setObjectName("provenanceRow");
  footer->setAttribute(Qt::WA_StyledBackground);
  auto* row = new QHBoxLayout(footer);
  row->setContentsMargins(10, 7, 10, 7);
  row->setSpacing(6);
  m_save = new QPushButton;
  auto* more = iconButton("three-dots", tr("More"), {});
  more->setPopupMode(QToolButton::InstantPopup);
  auto* menu = new QMenu(more);
  menu->addAction(tr("Save recipe as…"), &m_file, &RecipeFile::saveAs);
  more->setMenu(menu);
  m_copy = new QPushButton(tr("Copy as JSON"));
  connect(m_save, &QPushButton::clicked, &m_file, &RecipeFile::save);
  connect(m_copy, &QPushButton::clicked, this, [this] {
    flush();
    if (m_steps.recipe())
      m_workbench.copyText(QString::fromStdString(routing::toJson(*m_steps.recipe())),
                           tr("the recipe as JSON"));
  });
  row->addWidget(m_save);
  row->addWidget(m_copy);
  row->addStretch(1);
  row->addWidget(more);
  return footer;
}

void RecipePanel::fillMenu() {
  m_menu->clear();
  for (const plugin::PluginRow& row : m_workbench.registry().rows()) {
    const bool usable =
        row.state == plugin::RowState::Available || row.state == plugin::RowState::Loaded;
    if (!usable || !row.manifest || !row.manifest->has(plugin::Kind::Router))
      continue;
    QAction* action = m_menu->addAction(
        QString::fromStdString(row.manifest->name), this,
        [this, name = QString::fromStdString(row.manifest->id)] { addStep(name); });
    action->setToolTip(QString::fromStdString(row.manifest->summary));
  }
  m_menu->setToolTipsVisible(true);
  if (m_menu->isEmpty())
    m_menu->addAction(tr("No router plugin was found"))->setEnabled(false);
}

void RecipePanel::addStep(const QString& plugin) {
  flush();
  const auto manifest = m_workbench.registry().find(plugin.toStdString(), plugin::Kind::Router);
  if (!manifest) {
    m_workbench.report({.title = tr("The step could not be added."),
                        .text = QString::fromStdString(manifest.error().message),
                        .rows = {},
                        .actions = {}});
    return;
  }
  m_steps.add(newStep(*manifest, m_workbench.selection().primaryExpert()));
  m_list->setCurrentRow(m_steps.rowCount() - 1);
}

void RecipePanel::update() {
  const Item* item = m_workbench.document().item(m_steps.key());
  const int count = m_steps.rowCount();
  const int row = m_list->currentRow() < count ? m_list->currentRow() : -1;
  m_title->setText(tr("Recipe"));
  m_title->setToolTip(item ? item->path.isEmpty() ? item->name : item->path : QString());
  m_count->setText(count > 0 ? tr("%1 of %2 steps on").arg(m_steps.enabledSteps()).arg(count)
                             : QString());
  m_body->setCurrentIndex(count > 0 ? 1 : 0);
  m_formTitle->setText(row >= 0
                           ? tr("Step %1: %2")
                                 .arg(row + 1)
                                 .arg(QString::fromStdString(
                                     m_steps.recipe()->steps[static_cast<std::size_t>(row)].plugin))
                           : tr("No step is selected"));
  m_up->setEnabled(row > 0);
  m_down->setEnabled(row >= 0 && row + 1 < count);
  m_remove->setEnabled(row >= 0);
  const bool saved = isSaved();
  m_save->setText(item && !item->path.isEmpty() ? tr("Save recipe") : tr("Save recipe…"));
  m_save->setEnabled(item && !saved);
  m_save->setToolTip(saved ? tr("The file holds this recipe") : tr("Not saved yet"));
  m_copy->setEnabled(item != nullptr);
}

void RecipePanel::check() {
  const auto recipe = m_steps.recipe();
  if (!recipe)
    return;
  const Item* model = m_workbench.document().currentItem(ItemKind::Model);
  const std::string folder = model ? model->path.toStdString() : std::string();
  m_workbench.jobs().run<std::vector<jobs::RecipeFinding>>(
      {tr("Check the recipe"), "check-recipe"}, this,
      [recipe, folder, registry = m_workbench.sharedRegistry()](const JobContext&) {
        return jobs::checkRecipe(*recipe, *registry, folder);
      },
      [this, recipe](base::Result<std::shared_ptr<const std::vector<jobs::RecipeFinding>>> found) {
        if (recipe != m_steps.recipe())
          return;
        m_steps.setFindings(
            found ? **found : std::vector{jobs::RecipeFinding{.message = found.error().message}});
        update();
      });
}

} // namespace switchyard::studio
