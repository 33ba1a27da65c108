#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "app/studio/figures/chart_scene.h"
#include "app/studio/figures/figure_widget.h"
#include "app/studio/figures/flow_scene.h"
#include "app/studio/figures/heatmap_scene.h"
#include "app/studio/figures/legend.h"
#include "app/studio/shell/view.h"
#include "app/studio/views/result_table_view.h"

class QLabel;
class QStackedWidget;

namespace switchyard::studio {

/// Which experts the items of a figure are, both ways. Empty functions: it shows no experts.
struct FigureLink {
  std::function<std::vector<ExpertKey>(int)> expertsOf{}; ///< the last one becomes primary
  std::function<std::vector<int>(const ExpertKey&)> itemsOf{};
  /// The item of a pair that is selected together (matrices); -1: none.
  std::function<int(const ExpertKey&, const ExpertKey&)> itemOfPair{};
};

/// What an edit at a legend changes of a scale.
struct ScaleEnds {
  double low = 0, high = 1;
  bool inverted = false;
  friend bool operator==(const ScaleEnds&, const ScaleEnds&) = default;
};

/// A figure with all that every figure has: header (title, note, legend), table alternative, hover,
/// selection linked through the session, context menu, copy and export. Belongs to a view.
class FigurePanel : public QWidget {
  Q_OBJECT
public:
  FigurePanel(View& view, QWidget* parent = nullptr);

  void setHeading(const QString& title, const QString& question = {});
  void showHeatmap(std::shared_ptr<const HeatmapData> data, FigureLink link = {});
  void showChart(ChartSpec spec, FigureLink link = {});
  void showFlow(FlowSpec spec, FigureLink link = {});
  /// Any figure of a result, with the link that its axes tell.
  void showFigure(const trace::Figure& figure);
  void showPlaceholder(int rows, int columns);
  /// More columns than the figure has; row i is still item i.
  void setTable(std::shared_ptr<const TableSource> source);

  FigureWidget* figure() const { return m_figure; }
  ResultTableView* table() const { return m_table; }
  Legend* legend() const { return m_legend; }
  const std::shared_ptr<const TableSource>& source() const { return m_source; }
  bool isEmpty() const { return m_figure->scene() == nullptr; }

  /// Scales that were changed at the legend, undoably, by what the colours mean and their kind.
  const std::map<QString, ScaleEnds>& scales() const { return m_scales; }
  void setScales(std::map<QString, ScaleEnds> scales); ///< not undoable: of a session

  void setShowsTable(bool table);
  bool showsTable() const;
  QString csv() const;
  /// Heading, legend and figure into an area of a page.
  void paintInto(QPainter& painter, const QRectF& area, PaintTarget target);
  void setBinning(Binning binning);
  void toggleCurrent(); ///< primary item into the set, or out of it
  void selectAll();

Q_SIGNALS:
  void itemChosen(int item); ///< clicked or reached by keys, whatever it means
  void itemActivated(int item);
  void becameCurrent(); ///< got the focus: the view's keys act on this one

protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

private:
  void setScene(std::unique_ptr<FigureScene> scene, std::shared_ptr<const TableSource> source,
                FigureLink link);
  void updateMarks();
  void updateNote();
  void connectLegend();
  void changeScale(const std::optional<ScaleEnds>& ends); ///< none: the designed ones
  void updateScale();
  void updateLegend();
  void choose(int item, Qt::KeyboardModifiers modifiers);
  void chooseMany(const std::vector<int>& items, bool add);
  void showMenu(int item, const QPoint& at);
  std::vector<ExpertKey> expertsOf(int item) const;

  View& m_view;
  Workbench& m_workbench;
  QWidget* m_header;
  QLabel* m_title;
  QLabel* m_note;
  Legend* m_legend;
  QStackedWidget* m_stack;
  FigureWidget* m_figure;
  ResultTableView* m_table;
  QString m_question;
  std::shared_ptr<const TableSource> m_source;
  FigureLink m_link;
  std::map<QString, ScaleEnds> m_scales;
  int m_chosen = -1;     ///< item without experts
  quint64 m_figures = 0; ///< shown so far: a figure that is prepared too late is dropped
};

/// The link of a result's figure by its axes: layer by expert, expert by expert of "layer N", label
/// by expert of "layer N"; empty if it says nothing of experts.
FigureLink linkOf(const trace::Figure& figure);
/// The same for a heatmap of one layer: columns are experts, rows what they are.
FigureLink columnLink(int layer, int rows, int columns);

} // namespace switchyard::studio
