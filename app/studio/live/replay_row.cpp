#include "app/studio/live/replay_row.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>

#include "app/studio/live/player.h"
#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

ReplayRow::ReplayRow(Player& player)
    : m_player(player), m_play(new QToolButton), m_step(new QToolButton), m_position(new QLabel),
      m_facts(new QLabel) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(6);
  auto* name = new QLabel(tr("Replay"));
  name->setProperty("muted", true);
  connect(m_play, &QToolButton::clicked, this, [this] { m_player.togglePlay(); });
  m_step->setToolTip(tr("Next token  N"));
  m_step->setAccessibleName(tr("Next token"));
  connect(m_step, &QToolButton::clicked, this, [this] { m_player.step(); });
  m_facts->setProperty("muted", true);
  auto* close = new QPushButton(tr("Back to the prompt"));
  close->setProperty("flat", true);
  close->setFlat(true);
  connect(close, &QPushButton::clicked, this, [this] { m_player.showReel(nullptr); });
  row->addWidget(name);
  row->addWidget(m_play);
  row->addWidget(m_step);
  row->addWidget(m_position);
  row->addSpacing(10);
  row->addWidget(m_facts, 1);
  row->addWidget(close);
  connect(&Theme::instance(), &Theme::changed, this, &ReplayRow::showButtons);
  showButtons();
}

void ReplayRow::showButtons() {
  m_playing = m_player.state() == PlayState::Playing;
  const QString name = m_playing ? tr("Pause") : tr("Play");
  m_play->setIcon(icon(m_playing ? "pause-fill" : "play-fill"));
  m_play->setToolTip(name + "  Space");
  m_play->setAccessibleName(name);
  m_step->setIcon(icon("skip-end-fill"));
}

void ReplayRow::refresh() {
  if (m_playing != (m_player.state() == PlayState::Playing))
    showButtons();
  if (m_player.source() != PlaySource::Replay)
    return;
  m_position->setText(tr("token %1 of %2").arg(m_player.cursor() + 1).arg(m_player.reel()->total));
  const TrackShape& shape = m_player.track()->shape();
  QStringList facts{m_player.reel()->title};
  if (!shape.weights)
    facts << tr("ids only: no gate weights, no logits");
  else if (!shape.logits)
    facts << tr("ids and weights, no logits");
  m_facts->setText(facts.join(" · "));
}

} // namespace switchyard::studio
