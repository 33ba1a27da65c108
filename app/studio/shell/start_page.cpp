#include "app/studio/shell/start_page.h"

#include <QDateTime>
#include <QFileInfo>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/studio/session/recordings.h"
#include "app/studio/shell/examples.h"
#include "app/studio/shell/problem_strip.h"
#include "app/studio/shell/start_pictures.h"
#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

QLabel* heading(const QString& text) {
  auto* label = new QLabel(text);
  label->setObjectName("startHeading");
  label->setFont(Theme::instance().font(TextSize::Control, TextWeight::Heading));
  return label;
}

QFrame* line() {
  auto* line = new QFrame;
  line->setObjectName("startLine");
  line->setFixedHeight(1);
  return line;
}

QLabel* muted(const QString& text, bool wraps = false) {
  auto* label = new QLabel(text);
  label->setProperty("muted", true);
  label->setWordWrap(wraps);
  return label;
}

/// A whole row that can be clicked and reached by Tab: the labels stand on a flat button.
class RowButton : public QPushButton {
public:
  explicit RowButton(const QString& name) {
    setObjectName("startRow");
    setAccessibleName(name);
    setCursor(Qt::PointingHandCursor);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  }
  QSize sizeHint() const override { return layout() ? layout()->sizeHint() : QSize(10, 10); }
  QSize minimumSizeHint() const override { return sizeHint(); }
};

void letClicksThrough(QWidget* widget) {
  widget->setAttribute(Qt::WA_TransparentForMouseEvents);
}

RowButton* openRow(const QString& title, const QString& detail, const QString& keys,
                   const char* image) {
  const Theme& theme = Theme::instance();
  auto* row = new RowButton(title);
  row->setAccessibleDescription(detail);
  auto* layout = new QHBoxLayout(row);
  layout->setContentsMargins(theme.px(2), theme.px(4), theme.px(2), theme.px(4));
  layout->setSpacing(theme.px(12));
  auto* sign = new QLabel;
  sign->setPixmap(icon(image, Ink::Accent).pixmap(theme.px(18), theme.px(18)));
  layout->addWidget(sign, 0, Qt::AlignVCenter);
  auto* texts = new QVBoxLayout;
  texts->setSpacing(0);
  auto* name = new QLabel(title);
  name->setFont(theme.font(TextSize::Base));
  name->setProperty("strong", true);
  texts->addWidget(name);
  QLabel* note = muted(detail);
  note->setProperty("note", true);
  texts->addWidget(note);
  layout->addLayout(texts, 1);
  layout->addWidget(muted(keys));
  const auto labels = row->findChildren<QLabel*>();
  for (QLabel* label : labels)
    letClicksThrough(label);
  return row;
}

RowButton* exampleRow(const QString& title, const QString& detail, StartPicture picture) {
  const Theme& theme = Theme::instance();
  auto* row = new RowButton(title);
  row->setAccessibleDescription(detail);
  auto* layout = new QHBoxLayout(row);
  layout->setContentsMargins(theme.px(2), theme.px(8), theme.px(2), theme.px(8));
  layout->setSpacing(theme.px(12));
  auto* drawn = new StartPictureWidget(picture);
  letClicksThrough(drawn);
  layout->addWidget(drawn);
  auto* texts = new QVBoxLayout;
  texts->setSpacing(theme.px(2));
  auto* name = new QLabel(title);
  name->setFont(theme.font(TextSize::Base));
  name->setProperty("strong", true);
  texts->addWidget(name);
  texts->addWidget(muted(detail, true));
  texts->addStretch(1);
  layout->addLayout(texts, 1);
  const auto labels = row->findChildren<QLabel*>();
  for (QLabel* label : labels)
    letClicksThrough(label);
  return row;
}

QPushButton* link(const QString& text) {
  auto* button = new QPushButton(text);
  button->setProperty("flat", true);
  button->setFlat(true);
  button->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
  return button;
}

} // namespace

StartPage::StartPage(Workbench& workbench, Settings& settings, QWidget* parent)
    : QWidget(parent), m_workbench(workbench), m_settings(settings),
      m_problems(new QVBoxLayout) {
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
  QLabel* claim = muted(tr("See, measure and change where a mixture-of-experts model sends its "
                           "tokens."));
  claim->setFont(theme.font(TextSize::Base));
  all->addWidget(claim);
  all->addSpacing(theme.px(24));
  auto* columns = new QHBoxLayout;
  columns->setSpacing(theme.px(56));
  all->addLayout(columns, 1);

  auto* left = new QVBoxLayout;
  left->setSpacing(theme.px(6));
  left->addWidget(heading(tr("Open")));
  left->addWidget(line());
  const auto opens = [&](const QString& text, const QString& detail, const QString& keys,
                         const char* image, const char* action) {
    RowButton* row = openRow(text, detail, keys, image);
    connect(row, &QPushButton::clicked, this, [this, action] {
      if (QAction* run = m_workbench.actions().action(action))
        run->trigger();
    });
    left->addWidget(row);
  };
  opens(tr("Open model…"), tr("a folder with safetensors"), "Ctrl+O", "cpu", "file.open-model");
  opens(tr("Open trace or session…"), tr(".swy, .sysession, a recipe or a prompt set"),
        "Ctrl+Shift+O", "soundwave", "file.open-trace");
  opens(tr("Record a prompt set"), tr("runs a model over texts and keeps the routing"),
        "Ctrl+Shift+R", "record-fill", "run.record");
  left->addSpacing(theme.px(18));
  left->addWidget(heading(tr("Recent")));
  left->addWidget(line());
  const QStringList recent = m_settings.recentFiles();
  if (recent.isEmpty())
    left->addWidget(muted(tr("Nothing opened yet. Files that you open appear here.")));
  for (const QString& path : recent.mid(0, 6)) {
    const QFileInfo info(path);
    const QString shown = recordings::isOne(path) && info.exists()
                              ? tr("Live text, %1").arg(QLocale().toString(info.lastModified(), QLocale::ShortFormat))
                              : info.fileName();
    RowButton* row = new RowButton(shown);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(theme.px(2), theme.px(2), theme.px(2), theme.px(2));
    auto* name = new QLabel(shown);
    name->setProperty("strong", true);
    QLabel* place = muted(QFontMetrics(theme.font(TextSize::Note))
                              .elidedText(info.path(), Qt::ElideMiddle, theme.px(220)));
    place->setProperty("note", true);
    layout->addWidget(name);
    layout->addStretch(1);
    layout->addWidget(place);
    for (QLabel* label : {name, place})
      letClicksThrough(label);
    row->setToolTip(path);
    connect(row, &QPushButton::clicked, this, [this, path] { m_workbench.openFile(path); });
    left->addWidget(row);
  }
  left->addSpacing(theme.px(18));
  auto* drop = new QLabel(tr("Drop a model folder, a trace or a recipe here or anywhere"));
  drop->setObjectName("dropField");
  drop->setAlignment(Qt::AlignCenter);
  drop->setMinimumHeight(theme.px(64));
  left->addWidget(drop);
  left->addStretch(1);
  columns->addLayout(left, 38);

  auto* right = new QVBoxLayout;
  right->setSpacing(theme.px(2));
  right->addWidget(heading(tr("Examples, shipped with the program")));
  right->addSpacing(theme.px(4));
  right->addWidget(line());
  const auto example = [&](const QString& text, const QString& detail, StartPicture picture,
                           void (*open)(Workbench&)) {
    RowButton* row = exampleRow(text, detail, picture);
    connect(row, &QPushButton::clicked, this, [this, open] { open(m_workbench); });
    right->addWidget(row);
    right->addWidget(line());
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
  const auto addLink = [&](const QString& text, const char* action) {
    QPushButton* button = link(text);
    connect(button, &QPushButton::clicked, this, [this, action] {
      if (QAction* run = m_workbench.actions().action(action))
        run->trigger();
    });
    links->addWidget(button);
  };
  addLink(tr("Quick tour, 3 hints"), "help.tour");
  addLink(tr("Keyboard map"), "help.keys");
  addLink(tr("Manual"), "help.manual");
  links->addStretch(1);
  right->addSpacing(theme.px(8));
  right->addLayout(links);
  right->addStretch(1);
  columns->addLayout(right, 50);

  auto* centred = new QHBoxLayout;
  centred->addStretch(1);
  centred->addWidget(m_content, 100);
  centred->addStretch(1);
  while (QLayoutItem* old = m_place->takeAt(0))
    delete old;
  m_place->addLayout(centred);
}

} // namespace switchyard::studio
