#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace switchyard::trace {

/// A cell; monostate means undefined (0/0, no data) and is written as null or an empty field.
using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;

struct Column {
  std::string name; ///< snake_case, unique in its table
  std::string unit; ///< "tokens", "nats", "share", ...; empty for ids and names
  std::string help; ///< one sentence
};

/// Typed rows under named columns. Every row has one cell per column.
struct Table {
  std::string name; ///< file-name safe, unique in its result
  std::string title;
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
};

/// A number worth saying on its own.
struct Headline {
  std::string name;
  std::string title;
  Cell value;
  std::string unit;
  std::optional<std::pair<double, double>> interval; ///< with `level`
  double level = 0.95;
  std::string note; ///< what it says of which data; formula
};

/// A named axis of a figure: one label per row or column, in drawing order.
struct Axis {
  std::string title; ///< "expert", "layer"
  std::vector<std::string> labels;
};

/// One merge of an agglomerative clustering. Leaves are 0..n-1; merge i makes node n + i.
struct DendrogramMerge {
  int left = 0;
  int right = 0;
  double height = 0; ///< distance at which the two were joined
};

/// Values over two axes. values [y.labels.size() * x.labels.size()] row-major, NaN = no data.
/// A matrix with a dendrogram has square values already in leaf order; `merges` then refers to
/// positions in that order.
struct Heatmap {
  Axis x;
  Axis y;
  std::vector<double> values;
  std::string unit;
  std::optional<double> neutral; ///< value that means "nothing special" (chance); diverging colours
  std::vector<DendrogramMerge> merges;
};

/// One line, one group of bars, or one cloud of points.
struct Series {
  std::string name;
  std::vector<double> x; ///< empty for bars: the categories take its place
  std::vector<double> y; ///< NaN = no data
  std::vector<std::pair<double, double>> intervals; ///< of y, or empty
  std::vector<std::string> labels;                  ///< one per point, or empty (scatter)
};

enum class ChartKind : std::uint8_t { Bar, Line, Scatter };

struct Chart {
  ChartKind kind = ChartKind::Bar;
  std::string xTitle, xUnit;
  std::string yTitle, yUnit;
  std::vector<std::string> categories; ///< Bar: one per bar of each series
  std::vector<Series> series;
  std::optional<double> reference; ///< a horizontal line: chance, threshold
  std::string referenceLabel;
};

/// Amounts that flow between nodes in columns (layers), as a Sankey diagram shows them.
struct Flow {
  struct Node {
    std::string label;
    int column = 0;
  };
  struct Link {
    int from = 0; ///< index of a node
    int to = 0;   ///< index of a node in a later column
    double amount = 0;
  };
  std::vector<Node> nodes;
  std::vector<Link> links;
  std::string unit;
};

/// A figure is data; what draws it (window, SVG, report) decides on pixels.
struct Figure {
  std::string name;  ///< file-name safe, unique in its result
  std::string title; ///< says what is to be seen
  std::string note;  ///< which data, formula, sample size
  std::variant<Heatmap, Chart, Flow> content;
};

/// How a result came to be; enough to make it again.
struct Provenance {
  std::string analyzer; ///< id
  std::string version;
  std::string formula; ///< in words or symbols, with its source
  std::string filter;  ///< which tokens, layers and labels were read
  std::int64_t sequences = 0;
  std::int64_t tokens = 0;
  std::vector<std::pair<std::string, std::string>> options;
};

/// What an analyzer returns: tables, figures, headline numbers, and sentences for people.
struct AnalysisResult {
  std::vector<Table> tables;
  std::vector<Figure> figures;
  std::vector<Headline> headlines;
  std::vector<std::string> findings; ///< readable summary, one statement each, most telling first
  std::vector<std::string> warnings; ///< "not enough data: 200 tokens, 3200 needed", ...
  Provenance provenance;
};

} // namespace switchyard::trace
