#include "app/studio/figures/scene.h"

#include <algorithm>
#include <cmath>

#include <QCoreApplication>

namespace switchyard::studio {

QString FigureScene::nameOf(int item) const {
  return describe(item).value(0).section(QString(" · "), 0, 0);
}

std::vector<std::pair<QString, QString>> FigureScene::facts(int item) const {
  const QStringList lines = describe(item);
  std::vector<std::pair<QString, QString>> rows;
  if (!lines.isEmpty())
    rows.emplace_back(QCoreApplication::translate("FigureScene", "Value"), valueOf(item));
  for (const QString& line : lines.mid(1))
    rows.emplace_back(line, QString());
  return rows;
}

std::vector<int> FigureScene::itemsIn(const QRectF& area) const {
  std::vector<int> found;
  for (int item = 0; item < items(); ++item)
    if (const QRectF rect = itemRect(item); !rect.isEmpty() && area.contains(rect.center()))
      found.push_back(item);
  return found;
}

QPainterPath FigureScene::itemShape(int item) const {
  QPainterPath path;
  if (const QRectF rect = itemRect(item); !rect.isEmpty())
    path.addRect(rect);
  return path;
}

bool CellWindow::show(int wantedFirst, int wantedCount) {
  const int newCount = std::clamp(wantedCount, std::min(1, size), size);
  const int newFirst = std::clamp(wantedFirst, 0, size - newCount);
  const bool changed = newCount != count || newFirst != first;
  count = newCount;
  first = newFirst;
  return changed;
}

bool CellWindow::fit() {
  return show(0, size);
}

bool CellWindow::zoom(double factor, double at, int smallest) {
  if (!(factor > 0))
    return false;
  const double wanted = std::clamp(count / factor, std::min<double>(smallest, size), double(size));
  const int newCount =
      factor > 1 ? static_cast<int>(std::floor(wanted)) : static_cast<int>(std::ceil(wanted));
  const double anchor = first + std::clamp(at, 0.0, 1.0) * count;
  return show(static_cast<int>(std::lround(anchor - at * newCount)), newCount);
}

bool CellWindow::pan(double cells) {
  return show(first + static_cast<int>(std::lround(cells)), count);
}

} // namespace switchyard::studio
