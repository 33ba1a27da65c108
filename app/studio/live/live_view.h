#pragma once

#include <nlohmann/json_fwd.hpp>

#include "app/studio/live/player.h"
#include "app/studio/shell/view.h"

class QComboBox;
class QPlainTextEdit;
class QTabBar;
class QToolButton;

namespace switchyard::studio {

class Legend;
class NextTokens;
class Panel;
class PromptRow;
class Raster;
class ReplayRow;
class RoutingTable;
class TokenStrip;
class YardLegend;
class YardWidget;
struct YardScales;

/// Watches text being generated, or a trace played again, token by token.
class LiveView : public View {
  Q_OBJECT
public:
  LiveView(Workbench& workbench, const QString& id, const QString& title);

  bool handles(const QString& actionId) const override;
  void command(const QString& actionId) override;
  bool paint(QPainter& painter, const QRectF& area) override;
  QString commandLine() const override;
  void refresh() override;
  QString saveState() const override;
  void restoreState(const QString& state) override;

  Player& player() { return m_player; }
  YardWidget& yard() { return *m_yard; }
  TokenStrip& strip() { return *m_strip; }
  Raster& raster() { return *m_raster; }
  NextTokens& nextTokens() { return *m_next; }
  QPlainTextEdit& prompt();

protected:
  void resizeEvent(QResizeEvent* event) override;

private:
  void makeFigures();
  QComboBox* makeMetricChoice();
  void showTrack(bool replaced);
  void updateControls();
  void updateHeaders();
  void updateState();
  void updateMetrics();
  void speak();
  void applySizes();
  void arrange(); ///< where there is little height, the raster is a tab beside the yard
  void generate();
  void connectLegends();
  ColorDomain rasterScale() const; ///< with the signs of clamped ends
  void changeRasterScale(const std::optional<ColorDomain>& scale); ///< nothing: as designed
  void changeYardScales(const YardScales& scales, const QString& what);
  void resetScales();
  void saveScales(nlohmann::json& state) const;
  void restoreScales(const nlohmann::json& state);

  Player& m_player;
  PromptRow* m_promptRow = nullptr;
  ReplayRow* m_replayRow = nullptr;
  TokenStrip* m_strip = nullptr;
  YardWidget* m_yard = nullptr;
  Raster* m_raster = nullptr;
  NextTokens* m_next = nullptr;
  RoutingTable* m_routing = nullptr;
  YardLegend* m_yardLegend = nullptr;
  Legend* m_rasterLegend = nullptr;
  QToolButton* m_usedOnly = nullptr;
  QToolButton* m_compare = nullptr;
  QToolButton* m_follow = nullptr;
  QComboBox* m_stripMetric = nullptr;
  QComboBox* m_rasterMetric = nullptr;
  Panel* m_stripPanel = nullptr;
  Panel* m_yardPanel = nullptr;
  Panel* m_rasterPanel = nullptr;
  Panel* m_nextPanel = nullptr;
  QTabBar* m_tabs = nullptr; ///< yard, raster
};

} // namespace switchyard::studio
