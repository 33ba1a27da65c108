// Which experts a result's figure shows, read off its axes.

#include <QRegularExpression>

#include "app/studio/views/figure_panel.h"

namespace switchyard::studio {

namespace {

std::optional<int> layerIn(const trace::Figure& figure) {
  static const QRegularExpression pattern("layer_(\\d+)$");
  const QRegularExpressionMatch match = pattern.match(QString::fromStdString(figure.name));
  return match.hasMatch() ? std::optional(match.captured(1).toInt()) : std::nullopt;
}

std::vector<int> numbersOf(const std::vector<std::string>& labels) {
  std::vector<int> numbers;
  for (const std::string& label : labels) {
    bool isNumber = false;
    numbers.push_back(QString::fromStdString(label).toInt(&isNumber));
    if (!isNumber)
      return {};
  }
  return numbers;
}

int indexIn(const std::vector<int>& numbers, int number) {
  for (std::size_t i = 0; i < numbers.size(); ++i)
    if (numbers[i] == number)
      return static_cast<int>(i);
  return -1;
}

FigureLink gridLink(std::vector<int> layers, std::vector<int> experts) {
  FigureLink link;
  const int columns = static_cast<int>(experts.size());
  link.expertsOf = [=](int item) -> std::vector<ExpertKey> {
    return {{layers[static_cast<std::size_t>(item / columns)],
             experts[static_cast<std::size_t>(item % columns)]}};
  };
  link.itemsOf = [=](const ExpertKey& expert) -> std::vector<int> {
    const int row = indexIn(layers, expert.layer), column = indexIn(experts, expert.expert);
    return row < 0 || column < 0 ? std::vector<int>() : std::vector<int>{row * columns + column};
  };
  return link;
}

FigureLink matrixLink(int layer, std::vector<int> experts) {
  FigureLink link;
  const int columns = static_cast<int>(experts.size());
  link.expertsOf = [=](int item) -> std::vector<ExpertKey> {
    const ExpertKey row{layer, experts[static_cast<std::size_t>(item / columns)]};
    const ExpertKey column{layer, experts[static_cast<std::size_t>(item % columns)]};
    return row == column ? std::vector{row} : std::vector{row, column};
  };
  link.itemsOf = [=](const ExpertKey& expert) -> std::vector<int> {
    const int at = indexIn(experts, expert.expert);
    return expert.layer != layer || at < 0 ? std::vector<int>()
                                           : std::vector<int>{at * columns + at};
  };
  link.itemOfPair = [=](const ExpertKey& a, const ExpertKey& b) {
    const int row = indexIn(experts, a.expert), column = indexIn(experts, b.expert);
    return a.layer != layer || b.layer != layer || row < 0 || column < 0 ? -1
                                                                         : row * columns + column;
  };
  return link;
}

} // namespace

FigureLink columnLink(int layer, int rows, int columns) {
  FigureLink link;
  link.expertsOf = [=](int item) -> std::vector<ExpertKey> { return {{layer, item % columns}}; };
  link.itemsOf = [=](const ExpertKey& expert) -> std::vector<int> {
    std::vector<int> column;
    if (expert.layer == layer && expert.expert < columns)
      for (int row = 0; row < rows; ++row)
        column.push_back(row * columns + expert.expert);
    return column;
  };
  return link;
}

FigureLink linkOf(const trace::Figure& figure) {
  const auto* map = std::get_if<trace::Heatmap>(&figure.content);
  if (!map)
    return {};
  const std::vector<int> experts = numbersOf(map->x.labels);
  if (experts.empty())
    return {};
  if (map->x.title == "expert" && map->y.title == "layer")
    if (std::vector<int> layers = numbersOf(map->y.labels); !layers.empty())
      return gridLink(std::move(layers), experts);
  const std::optional<int> layer = layerIn(figure);
  if (layer && map->x.title.find("expert") != std::string::npos && map->x.labels == map->y.labels)
    return matrixLink(*layer, experts);
  if (layer && map->x.title == "expert")
    return columnLink(*layer, static_cast<int>(map->y.labels.size()),
                      static_cast<int>(experts.size()));
  return {};
}

} // namespace switchyard::studio
