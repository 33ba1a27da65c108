#include "app/studio/shell/hints.h"

#include <algorithm>

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {
constexpr int kHints = 3;
} // namespace

Hints::Hints(Settings& settings, QWidget* window)
    : QFrame(window), m_settings(settings), m_text(new QLabel) {
  const Theme& theme = Theme::instance();
  setObjectName("hint");
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(theme.px(12), theme.px(8), theme.px(8), theme.px(8));
  row->setSpacing(theme.px(12));
  row->addWidget(m_text);
  auto* next = new QPushButton(tr("Got it"));
  auto* none = new QPushButton(tr("No more hints"));
  none->setProperty("flat", true);
  row->addWidget(next);
  row->addWidget(none);
  connect(next, &QPushButton::clicked, this, &Hints::dismiss);
  connect(none, &QPushButton::clicked, this, &Hints::end);
  hide();
}

void Hints::offer(int number, const QRect& at) {
  if (isVisible() || number != m_settings.hintsSeen() + 1 || number > kHints)
    return;
  m_number = number;
  m_text->setText(
      number == 1 ? tr("Press Space. Each token is routed in front of you.")
      : number == 2
          ? tr("Click an expert to see what it is for. Right click to ban or boost it.")
          : tr("Everything has a name: Ctrl+Shift+P finds experts, tokens and commands."));
  setAccessibleName(m_text->text());
  adjustSize();
  const int gap = Theme::instance().px(8);
  const QRect area = parentWidget()->rect();
  const int x =
      std::clamp(at.center().x() - width() / 2, gap, std::max(gap, area.width() - width() - gap));
  const int below = at.bottom() + gap;
  move(x, below + height() < area.height() ? below : std::max(gap, at.top() - height() - gap));
  show();
  raise();
}

void Hints::restart() {
  hide();
  m_settings.setHintsSeen(0);
}

void Hints::dismiss() {
  if (!isVisible())
    return;
  hide();
  m_settings.setHintsSeen(m_number);
}

void Hints::end() {
  hide();
  m_settings.setHintsSeen(kHints);
}

} // namespace switchyard::studio
