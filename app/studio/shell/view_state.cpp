// What a view shows over its figure: that there is nothing yet, or that a job runs.

#include <QGraphicsOpacityEffect>
#include <QStackedWidget>
#include <QTimer>

#include "app/studio/shell/state_card.h"
#include "app/studio/shell/view.h"

namespace switchyard::studio {

void View::showEmpty(const QString& title, const QString& text,
                     const std::vector<StateAction>& actions) {
  clearState();
  m_stateText = title.isEmpty() ? text : title + ". " + text;
  m_card = new StateCard(title, text, actions, this);
  placeCard();
  m_card->show();
  Q_EMIT capabilitiesChanged();
}

void View::showLoading(JobId job) {
  m_loading = job;
  QTimer::singleShot(300, this, [this, job] {
    if (m_loading == job)
      updateLoading();
  });
}

void View::updateLoading() {
  const std::optional<JobInfo> info = m_workbench.jobs().job(m_loading);
  if (!info || info->isOver()) {
    m_loading = 0;
    clearState();
    return;
  }
  if (info->seconds < 0.3)
    return;
  QString text = info->title;
  if (info->total > 0)
    text += tr(": %1 %2 of %3").arg(info->phase).arg(info->done).arg(info->total);
  if (auto* card = qobject_cast<StateCard*>(m_card)) {
    card->setText(text);
  } else {
    const JobId job = m_loading;
    m_card = new StateCard({}, text,
                           {{tr("Cancel"), [this, job] { m_workbench.jobs().cancel(job); }}}, this);
    if (m_canvas) {
      auto* faded = new QGraphicsOpacityEffect(m_canvas);
      faded->setOpacity(0.4);
      m_canvas->setGraphicsEffect(faded);
    }
    m_card->show();
  }
  m_stateText = text;
  placeCard();
}

void View::clearState() {
  if (m_canvas)
    m_canvas->setGraphicsEffect(nullptr);
  m_stateText.clear();
  if (m_card) {
    m_card->hide();
    m_card->deleteLater();
    m_card = nullptr;
    Q_EMIT capabilitiesChanged();
  }
}

void View::placeCard() {
  if (!m_card)
    return;
  m_card->adjustSize();
  const QRect area = m_stack->geometry().isEmpty() ? rect() : m_stack->geometry();
  const QSize size = m_card->sizeHint().boundedTo(area.size());
  m_card->resize(size);
  m_card->move(area.center() - QPoint(size.width() / 2, size.height() / 2));
  m_card->raise();
}

} // namespace switchyard::studio
