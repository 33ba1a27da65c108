#pragma once

#include <QImage>
#include <QPainter>

#include "app/studio/live/yard_history.h"
#include "app/studio/live/yard_layout.h"
#include "app/studio/live/yard_scene.h"

namespace switchyard::studio {

/// Paints the yard. All that depends on the token alone (bed, history, strands, stations, numbers)
/// is one opaque image that is made again once a token; marks, selection and hover come on top of
/// it. GUI thread.
class YardPainter {
public:
  /// Forgets the image (theme, track or layout changed).
  void invalidate();
  /// size: of the canvas, logical pixels. shown: how much of the present token is to be seen over
  /// the one before it, 0..1.
  void paint(QPainter& painter, const YardLayout& layout, const YardScene& scene, QSize size,
             double devicePixelRatio, double shown = 1);

private:
  void render(const YardLayout& layout, const YardScene& scene, QSize size, double ratio);
  void renderBed(const YardLayout& layout, const YardScene& scene); ///< and the history over it
  void renderStrands(const YardLayout& layout, const YardScene& scene);

  /// What the image was made of.
  struct Key {
    const Track* track = nullptr;
    const Track* other = nullptr;
    std::int64_t position = -1;
    int history = 0, lensLayer = 0;
    QSize size{};
    double ratio = 0;
    QString tokenIn{}, tokenOut{}, textOut{};
    YardScales scales{};
    friend bool operator==(const Key&, const Key&) = default;
  };
  Key m_key;
  YardHistory m_history;
  QImage m_image, m_previous;
};

} // namespace switchyard::studio
