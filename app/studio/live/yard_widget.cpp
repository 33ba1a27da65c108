#include "app/studio/live/yard_widget.h"

#include <ctime>

#include <QPainter>

#include "app/studio/live/recipe_marks.h"
#include "app/studio/live/yard_parts.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {
constexpr double kSlowFrameMs = 12;
constexpr int kSlowFrames = 3;
constexpr int kMinHistory = 2;
constexpr int kFadeMs = 80, kFadeGapMs = 120;

/// Time that this thread has worked: a busy machine is no reason to draw less.
double threadMs() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}
} // namespace

YardWidget::YardWidget(Player& player, Workbench& workbench)
    : m_player(player), m_workbench(workbench) {
  setObjectName("yard");
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Yard"));
  m_fade.setStartValue(0.0);
  m_fade.setEndValue(1.0);
  connect(&m_fade, &QVariantAnimation::valueChanged, this, [this] { update(); });
  const auto repaint = [this] { update(); };
  connect(&player, &Player::advanced, this, [this] {
    if (m_usedOnly)
      m_layoutStale = true;
    fadeIn();
    update();
  });
  connect(&player, &Player::reelChanged, this, [this] {
    m_layoutStale = true;
    m_history = 16;
    if (!m_player.track() || m_lensLayer >= static_cast<int>(m_player.track()->layers()))
      m_lensLayer = 0;
    m_painter.invalidate();
    update();
  });
  Selection& selection = workbench.selection();
  connect(&selection, &Selection::tokensChanged, this, [this] {
    if (m_usedOnly)
      m_layoutStale = true;
    update();
  });
  connect(&selection, &Selection::expertsChanged, this, [this] {
    if (const auto primary = m_workbench.selection().primaryExpert())
      if (const int layer = m_player.moeLayerOf(primary->layer); layer >= 0)
        setLensLayer(layer);
    update();
  });
  connect(&selection, &Selection::pinChanged, this, repaint);
  connect(&selection, &Selection::hoverChanged, this, repaint);
  connect(&workbench.document(), &Document::itemChanged, this, repaint);
  connect(&workbench.document(), &Document::currentChanged, this, repaint);
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    m_layoutStale = true;
    m_painter.invalidate();
    update();
  });
}

QSize YardWidget::minimumSizeHint() const {
  return {Theme::instance().px(320), Theme::instance().px(120)};
}

void YardWidget::setUsedOnly(bool used) {
  if (m_usedOnly == used)
    return;
  m_usedOnly = used;
  m_layoutStale = true;
  m_painter.invalidate();
  update();
  Q_EMIT layoutChanged();
}

void YardWidget::setShowsOther(bool shows) {
  m_showsOther = shows;
  m_painter.invalidate();
  update();
  Q_EMIT layoutChanged();
}

void YardWidget::setScales(const YardScales& scales) {
  if (m_scales == scales)
    return;
  m_scales = scales;
  update();
  Q_EMIT scalesChanged(scales);
}

void YardWidget::fadeIn() {
  const std::int64_t shown = m_player.shown();
  if (shown == m_lastShown)
    return;
  const bool slow = m_sinceToken.isValid() && m_sinceToken.elapsed() > kFadeGapMs;
  m_lastShown = shown;
  m_sinceToken.start();
  m_fade.stop();
  const int duration = Theme::instance().duration(kFadeMs);
  if (slow && duration > 0) {
    m_fade.setDuration(duration);
    m_fade.start();
  }
}

void YardWidget::setLensLayer(int layer) {
  if (!m_player.track() || layer < 0 || layer >= static_cast<int>(m_player.track()->layers()))
    return;
  m_lensLayer = layer;
  update();
}

const YardLayout& YardWidget::where() {
  const Track* track = m_player.track();
  YardInput input{.size = QSizeF(size()),
                  .layers = track ? static_cast<int>(track->layers()) : 0,
                  .experts = track ? track->experts() : 0,
                  .scale = Theme::instance().scalePercent() / 100.0};
  const bool stale = m_layoutStale || input.size != m_input.size ||
                     input.layers != m_input.layers || input.experts != m_input.experts;
  if (!stale)
    return m_layout;
  m_layoutStale = false;
  m_input = input;
  m_layout = YardLayout(input);
  if (m_usedOnly && track && m_player.shown() >= 0) {
    for (std::size_t layer = 0; layer < track->layers(); ++layer)
      m_input.used.push_back(yard::usedExperts(*track, layer, m_player.shown(),
                                               std::min(m_history, m_layout.history())));
    m_layout = YardLayout(m_input);
    m_painter.invalidate();
  }
  return m_layout;
}

YardScene YardWidget::scene() {
  YardScene scene;
  scene.track = m_player.track();
  if (!scene.track)
    return scene;
  scene.position = m_player.shown();
  if (m_showsOther && m_player.other())
    scene.other = &m_player.other()->track;
  scene.scales = m_scales;
  scene.history = m_history;
  scene.lensLayer = m_lensLayer;
  const TokenTexts& texts = m_player.texts();
  const Track& track = *scene.track;
  if (scene.position >= 0) {
    scene.tokenIn = texts.chip(track.token(scene.position));
    scene.textIn = tr("token %1 goes in").arg(scene.position);
    const NextToken* next = track.next(scene.position);
    if (next && next->token >= 0) {
      scene.tokenOut = texts.chip(next->token);
      scene.textOut = next->probability < 0.005
                          ? tr("comes out, p < 0.01")
                          : tr("comes out, p %1").arg(next->probability, 0, 'f', 2);
    } else if (track.contains(scene.position + 1)) {
      scene.tokenOut = texts.chip(track.token(scene.position + 1));
      scene.textOut = scene.position + 1 < track.promptLength() ? tr("comes next in the prompt")
                                                                : tr("comes next");
    }
  }
  const auto cellOf = [&](const ExpertKey& key) -> std::optional<YardCell> {
    const int layer = m_player.moeLayerOf(key.layer);
    return layer < 0 ? std::nullopt : std::optional(YardCell{layer, key.expert});
  };
  const Selection& selection = m_workbench.selection();
  if (selection.primaryExpert())
    scene.primary = cellOf(*selection.primaryExpert());
  for (const ExpertKey& key : selection.experts())
    if (const auto cell = cellOf(key))
      scene.set.push_back(*cell);
  if (const auto* key = std::get_if<ExpertKey>(&selection.pin()))
    scene.pinned = cellOf(*key);
  if (const auto* key = std::get_if<ExpertKey>(&selection.hover()))
    scene.hovered = cellOf(*key);
  if (const auto* key = std::get_if<TokenKey>(&selection.hover()))
    scene.hoveredToken = m_player.positionOf(*key).value_or(-1);
  scene.rowOutlined = true;
  if (const Item* recipe = m_workbench.document().currentItem(ItemKind::Recipe);
      recipe && recipe->recipe)
    scene.marks = recipeMarks(*recipe->recipe, track.shape());
  return scene;
}

QString YardWidget::headline() const {
  const Track* track = m_player.track();
  if (!track)
    return {};
  const int perColumn = m_layout.expertsPerColumn();
  QStringList parts;
  if (perColumn > 1 && !m_usedOnly)
    parts << tr("1 column = %1 experts, maximum").arg(perColumn);
  if (m_layout.layersPerRow() > 1)
    parts << tr("1 row = %1 layers").arg(m_layout.layersPerRow());
  if (m_history < m_layout.history())
    parts << tr("history %1").arg(m_history);
  return parts.join(" · ");
}

QString YardWidget::spoken() const {
  const Track* track = m_player.track();
  const std::int64_t position = m_player.shown();
  if (!track || position < 0)
    return tr("No token yet.");
  QStringList parts;
  for (std::size_t layer = 0; layer < track->layers(); ++layer)
    if (const int first = track->firstChoice(position, layer); first >= 0)
      parts << QString("L%1 E%2").arg(track->shape().layers[layer].layer).arg(first);
  return tr("Token %1, %2. First choices: %3.")
      .arg(position)
      .arg(m_player.texts().quoted(track->token(position)), parts.join(", "));
}

void YardWidget::paintEvent(QPaintEvent*) {
  const double start = threadMs();
  QPainter painter(this);
  const Theme& theme = Theme::instance();
  painter.fillRect(rect(), theme.color(Ink::Canvas));
  const bool fades = m_fade.state() == QAbstractAnimation::Running;
  m_painter.paint(painter, where(), scene(), size(), devicePixelRatioF(),
                  fades ? m_fade.currentValue().toDouble() : 1);
  if (hasFocus()) {
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(QPen(theme.color(Ink::Focus), 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(rect().adjusted(1, 1, -1, -1));
  }
  noteFrame(threadMs() - start);
}

void YardWidget::noteFrame(double ms) {
  m_lastFrameMs = ms;
  m_slowFrames = ms > kSlowFrameMs ? m_slowFrames + 1 : 0;
  if (m_slowFrames < kSlowFrames || m_history <= kMinHistory)
    return;
  m_slowFrames = 0;
  m_history = std::max(kMinHistory, std::min(m_history, m_layout.history()) / 2);
  Q_EMIT layoutChanged();
}

} // namespace switchyard::studio
