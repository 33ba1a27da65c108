#include "app/studio/live/cell_tables.h"

#include <algorithm>

#include <QCoreApplication>

#include "app/studio/figures/cell_table.h"
#include "app/studio/figures/value_text.h"
#include "app/studio/live/metric_names.h"
#include "app/studio/live/raster.h"
#include "app/studio/live/token_strip.h"
#include "app/studio/live/yard_widget.h"

namespace switchyard::studio {

namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("CellTables", text);
}

class YardCells final : public CellTable {
public:
  YardCells(YardWidget& yard, Player& player, Workbench& workbench)
      : m_yard(yard), m_player(player), m_workbench(workbench) {}

  QString headline() const override { return m_yard.spoken(); }
  int rows() const override { return track() ? static_cast<int>(track()->layers()) : 0; }
  int columns() const override { return track() ? track()->experts() : 0; }
  QString rowName(int row) const override { return QString("L%1").arg(key(row * columns()).layer); }
  QString columnName(int column) const override { return QString("E%1").arg(column); }
  int item(int row, int column) const override {
    const auto& layers = track()->shape().layers;
    return column < layers[static_cast<std::size_t>(row)].experts ? row * columns() + column : -1;
  }
  std::pair<int, int> place(int item) const override {
    return {item / columns(), item % columns()};
  }
  bool contains(int item) const override { return item >= 0 && item < rows() * columns(); }
  QString spoken(int item) const override { return toText(key(item)) + ", " + value(item); }
  QString value(int item) const override {
    const auto [row, expert] = place(item);
    const auto layer = static_cast<std::size_t>(row);
    const std::int64_t shown = m_player.shown();
    QStringList parts;
    if (track()->contains(shown)) {
      const auto ids = track()->ids(shown, layer);
      const auto found = std::ranges::find(ids, static_cast<std::uint16_t>(expert));
      const auto weights = track()->weights(shown, layer);
      if (found == ids.end())
        parts << tr("not chosen");
      else if (weights.empty())
        parts << tr("%1 of %2")
                     .arg(ordinal(static_cast<int>(found - ids.begin()) + 1))
                     .arg(track()->k());
      else
        parts << tr("%1 of %2, gate %3")
                     .arg(ordinal(static_cast<int>(found - ids.begin()) + 1))
                     .arg(track()->k())
                     .arg(valueText(static_cast<double>(
                                        weights[static_cast<std::size_t>(found - ids.begin())]),
                                    ValueFormat::Rate));
      const std::int64_t from = std::max(track()->begin(), shown + 1 - kBedWindow);
      parts << tr("used by %1 of the last %2 tokens")
                   .arg(track()->uses(layer, expert, from, shown + 1))
                   .arg(shown + 1 - from);
    }
    return parts.join(", ");
  }
  QRectF rect(int item) const override {
    return m_yard.where().cell(place(item).first, place(item).second);
  }
  int itemAt(const QPointF& at) const override {
    const YardLayout& layout = m_yard.where();
    const int layer = rows() > 0 ? layout.layerAt(at.y()) : -1;
    const int expert = layer < 0 ? -1 : layout.expertAt(layer, at.x());
    return expert < 0 ? -1 : item(layer, expert);
  }
  bool isSelected(int item) const override { return m_workbench.selection().contains(key(item)); }
  bool isPinned(int item) const override {
    const auto* pinned = std::get_if<ExpertKey>(&m_workbench.selection().pin());
    return pinned && *pinned == key(item);
  }
  bool isCurrent(int item) const override {
    return m_workbench.selection().primaryExpert() == key(item);
  }
  std::vector<int> selected() const override {
    std::vector<int> items;
    for (const ExpertKey& expert : m_workbench.selection().experts())
      if (const int row = m_player.moeLayerOf(expert.layer); row >= 0 && expert.expert < columns())
        items.push_back(row * columns() + expert.expert);
    return items;
  }

private:
  const Track* track() const { return m_player.track(); }
  ExpertKey key(int item) const { return m_player.expertKey(item / columns(), item % columns()); }
  YardWidget& m_yard;
  Player& m_player;
  Workbench& m_workbench;
};

/// Tokens of the track: what raster and strip have in common. A token's column moves when the track
/// begins later; its number does not.
class TokenCells : public CellTable {
public:
  TokenCells(Player& player, Workbench& workbench) : m_player(player), m_workbench(workbench) {}

  QString headline() const override {
    if (!track() || track()->isEmpty())
      return tr("No token yet.");
    return tr("%1, tokens %2 to %3").arg(measure()).arg(track()->begin()).arg(track()->end() - 1);
  }
  int columns() const override {
    return track() ? static_cast<int>(track()->end() - track()->begin()) : 0;
  }
  QString columnName(int column) const override { return tokenName(track()->begin() + column); }
  int item(int row, int column) const override {
    return static_cast<int>(track()->begin() + column) * rows() + row;
  }
  std::pair<int, int> place(int item) const override {
    return {item % rows(), static_cast<int>(item / rows() - track()->begin())};
  }
  bool contains(int item) const override {
    return item >= 0 && rows() > 0 && track()->contains(item / rows());
  }
  QString spoken(int item) const override {
    return tokenName(token(item)) + ", " + measure(item) + " " + value(item);
  }
  bool isSelected(int item) const override {
    return m_workbench.selection().contains(m_player.keyOf(token(item)));
  }
  bool isCurrent(int item) const override { return m_player.shown() == token(item); }
  std::vector<int> selected() const override {
    std::vector<int> items;
    for (const TokenKey& key : m_workbench.selection().tokens())
      if (const auto position = m_player.positionOf(key); position && rows() > 0)
        items.push_back(static_cast<int>(*position) * rows());
    return items;
  }

protected:
  virtual QString measure(int item = -1) const = 0; ///< of all cells, or of one
  const Track* track() const { return m_player.track(); }
  std::int64_t token(int item) const { return item / rows(); }
  QString tokenName(std::int64_t position) const {
    return track()->has(position) ? tr("token %1 %2")
                                        .arg(position)
                                        .arg(m_player.texts().quoted(track()->token(position)))
                                  : tr("token %1").arg(position);
  }
  Player& m_player;
  Workbench& m_workbench;
};

class RasterCells final : public TokenCells {
public:
  RasterCells(Raster& raster, Player& player, Workbench& workbench)
      : TokenCells(player, workbench), m_raster(raster) {}
  int rows() const override { return track() ? static_cast<int>(track()->layers()) : 0; }
  QString rowName(int row) const override {
    return QString("L%1").arg(track()->shape().layers[static_cast<std::size_t>(row)].layer);
  }
  QString value(int item) const override {
    return metricText(valueOf(m_raster.metric(), *track(), token(item),
                              static_cast<std::size_t>(item % rows()), m_player.npmi()));
  }
  QRectF rect(int item) const override {
    return m_raster.cellRect(token(item), static_cast<std::size_t>(item % rows()));
  }
  int itemAt(const QPointF& at) const override {
    for (std::int64_t position = track() ? track()->begin() : 0;
         track() && position < track()->end(); ++position)
      for (int row = 0; row < rows(); ++row)
        if (m_raster.cellRect(position, static_cast<std::size_t>(row)).contains(at))
          return static_cast<int>(position) * rows() + row;
    return -1;
  }

private:
  QString measure(int item) const override {
    return item < 0 ? metricName(m_raster.metric())
                    : rowName(item % rows()) + " " + metricName(m_raster.metric());
  }
  Raster& m_raster;
};

class StripCells final : public TokenCells {
public:
  StripCells(TokenStrip& strip, Player& player, Workbench& workbench)
      : TokenCells(player, workbench), m_strip(strip) {}
  int rows() const override { return track() && !track()->isEmpty() ? 1 : 0; }
  QString rowName(int) const override { return measure(-1); }
  QString value(int item) const override {
    return metricText(
        valueOf(m_strip.metric(), *track(), token(item), m_strip.layer(), m_player.npmi()));
  }
  QRectF rect(int item) const override { return m_strip.tokenRect(token(item)); }
  int itemAt(const QPointF& at) const override {
    for (std::int64_t position = track() ? track()->begin() : 0;
         track() && position < track()->end(); ++position)
      if (m_strip.tokenRect(position).contains(at))
        return static_cast<int>(position);
    return -1;
  }

private:
  QString measure(int) const override {
    return metricName(m_strip.metric(), m_strip.layer(), track()->shape());
  }
  TokenStrip& m_strip;
};

} // namespace

void describeCells(YardWidget& yard, Raster& raster, TokenStrip& strip, Player& player,
                   Workbench& workbench) {
  new CellTableHolder(&yard, std::make_unique<YardCells>(yard, player, workbench));
  new CellTableHolder(&raster, std::make_unique<RasterCells>(raster, player, workbench));
  new CellTableHolder(&strip, std::make_unique<StripCells>(strip, player, workbench));
}

} // namespace switchyard::studio
