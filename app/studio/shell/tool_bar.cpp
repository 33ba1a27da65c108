#include "app/studio/shell/tool_bar.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

#include "app/studio/shell/view_list.h"
#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

ToolBar::ToolBar(Workbench& workbench, QWidget* parent)
    : QToolBar(tr("Tool bar"), parent), m_workbench(workbench), m_models(new QComboBox),
      m_palette(new QPushButton) {
  setObjectName("toolBar");
  setMovable(false);
  setFloatable(false);
  setContextMenuPolicy(Qt::PreventContextMenu);
  for (const char* id : {"file.open-model", "edit.undo", "edit.redo"})
    addAction(workbench.actions().action(id));
  addSeparator();
  m_models->setAccessibleName(tr("Model"));
  m_models->setToolTip(tr("The model that runs"));
  addWidget(m_models);
  addSeparator();
  addWidget(makeTransport(workbench));
  auto* space = new QWidget;
  space->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  addWidget(space);
  m_palette->setObjectName("paletteButton");
  m_palette->setAccessibleName(tr("Find or run"));
  m_palette->setToolTip(tr("Command palette  Ctrl+Shift+P"));
  m_palette->setFocusPolicy(Qt::TabFocus);
  m_palette->setIcon(icon("search", Ink::TextMuted));
  auto* inside = new QHBoxLayout(m_palette);
  auto* text = new QLabel(tr("Find or run"));
  auto* keys = new QLabel("Ctrl+Shift+P");
  keys->setProperty("note", true);
  for (QLabel* label : {text, keys}) {
    label->setProperty("muted", true);
    label->setAttribute(Qt::WA_TransparentForMouseEvents);
  }
  inside->addWidget(text);
  inside->addStretch(1);
  inside->addWidget(keys);
  addWidget(m_palette);
  connect(m_palette, &QPushButton::clicked, this, &ToolBar::paletteWanted);

  Document& document = workbench.document();
  connect(&document, &Document::itemAdded, this, &ToolBar::fillModels);
  connect(&document, &Document::itemRemoved, this, &ToolBar::fillModels);
  connect(&document, &Document::itemChanged, this, &ToolBar::fillModels);
  connect(&document, &Document::currentChanged, this, &ToolBar::fillModels);
  connect(m_models, &QComboBox::activated, this, [this](int index) {
    m_workbench.document().setCurrent(ItemKind::Model, m_models->itemData(index).toInt());
  });
  connect(&Theme::instance(), &Theme::changed, this, &ToolBar::applyTheme);
  applyTheme();
  fillModels();
}

void ToolBar::fillModels() {
  Document& document = m_workbench.document();
  const QSignalBlocker silent(m_models);
  m_models->clear();
  for (const ItemKey key : document.keys(ItemKind::Model))
    m_models->addItem(document.item(key)->name, key);
  const bool any = m_models->count() > 0;
  if (!any)
    m_models->addItem(tr("no model"), 0);
  m_models->setEnabled(any);
  m_models->setCurrentIndex(m_models->findData(any ? document.current(ItemKind::Model) : 0));
}

void ToolBar::applyTheme() {
  const Theme& theme = Theme::instance();
  setFixedHeight(theme.px(40));
  setIconSize({theme.px(16), theme.px(16)});
  m_models->setFixedWidth(theme.px(124));
  m_palette->setFixedWidth(theme.px(196));
  m_palette->layout()->setContentsMargins(theme.px(26), 0, theme.px(8), 0);
}

} // namespace switchyard::studio
