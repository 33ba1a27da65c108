#include "app/studio/figures/flow_scene.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include <QCoreApplication>
#include <QFontMetricsF>

#include "app/studio/figures/value_text.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("FlowScene", text);
}

} // namespace

FlowSpec flowSpec(const trace::Figure& figure, const trace::Flow& flow) {
  FlowSpec spec;
  spec.title = QString::fromStdString(figure.title);
  spec.flow = flow;
  spec.origin = QString::fromStdString(figure.note);
  return spec;
}

FlowScene::FlowScene(FlowSpec spec) : m_spec(std::move(spec)) {
  const trace::Flow& flow = m_spec.flow;
  std::map<int, int> places; ///< column number -> order
  for (const trace::Flow::Node& node : flow.nodes)
    places.emplace(node.column, 0);
  int next = 0;
  for (auto& [number, place] : places)
    place = next++;
  m_columns.resize(places.size());
  m_columnTotals.resize(places.size());
  for (std::size_t n = 0; n < flow.nodes.size(); ++n) {
    m_nodes.push_back({places[flow.nodes[n].column], 0, 0, {}});
    m_columns[static_cast<std::size_t>(m_nodes.back().column)].push_back(static_cast<int>(n));
  }
  m_bands.resize(flow.links.size());
  const auto known = [&](int node) { return node >= 0 && node < static_cast<int>(m_nodes.size()); };
  for (std::size_t l = 0; l < flow.links.size(); ++l) {
    const trace::Flow::Link& link = flow.links[l];
    m_bands[l].valid =
        known(link.from) && known(link.to) && link.amount > 0 && std::isfinite(link.amount);
    if (!m_bands[l].valid)
      continue;
    m_nodes[static_cast<std::size_t>(link.from)].out += link.amount;
    m_nodes[static_cast<std::size_t>(link.to)].in += link.amount;
  }
  for (const Node& node : m_nodes)
    m_columnTotals[static_cast<std::size_t>(node.column)] += amount(node);
  for (std::size_t l = 0; l < flow.links.size(); ++l) {
    if (!m_bands[l].valid)
      continue;
    const auto from =
        static_cast<std::size_t>(m_nodes[static_cast<std::size_t>(flow.links[l].from)].column);
    m_bands[l].folded = flow.links[l].amount < m_spec.smallestShare * m_columnTotals[from];
    m_folded += m_bands[l].folded ? 1 : 0;
  }
  m_window = CellWindow(static_cast<int>(m_columns.size()));
}

QString FlowScene::detailNote() const {
  QStringList parts;
  if (m_folded > 0)
    parts << tr("bands %1 %2, %3 smaller ones folded")
                 .arg(QChar(0x2265))
                 .arg(valueText(m_spec.smallestShare, ValueFormat::Percent))
                 .arg(m_folded);
  if (!m_window.isWhole())
    parts << tr("columns %1 to %2 of %3")
                 .arg(m_window.first + 1)
                 .arg(m_window.first + m_window.count)
                 .arg(m_window.size);
  return parts.join(", ");
}

void FlowScene::layout(const QSizeF& size, double) {
  const Theme& theme = Theme::instance();
  if (m_columns.empty())
    return;
  // Columns closer than this cannot be followed: start with those that fit.
  const int fitting = std::max(2, static_cast<int>(size.width() / theme.px(90)));
  if (m_window.count > fitting)
    m_window.show(m_window.first, fitting);
  const double side = theme.px(44), top = theme.px(m_spec.columnTitles.isEmpty() ? 12 : 30);
  m_plot = QRectF(side, top, std::max(10.0, size.width() - 2 * side),
                  std::max(10.0, size.height() - top - theme.px(14)));
  const double pitch = m_plot.width() / std::max(1, m_window.count - 1);
  const double nodeWidth = theme.px(6);
  double perUnit = 1e300;
  const auto gap = [&](const std::vector<int>& members) {
    return std::min(2.0, 0.15 * m_plot.height() /
                             std::max<double>(1, static_cast<double>(members.size())));
  };
  for (std::size_t c = 0; c < m_columns.size(); ++c)
    if (m_columnTotals[c] > 0)
      perUnit =
          std::min(perUnit, (m_plot.height() -
                             gap(m_columns[c]) * (static_cast<double>(m_columns[c].size()) - 1)) /
                                m_columnTotals[c]);
  for (std::size_t c = 0; c < m_columns.size(); ++c) {
    double y = m_plot.top();
    const int place = static_cast<int>(c) - m_window.first;
    for (const int n : m_columns[c]) {
      Node& node = m_nodes[static_cast<std::size_t>(n)];
      const double height = std::max(1.0, amount(node) * perUnit);
      node.rect = QRectF(m_plot.left() + place * pitch - nodeWidth / 2, y, nodeWidth, height);
      y += height + gap(m_columns[c]);
    }
  }
  std::vector<double> out(m_nodes.size()), in(m_nodes.size());
  // Bands leave a node in the order of the nodes they lead to, so that they cross least.
  std::vector<std::size_t> order(m_bands.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto& links = m_spec.flow.links;
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return std::pair(links[a].from, links[a].to) < std::pair(links[b].from, links[b].to);
  });
  for (const std::size_t l : order) {
    Band& band = m_bands[l];
    if (!band.valid)
      continue;
    const auto from = static_cast<std::size_t>(links[l].from),
               to = static_cast<std::size_t>(links[l].to);
    band.height = links[l].amount * perUnit;
    band.fromY = m_nodes[from].rect.top() + out[from];
    band.toY = m_nodes[to].rect.top() + in[to];
    out[from] += band.height;
    in[to] += band.height;
  }
}

QPainterPath FlowScene::itemShape(int item) const {
  QPainterPath path;
  if (item < 0 || item >= items())
    return path;
  const Band& band = m_bands[static_cast<std::size_t>(item)];
  const trace::Flow::Link& link = m_spec.flow.links[static_cast<std::size_t>(item)];
  if (!band.valid || band.folded)
    return path;
  const Node& from = m_nodes[static_cast<std::size_t>(link.from)];
  const Node& to = m_nodes[static_cast<std::size_t>(link.to)];
  if (from.column < m_window.first || to.column >= m_window.first + m_window.count)
    return path;
  const double x0 = from.rect.right(), x1 = to.rect.left(), middle = (x0 + x1) / 2;
  const double height = std::max(0.75, band.height);
  path.moveTo(x0, band.fromY);
  path.cubicTo(middle, band.fromY, middle, band.toY, x1, band.toY);
  path.lineTo(x1, band.toY + height);
  path.cubicTo(middle, band.toY + height, middle, band.fromY + height, x0, band.fromY + height);
  path.closeSubpath();
  return path;
}

void FlowScene::paint(QPainter& painter, PaintTarget) const {
  const Theme& theme = Theme::instance();
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  QColor quiet = theme.color(Ink::TextMuted);
  quiet.setAlphaF(0.28F);
  const auto lit = [&](int node) { return std::ranges::binary_search(m_highlight, node); };
  for (const bool highlighted : {false, true})
    for (int item = 0; item < items(); ++item) {
      const trace::Flow::Link& link = m_spec.flow.links[static_cast<std::size_t>(item)];
      if ((lit(link.from) || lit(link.to)) != highlighted)
        continue;
      QColor accent = theme.color(Ink::Accent);
      accent.setAlphaF(0.75F);
      painter.fillPath(itemShape(item), highlighted ? accent : quiet);
    }
  const QFont font = theme.font(TextSize::Tick);
  const QFontMetricsF metrics(font);
  painter.setFont(font);
  painter.setRenderHint(QPainter::Antialiasing, false);
  for (int c = m_window.first; c < m_window.first + m_window.count; ++c) {
    double lastText = -1e9;
    const bool last = c == m_window.first + m_window.count - 1;
    for (const int n : m_columns[static_cast<std::size_t>(c)]) {
      const Node& node = m_nodes[static_cast<std::size_t>(n)];
      painter.fillRect(node.rect, theme.color(lit(n) ? Ink::Accent : Ink::ControlLine));
      const double y = node.rect.center().y();
      if (node.rect.height() < 7 || y - lastText < metrics.height() - 2)
        continue;
      lastText = y;
      painter.setPen(theme.color(lit(n) ? Ink::TextStrong : Ink::TextMuted));
      const QString label =
          QString::fromStdString(m_spec.flow.nodes[static_cast<std::size_t>(n)].label);
      const QRectF area =
          last ? QRectF(node.rect.right() + 4, y - 10, theme.px(40), 20)
               : QRectF(node.rect.left() - theme.px(40) - 4, y - 10, theme.px(40), 20);
      painter.drawText(area, (last ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter,
                       metrics.elidedText(label, Qt::ElideRight, area.width()));
    }
    if (const QString heading = m_spec.columnTitles.value(c);
        !heading.isEmpty() && !m_columns[static_cast<std::size_t>(c)].empty()) {
      const double x =
          m_nodes[static_cast<std::size_t>(m_columns[static_cast<std::size_t>(c)].front())]
              .rect.center()
              .x();
      painter.setPen(theme.color(Ink::TextMuted));
      const double width = theme.px(110);
      painter.drawText(QRectF(std::clamp(x - width / 2, 0.0, m_plot.right() + theme.px(44) - width),
                              theme.px(6), width, theme.px(14)),
                       Qt::AlignCenter, heading);
    }
  }
  painter.restore();
}

int FlowScene::itemAt(const QPointF& at) const {
  for (int item = items() - 1; item >= 0; --item)
    if (itemShape(item).contains(at))
      return item;
  return -1;
}

QString FlowScene::tableRowName(int row) const {
  const trace::Flow::Link& link = m_spec.flow.links[static_cast<std::size_t>(row)];
  const auto name = [&](int node) {
    return node >= 0 && node < static_cast<int>(m_spec.flow.nodes.size())
               ? QString::fromStdString(m_spec.flow.nodes[static_cast<std::size_t>(node)].label)
               : QString("?");
  };
  return tr("%1 to %2").arg(name(link.from), name(link.to));
}

QString FlowScene::tableColumnName(int) const {
  return withUnit(tr("amount").toStdString(), m_spec.flow.unit);
}

QString FlowScene::valueOf(int item) const {
  return item < 0 || item >= items()
             ? QString()
             : valueText(m_spec.flow.links[static_cast<std::size_t>(item)].amount,
                         ValueFormat::Count) +
                   " " + QString::fromStdString(m_spec.flow.unit);
}

QStringList FlowScene::describe(int item) const {
  if (item < 0 || item >= items())
    return {};
  QStringList lines = {tableRowName(item) + " · " + valueOf(item)};
  const trace::Flow::Link& link = m_spec.flow.links[static_cast<std::size_t>(item)];
  if (m_bands[static_cast<std::size_t>(item)].valid) {
    const Node& from = m_nodes[static_cast<std::size_t>(link.from)];
    const Node& to = m_nodes[static_cast<std::size_t>(link.to)];
    lines << tr("%1 of the source, %2 of the target")
                 .arg(valueText(link.amount / amount(from), ValueFormat::Percent),
                      valueText(link.amount / amount(to), ValueFormat::Percent));
  }
  if (!m_spec.origin.isEmpty())
    lines << m_spec.origin;
  return lines;
}

QString FlowScene::spoken(int item) const {
  return item < 0 || item >= items() ? QString() : tableRowName(item) + ", " + valueOf(item);
}

QString FlowScene::headline() const {
  const auto largest = std::ranges::max_element(m_spec.flow.links, {}, &trace::Flow::Link::amount);
  const QString shape = tr("%1, %2 nodes, %3 bands").arg(title()).arg(m_nodes.size()).arg(items());
  if (largest == m_spec.flow.links.end())
    return shape + tr(", no data");
  return shape +
         tr(", largest %1").arg(spoken(static_cast<int>(largest - m_spec.flow.links.begin())));
}

int FlowScene::neighbour(int item, int right, int down) const {
  if (items() == 0)
    return -1;
  if (item < 0)
    return 0;
  // The next band that has a place.
  for (int next = item + (right != 0 ? right : down);
       next >= 0 && next<items(); next += right + down> 0 ? 1 : -1)
    if (!itemShape(next).isEmpty())
      return next;
  return item;
}

bool FlowScene::zoom(double factor, const QPointF& at) {
  return m_window.zoom(factor, (at.x() - m_plot.left()) / m_plot.width(), 2);
}

bool FlowScene::pan(const QPointF& pixels) {
  const double columns = pixels.x() / m_plot.width() * m_window.count;
  return m_window.pan(columns > 0   ? std::max(1.0, columns)
                      : columns < 0 ? std::min(-1.0, columns)
                                    : 0);
}

} // namespace switchyard::studio
