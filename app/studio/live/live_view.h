#pragma once

#include <nlohmann/json_fwd.hpp>

#include "app/studio/live/player.h"
#include "app/studio/shell/view.h"

class QComboBox;
class QLabel;
class QPlainTextEdit;
class QPushButton;
class QTabBar;
class QTableView;
class QToolButton;

namespace switchyard::studio {

class Legend;
class NextTokens;
class Panel;
class Raster;
class RoutingTable;
class TokenStrip;
class YardLegend;
class YardWidget;

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
  QPlainTextEdit& prompt() { return *m_prompt; }

protected:
  void resizeEvent(QResizeEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

private:
  void makePromptRow();
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
  void restoreScale(const nlohmann::json& kept);

  Player& m_player;
  QWidget* m_promptRow = nullptr;
  QPlainTextEdit* m_prompt = nullptr;
  QPushButton* m_generate = nullptr;
  QWidget* m_replayRow = nullptr;
  QToolButton* m_replayPlay = nullptr;
  QToolButton* m_replayStep = nullptr;
  QLabel* m_replayPosition = nullptr;
  QLabel* m_replayFacts = nullptr;
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
