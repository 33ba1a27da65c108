#include "app/studio/shell/start_page.h"

#include <QDateTime>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include "app/studio/session/recordings.h"
#include "app/studio/shell/examples.h"
#include "app/studio/shell/problem_strip.h"
#include "app/studio/shell/start_rows.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

StartPage::StartPage(Workbench& workbench, Settings& settings, QWidget* parent)
    : QWidget(parent), m_workbench(workbench), m_settings(settings), m_problems(new QVBoxLayout) {
  setObjectName("startPage");
  setAccessibleName(tr("Start"));
  setAttribute(Qt::WA_StyledBackground);
  setFocusPolicy(Qt::StrongFocus); // so that no button has the ring before somebody uses Tab
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->addLayout(m_problems);
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setFocusPolicy(Qt::NoFocus);
  auto* page = new QWidget;
  page->setObjectName("startPage");
  m_place = new QVBoxLayout(page);
  scroll->setWidget(page);
  outer->addWidget(scroll, 1);
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    if (isVisible())
      build();
  });
}

void StartPage::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  build();
  setFocus();
}

void StartPage::addProblem(const Problem& problem) {
  for (int i = m_problems->count() - 1; i >= 0; --i)
    if (auto* strip = qobject_cast<ProblemStrip*>(m_problems->itemAt(i)->widget());
        strip && !problem.id.isEmpty() && strip->problemId() == problem.id)
      strip->dismiss();
  m_problems->insertWidget(0, new ProblemStrip(problem, this));
}

QPushButton* StartPage::triggers(QPushButton* button, const char* action) {
  connect(button, &QPushButton::clicked, this, [this, action] {
    if (QAction* run = m_workbench.actions().action(action))
      run->trigger();
  });
  return button;
}

QLayout* StartPage::openings() {
  const Theme& theme = Theme::instance();
  auto* column = new QVBoxLayout;
  column->setSpacing(theme.px(6));
  column->addWidget(start::heading(tr("Open")));
  column->addWidget(start::line());
  const auto opens = [&](const QString& text, const QString& detail, const QString& keys,
                         const char* image, const char* action) {
    column->addWidget(triggers(start::openRow(text, detail, keys, image), action));
  };
  opens(tr("Open model…"), tr("a folder with safetensors"), "Ctrl+O", "cpu", "file.open-model");
  opens(tr("Open trace or session…"), tr(".swy, .sysession, a recipe or a prompt set"),
        "Ctrl+Shift+O", "soundwave", "file.open-trace");
  opens(tr("Record a prompt set"), tr("runs a model over texts and keeps the routing"),
        "Ctrl+Shift+R", "record-fill", "run.record");
  column->addSpacing(theme.px(18));
  column->addWidget(start::heading(tr("Recent")));
  column->addWidget(start::line());
  const QStringList recent = m_settings.recentFiles();
  if (recent.isEmpty())
    column->addWidget(start::muted(tr("Nothing opened yet. Files that you open appear here.")));
  for (const QString& path : recent.mid(0, 6)) {
    const QFileInfo info(path);
    const QString shown =
        recordings::isOne(path) && info.exists()
            ? tr("Live text, %1").arg(QLocale().toString(info.lastModified(), QLocale::ShortFormat))
            : info.fileName();
    QPushButton* row = start::recentRow(shown, info.path());
    row->setToolTip(path);
    connect(row, &QPushButton::clicked, this, [this, path] { m_workbench.openFile(path); });
    column->addWidget(row);
  }
  column->addSpacing(theme.px(18));
  auto* drop = new QLabel(tr("Drop a model folder, a trace or a recipe here or anywhere"));
  drop->setObjectName("dropField");
  drop->setAlignment(Qt::AlignCenter);
  drop->setMinimumHeight(theme.px(64));
  column->addWidget(drop);
  column->addStretch(1);
  return column;
}

QLayout* StartPage::examples() {
  const Theme& theme = Theme::instance();
  auto* column = new QVBoxLayout;
  column->setSpacing(theme.px(2));
  column->addWidget(start::heading(tr("Examples, shipped with the program")));
  column->addSpacing(theme.px(4));
  column->addWidget(start::line());
  const auto example = [&](const QString& text, const QString& detail, StartPicture picture,
                           void (*open)(Workbench&)) {
    QPushButton* row = start::exampleRow(text, detail, picture);
    connect(row, &QPushButton::clicked, this, [this, open] { open(m_workbench); });
    column->addWidget(row);
    column->addWidget(start::line());
  };
  example(tr("Demo model, live"),
          tr("6 layers × 32 experts, top-4. Type a sum and watch each token find its experts. "
             "Opens with “Q: Tina has 93 …”"),
          StartPicture::Raster, openDemoModel);
  example(tr("Sample trace: domains"),
          tr("136 documents with 12 labels, 43 548 tokens. Opens in Specialization."),
          StartPicture::Specialization, openSampleTrace);
  example(tr("Sample recipe: ban and boost"),
          tr("Bans L0 E27 and boosts L5 E8; measured on 200 sums, with interval. Opens in Steer."),
          StartPicture::Interval, openSampleRecipe);
  auto* links = new QHBoxLayout;
  links->setSpacing(theme.px(12));
  links->addWidget(triggers(start::link(tr("Quick tour, 3 hints")), "help.tour"));
  links->addWidget(triggers(start::link(tr("Keyboard map")), "help.keys"));
  links->addWidget(triggers(start::link(tr("Manual")), "help.manual"));
  links->addStretch(1);
  column->addSpacing(theme.px(8));
  column->addLayout(links);
  column->addStretch(1);
  return column;
}

void StartPage::build() {
  if (m_content) {
    m_content->hide(); // it goes when the event loop is idle
    m_content->deleteLater();
  }
  const Theme& theme = Theme::instance();
  m_content = new QWidget;
  m_content->setMaximumWidth(theme.px(940));
  auto* all = new QVBoxLayout(m_content);
  all->setContentsMargins(theme.px(10), theme.px(84), theme.px(10), theme.px(24));
  all->setSpacing(theme.px(2));
  auto* title = new QLabel(tr("Switchyard Studio"));
  title->setFont(theme.font(TextSize::StartTitle, TextWeight::Heading));
  title->setProperty("strong", true);
  all->addWidget(title);
  QLabel* claim =
      start::muted(tr("See, measure and change where a mixture-of-experts model sends its "
                      "tokens."));
  claim->setFont(theme.font(TextSize::Base));
  all->addWidget(claim);
  all->addSpacing(theme.px(24));
  auto* columns = new QHBoxLayout;
  columns->setSpacing(theme.px(56));
  columns->addLayout(openings(), 38);
  columns->addLayout(examples(), 50);
  all->addLayout(columns, 1);
  auto* centred = new QHBoxLayout;
  centred->addStretch(1);
  centred->addWidget(m_content, 100);
  centred->addStretch(1);
  while (QLayoutItem* old = m_place->takeAt(0))
    delete old;
  m_place->addLayout(centred);
}

} // namespace switchyard::studio
