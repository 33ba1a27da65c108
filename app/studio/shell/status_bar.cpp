#include "app/studio/shell/status_bar.h"

#include <QLabel>
#include <QPushButton>
#include <QStyle>

#include "app/studio/document/numbers.h"
#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {
constexpr int kNoteMs = 6000;
} // namespace

QString sessionSummary(const Document& document) {
  if (const Item* trace = document.currentItem(ItemKind::Trace); trace && trace->trace) {
    const trace::TraceMeta& meta = trace->trace->meta();
    QString text =
        StatusBar::tr("%1: %2 sequences, %3 tokens")
            .arg(trace->name, grouped(trace->trace->sequences()), grouped(trace->trace->tokens()));
    if (!meta.layers.empty())
      text += StatusBar::tr(", %1 layers × %2 experts, top-%3")
                  .arg(meta.layers.size())
                  .arg(meta.layers.front().experts)
                  .arg(meta.layers.front().k);
    return text;
  }
  if (const Item* model = document.currentItem(ItemKind::Model); model && model->modelFacts)
    return StatusBar::tr("%1: %2 layers × %3 experts, top-%4. No trace is open.")
        .arg(model->name)
        .arg(model->modelFacts->moeLayers)
        .arg(model->modelFacts->experts)
        .arg(model->modelFacts->k);
  return StatusBar::tr("Ready");
}

StatusBar::StatusBar(Workbench& workbench, QWidget* parent)
    : QStatusBar(parent), m_workbench(workbench), m_sign(new QLabel), m_text(new QLabel),
      m_undo(new QPushButton(tr("Undo"))), m_jobs(new QPushButton), m_log(new QPushButton) {
  setSizeGripEnabled(false);
  setAccessibleName(tr("Status"));
  m_text->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  for (QPushButton* button : {m_undo, m_jobs, m_log}) {
    button->setFlat(true);
    button->setProperty("flat", true);
    button->setProperty("quiet", button != m_undo);
  }
  addWidget(m_sign);
  addWidget(m_text, 1);
  addPermanentWidget(m_undo);
  addPermanentWidget(m_jobs);
  addPermanentWidget(m_log);
  setContentsMargins(8, 0, 8, 0);
  setFixedHeight(Theme::instance().px(24));
  m_noteTime.setSingleShot(true);
  connect(&m_noteTime, &QTimer::timeout, this, [this] {
    m_note.clear();
    update();
  });
  connect(m_undo, &QPushButton::clicked, this, [this] {
    m_workbench.document().undoStack().undo();
    m_note.clear();
    update();
  });
  connect(m_jobs, &QPushButton::clicked, this, &StatusBar::jobsWanted);
  connect(m_log, &QPushButton::clicked, this, &StatusBar::logWanted);
  connect(&workbench, &Workbench::notified, this, &StatusBar::showNote);
  connect(&workbench, &Workbench::activityChanged, this, &StatusBar::update);
  connect(&workbench, &Workbench::problem, this, [this](const Problem& problem) {
    m_problem = problem.title;
    update();
  });
  Document& document = workbench.document();
  for (const auto signal : {&Document::itemAdded, &Document::itemChanged, &Document::itemRemoved})
    connect(&document, signal, this, &StatusBar::update);
  connect(&document, &Document::currentChanged, this, &StatusBar::update);
  connect(&workbench.log(), &LogModel::unreadChanged, this, &StatusBar::update);
  for (const auto signal : {&JobRunner::started, &JobRunner::finished})
    connect(&workbench.jobs(), signal, this, &StatusBar::update);
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    setFixedHeight(Theme::instance().px(24));
    update();
  });
  update();
}

QString StatusBar::text() const {
  return m_text->text();
}

void StatusBar::showNote(const QString& text, bool undoable) {
  m_note = text;
  m_noteUndoable = undoable;
  m_noteTime.start(kNoteMs);
  update();
}

void StatusBar::update() {
  const Theme& theme = Theme::instance();
  const int unread = m_workbench.log().unreadErrors();
  if (unread == 0)
    m_problem.clear();
  m_alarmed = !m_problem.isEmpty() && m_note.isEmpty();
  m_sign->setVisible(m_alarmed);
  if (m_alarmed)
    m_sign->setPixmap(icon("exclamation-octagon", Ink::Error).pixmap(theme.px(14), theme.px(14)));
  m_text->setText(!m_note.isEmpty() ? m_note
                  : m_alarmed       ? tr("%1 The error stays here until it is read.").arg(m_problem)
                  : !m_workbench.activity().isEmpty() ? m_workbench.activity()
                                                      : sessionSummary(m_workbench.document()));
  m_text->setStyleSheet(m_alarmed ? QString("color: %1").arg(theme.color(Ink::Error).name())
                                  : QString());
  m_undo->setVisible(!m_note.isEmpty() && m_noteUndoable);
  const int active = m_workbench.jobs().active();
  m_jobs->setText(active == 0 ? tr("jobs: none") : tr("jobs: %n running", nullptr, active));
  m_log->setText(unread == 0 ? tr("log: no errors") : tr("log: %n error(s)", nullptr, unread));
  if (m_log->property("alarm").toBool() != (unread > 0)) {
    m_log->setProperty("alarm", unread > 0);
    m_log->style()->unpolish(m_log);
    m_log->style()->polish(m_log);
  }
}

} // namespace switchyard::studio
