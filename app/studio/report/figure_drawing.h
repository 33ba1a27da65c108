#pragma once

#include <memory>
#include <vector>

#include "app/studio/figures/legend.h"
#include "app/studio/figures/scene.h"
#include "app/studio/report/text_block.h"
#include "core/trace/result.h"

namespace switchyard::studio {

/// A figure of a result as the window draws it, with title, note and legend, for a width in logical
/// pixels: what reports and figure files hold. Texts of the figure are made drawable. GUI thread.
class FigureDrawing {
public:
  /// titled: with its title; whoever places it says it otherwise.
  FigureDrawing(const trace::Figure& figure, double width, bool titled = true);

  QSizeF size() const { return {m_width, m_height}; }
  QString title() const { return m_scene->title(); }
  /// Paints into (0, 0) to size().
  void paint(QPainter& painter, PaintTarget target);

private:
  double m_width, m_height = 0;
  double m_sceneTop = 0;
  bool m_titled;
  std::vector<TextBlock> m_heading;
  std::unique_ptr<FigureScene> m_scene;
  std::unique_ptr<QWidget> m_host; ///< never shown
  Legend* m_legend = nullptr;      ///< of m_host; null: there is nothing to explain
};

} // namespace switchyard::studio
