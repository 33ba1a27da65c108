#pragma once

#include <QAbstractTableModel>

#include "app/studio/live/player.h"

namespace switchyard::studio {

/// The shown token's routing as rows: one a layer. The yard's table alternative.
class RoutingTable : public QAbstractTableModel {
  Q_OBJECT
public:
  /// Fixed columns in front; then expert and gate of every rank.
  enum Columns { Layer, Entropy, Margin, TopGate, FirstRank };

  explicit RoutingTable(Player& player, QObject* parent = nullptr);
  void refresh(); ///< another token is shown
  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  QVariant headerData(int section, Qt::Orientation orientation,
                      int role = Qt::DisplayRole) const override;

private:
  QString text(int row, int column) const;

  Player& m_player;
  int m_rows = 0, m_ranks = 0;
  std::int64_t m_position = -1;
};

} // namespace switchyard::studio
