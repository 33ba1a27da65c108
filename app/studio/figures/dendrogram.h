#pragma once

#include <vector>

#include <QPainter>
#include <QRectF>

#include "core/trace/result.h"

namespace switchyard::studio {

/// A tree over places 0..leaves-1 with coordinates: along the leaves in places (leaf i at i + 0.5),
/// height in [0, 1] of the tallest merge.
class DendrogramShape {
public:
  struct Node {
    double at = 0;
    double height = 0;
    int first = 0, last = 0; ///< places of its leaves, if they are neighbours
    int left = -1, right = -1;
  };

  /// Merges that refer to nodes that are not there end the tree: what is before them is drawn.
  DendrogramShape(const std::vector<trace::DendrogramMerge>& merges, int leaves);
  const std::vector<Node>& nodes() const { return m_nodes; } ///< leaves first
  int leaves() const { return m_leaves; }
  /// The merge nearest to a point (place, height), within `reach` places and a tenth of the height;
  /// -1: none.
  int nodeAt(double place, double height, double reach) const;
  /// The first of the merges that stay when the tree is cut into `clusters` subtrees.
  std::size_t firstAbove(int clusters) const;
  /// The subtree with the leaf at `place` when the tree is cut; -1: no such place.
  int clusterAt(int place, int clusters) const;

private:
  int m_leaves;
  std::vector<Node> m_nodes;
};

/// Trees of more leaves than this are drawn as so many clusters where their leaves have less than 4
/// px.
constexpr int kDendrogramClusters = 64;
bool isCut(const DendrogramShape& tree, double leafPitch);

/// Draws into `area`: leaves along its bottom (or its right side), for the places
/// [firstPlace, firstPlace + places). Subtrees whose leaves are under 4 px apart become filled
/// triangles, each cluster of a tree that is cut one of them.
void paintDendrogram(QPainter& painter, const DendrogramShape& tree, const QRectF& area,
                     double firstPlace, double places, bool atLeft);

} // namespace switchyard::studio
