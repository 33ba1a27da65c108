#include "app/studio/live/routing_table.h"

#include "app/studio/live/metric_names.h"

namespace switchyard::studio {

RoutingTable::RoutingTable(Player& player, QObject* parent)
    : QAbstractTableModel(parent), m_player(player) {}

void RoutingTable::refresh() {
  const Track* track = m_player.track();
  const std::int64_t position = track ? m_player.shown() : -1;
  const int rows = position < 0 ? 0 : static_cast<int>(track->layers());
  const int ranks = position < 0 ? 0 : track->k();
  if (rows != m_rows || ranks != m_ranks) {
    beginResetModel();
    m_rows = rows;
    m_ranks = ranks;
    m_position = position;
    endResetModel();
    return;
  }
  m_position = position;
  if (rows > 0)
    Q_EMIT dataChanged(index(0, 0), index(rows - 1, columnCount() - 1));
}

int RoutingTable::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : m_rows;
}

int RoutingTable::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : FirstRank + 2 * m_ranks;
}

QString RoutingTable::text(int row, int column) const {
  const Track* track = m_player.track();
  if (!track || !track->contains(m_position))
    return {};
  const auto layer = static_cast<std::size_t>(row);
  switch (column) {
  case Layer:
    return QString("L%1").arg(track->shape().layers[layer].layer);
  case Entropy:
    return metricText(track->entropy(m_position, layer));
  case Margin:
    return metricText(track->margin(m_position, layer));
  case TopGate:
    return metricText(track->topGate(m_position, layer));
  default:
    break;
  }
  const auto rank = static_cast<std::size_t>(column - FirstRank) / 2;
  const std::uint16_t id = track->ids(m_position, layer)[rank];
  if (id == trace::kNoExpert)
    return {};
  if ((column - FirstRank) % 2 == 0)
    return QString("E%1").arg(id);
  const auto weights = track->weights(m_position, layer);
  return weights.empty() ? QString() : QString::number(static_cast<double>(weights[rank]), 'f', 3);
}

QVariant RoutingTable::data(const QModelIndex& index, int role) const {
  if (!index.isValid())
    return {};
  if (role == Qt::DisplayRole)
    return text(index.row(), index.column());
  if (role == Qt::TextAlignmentRole)
    return QVariant::fromValue(index.column() == Layer ? Qt::AlignLeft | Qt::AlignVCenter
                                                       : Qt::AlignRight | Qt::AlignVCenter);
  return {};
}

QVariant RoutingTable::headerData(int section, Qt::Orientation orientation, int role) const {
  if (role != Qt::DisplayRole || orientation != Qt::Horizontal)
    return {};
  switch (section) {
  case Layer:
    return tr("layer");
  case Entropy:
    return tr("entropy");
  case Margin:
    return tr("margin");
  case TopGate:
    return tr("top-1 gate");
  default:
    break;
  }
  const int rank = (section - FirstRank) / 2 + 1;
  return (section - FirstRank) % 2 == 0 ? tr("rank %1").arg(rank) : tr("gate %1").arg(rank);
}

} // namespace switchyard::studio
