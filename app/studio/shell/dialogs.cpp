#include "app/studio/shell/dialogs.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QSpinBox>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

void addClose(QDialog* dialog, QVBoxLayout* layout) {
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
  QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
  layout->addWidget(buttons);
}

} // namespace

KeysDialog::KeysDialog(const ActionTable& actions, QWidget* parent) : QDialog(parent) {
  const Theme& theme = Theme::instance();
  setAttribute(Qt::WA_DeleteOnClose);
  setWindowTitle(tr("Keyboard map"));
  resize(theme.px(560), theme.px(620));
  auto* layout = new QVBoxLayout(this);
  auto* filter = new QLineEdit;
  filter->setPlaceholderText(tr("Filter actions and keys"));
  filter->setAccessibleName(filter->placeholderText());
  layout->addWidget(filter);
  auto* tree = new QTreeWidget;
  tree->setAccessibleName(windowTitle());
  tree->setColumnCount(2);
  tree->setHeaderLabels({tr("Action"), tr("Keys")});
  tree->header()->setSectionResizeMode(0, QHeaderView::Stretch);
  tree->header()->setStretchLastSection(false);
  QHash<QString, QTreeWidgetItem*> groups;
  for (const ActionTable::Entry& entry : actions.entries()) {
    QTreeWidgetItem*& group = groups[entry.spec.group];
    if (!group) {
      group = new QTreeWidgetItem(tree, {entry.spec.group});
      group->setFont(0, theme.font(TextSize::Control, TextWeight::Heading));
      group->setFirstColumnSpanned(true);
    }
    QStringList keys;
    for (const QKeySequence& key : entry.spec.keys)
      keys << key.toString(QKeySequence::NativeText);
    QString title = entry.spec.title;
    QString shown = keys.join(", ");
    if (entry.spec.scope == ActionScope::Figure && !shown.isEmpty())
      shown += tr("  in a figure");
    new QTreeWidgetItem(group, {title.remove('&'), shown});
  }
  tree->expandAll();
  layout->addWidget(tree, 1);
  connect(filter, &QLineEdit::textChanged, tree, [tree](const QString& text) {
    for (int g = 0; g < tree->topLevelItemCount(); ++g) {
      QTreeWidgetItem* group = tree->topLevelItem(g);
      bool any = false;
      for (int i = 0; i < group->childCount(); ++i) {
        const bool shown = group->child(i)->text(0).contains(text, Qt::CaseInsensitive) ||
                           group->child(i)->text(1).contains(text, Qt::CaseInsensitive);
        group->child(i)->setHidden(!shown);
        any = any || shown;
      }
      group->setHidden(!any);
    }
  });
  addClose(this, layout);
}

PreferencesDialog::PreferencesDialog(Settings& settings, QWidget* parent) : QDialog(parent) {
  setAttribute(Qt::WA_DeleteOnClose);
  setWindowTitle(tr("Preferences"));
  Theme& theme = Theme::instance();
  auto* layout = new QVBoxLayout(this);
  auto* form = new QFormLayout;
  layout->addLayout(form);
  auto* look = new QComboBox;
  look->addItems({tr("as the system"), tr("light"), tr("dark")});
  look->setCurrentIndex(static_cast<int>(theme.choice()));
  form->addRow(tr("Theme"), look);
  auto* scale = new QSpinBox;
  scale->setRange(80, 200);
  scale->setSingleStep(10);
  scale->setSuffix(" %");
  scale->setValue(theme.scalePercent());
  scale->setKeyboardTracking(false);
  form->addRow(tr("UI scale"), scale);
  auto* motion = new QCheckBox(tr("No animations"));
  motion->setChecked(theme.reducedMotion());
  form->addRow(tr("Reduced motion"), motion);
  auto* negative = new QCheckBox(tr("Draw a diagonal in cells below the centre"));
  negative->setChecked(theme.marksNegativeCells());
  form->addRow(tr("Mark negative cells"), negative);
  Settings* kept = &settings;
  connect(look, &QComboBox::activated, this, [kept](int index) {
    Theme::instance().setChoice(static_cast<ThemeChoice>(index));
    kept->saveTheme();
  });
  connect(scale, &QSpinBox::valueChanged, this, [kept](int percent) {
    Theme::instance().setScalePercent(percent);
    kept->saveTheme();
  });
  connect(motion, &QCheckBox::toggled, this, [kept](bool on) {
    Theme::instance().setReducedMotion(on);
    kept->saveTheme();
  });
  connect(negative, &QCheckBox::toggled, this, [kept](bool on) {
    Theme::instance().setMarksNegativeCells(on);
    kept->saveTheme();
  });
  addClose(this, layout);
}

} // namespace switchyard::studio
