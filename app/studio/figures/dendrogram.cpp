#include "app/studio/figures/dendrogram.h"

#include <algorithm>
#include <cmath>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

DendrogramShape::DendrogramShape(const std::vector<trace::DendrogramMerge>& merges, int leaves)
    : m_leaves(leaves) {
  double tallest = 0;
  for (const trace::DendrogramMerge& merge : merges)
    tallest = std::max(tallest, merge.height);
  for (int leaf = 0; leaf < leaves; ++leaf)
    m_nodes.push_back({leaf + 0.5, 0, leaf, leaf, -1, -1});
  for (const trace::DendrogramMerge& merge : merges) {
    const int known = static_cast<int>(m_nodes.size());
    if (merge.left < 0 || merge.right < 0 || merge.left >= known || merge.right >= known)
      break;
    const Node& a = m_nodes[static_cast<std::size_t>(merge.left)];
    const Node& b = m_nodes[static_cast<std::size_t>(merge.right)];
    m_nodes.push_back({(a.at + b.at) / 2, tallest > 0 ? merge.height / tallest : 0,
                       std::min(a.first, b.first), std::max(a.last, b.last), merge.left,
                       merge.right});
  }
}

int DendrogramShape::nodeAt(double place, double height, double reach) const {
  int best = -1;
  double bestDistance = 1;
  for (std::size_t n = static_cast<std::size_t>(m_leaves); n < m_nodes.size(); ++n) {
    const Node& node = m_nodes[n];
    const double left = m_nodes[static_cast<std::size_t>(node.left)].at;
    const double right = m_nodes[static_cast<std::size_t>(node.right)].at;
    const double outside =
        std::max({std::min(left, right) - place, place - std::max(left, right), 0.0});
    const double distance = std::max(outside / reach, std::fabs(node.height - height) / 0.1);
    if (distance < bestDistance) {
      bestDistance = distance;
      best = static_cast<int>(n);
    }
  }
  return best;
}

std::size_t DendrogramShape::firstAbove(int clusters) const {
  const std::size_t merges = m_nodes.size() - static_cast<std::size_t>(m_leaves);
  return m_nodes.size() - std::min(merges, static_cast<std::size_t>(std::max(0, clusters - 1)));
}

int DendrogramShape::clusterAt(int place, int clusters) const {
  // Merges come in rising height: the last subtree with the leaf that is below the cut.
  for (std::size_t n = firstAbove(clusters); n-- > 0;)
    if (m_nodes[n].first <= place && place <= m_nodes[n].last)
      return static_cast<int>(n);
  return -1;
}

bool isCut(const DendrogramShape& tree, double leafPitch) {
  return tree.leaves() > kDendrogramClusters && leafPitch < 4;
}

void paintDendrogram(QPainter& painter, const DendrogramShape& tree, const QRectF& area,
                     double firstPlace, double places, bool atLeft) {
  if (area.isEmpty() || places <= 0)
    return;
  const double along = (atLeft ? area.height() : area.width()) / places;
  const double depth = (atLeft ? area.width() : area.height()) - 4;
  const auto point = [&](double at, double height) {
    const double a = (at - firstPlace) * along;
    return atLeft ? QPointF(area.right() - 2 - height * depth, area.top() + a)
                  : QPointF(area.left() + a, area.bottom() - 2 - height * depth);
  };
  const QColor ink = Theme::instance().color(Ink::LineStrong);
  painter.save();
  painter.setClipRect(area);
  painter.setRenderHint(QPainter::Antialiasing, along < 8);
  painter.setPen(QPen(ink, 1));
  painter.setBrush(ink);
  const auto& nodes = tree.nodes();
  const std::size_t cut = isCut(tree, along) ? tree.firstAbove(kDendrogramClusters) : 0;
  const auto isSmall = [&](std::size_t n) {
    const DendrogramShape::Node& node = nodes[n];
    return node.left >= 0 && (n < cut || (along < 4 && (node.last - node.first + 1) * along < 12));
  };
  // Parents come after their children: a triangle is drawn for the topmost small subtree only.
  std::vector<bool> covered(nodes.size(), false);
  for (std::size_t n = nodes.size(); n-- > static_cast<std::size_t>(tree.leaves());) {
    const DendrogramShape::Node& node = nodes[n];
    const auto left = static_cast<std::size_t>(node.left),
               right = static_cast<std::size_t>(node.right);
    if (covered[n]) {
      covered[left] = covered[right] = true;
      continue;
    }
    if (isSmall(n)) {
      covered[left] = covered[right] = true;
      painter.drawPolygon(
          QPolygonF({point(node.first, 0), point(node.at, node.height), point(node.last + 1, 0)}));
      continue;
    }
    painter.drawPolyline(QPolygonF(
        {point(nodes[left].at, nodes[left].height), point(nodes[left].at, node.height),
         point(nodes[right].at, node.height), point(nodes[right].at, nodes[right].height)}));
  }
  painter.restore();
}

} // namespace switchyard::studio
