#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/plugin/sdk/common.hpp"

SY_SDK_NAMESPACE_BEGIN

/// A cell of a table; monostate: undefined (0/0, no data).
using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;

struct Column {
  std::string name{}; ///< snake_case, unique in its table
  std::string unit{}; ///< "tokens", "nats", "share"; empty for ids and names
  std::string help{}; ///< one sentence
};

struct Table {
  std::string name{}; ///< file-name safe, unique in its result
  std::string title{};
  std::vector<Column> columns{};
  std::vector<std::vector<Cell>> rows{}; ///< one cell for each column
};

struct Headline {
  std::string name{};
  std::string title{};
  Cell value{};
  std::string unit{};
  std::optional<std::pair<double, double>> interval{};
  double level = 0.95;
  std::string note{};
};

struct Axis {
  std::string title{};
  std::vector<std::string> labels{}; ///< one for each row or column, in drawing order
};

struct Merge {
  int left = 0; ///< nodes 0..n-1 are leaves; merge i makes node n + i
  int right = 0;
  double height = 0;
};

/// values [y, x] row-major, NaN = no data; with merges, a square matrix already in leaf order.
struct Heatmap {
  Axis x{};
  Axis y{};
  std::vector<double> values{};
  std::string unit{};
  std::optional<double> neutral{};
  std::vector<Merge> merges{};
};

struct Series {
  std::string name{};
  std::vector<double> x{}; ///< empty for bars
  std::vector<double> y{}; ///< NaN = no data
  std::vector<std::pair<double, double>> intervals{};
  std::vector<std::string> labels{};
};

enum class ChartKind : std::int32_t {
  Bar = SY_CHART_BAR,
  Line = SY_CHART_LINE,
  Scatter = SY_CHART_SCATTER
};

struct Chart {
  ChartKind kind = ChartKind::Bar;
  std::string xTitle{}, xUnit{};
  std::string yTitle{}, yUnit{};
  std::vector<std::string> categories{}; ///< bars: one for each bar of every series
  std::vector<Series> series{};
  std::optional<double> reference{};
  std::string referenceLabel{};
};

struct Flow {
  struct Node {
    std::string label{};
    int column = 0;
  };
  struct Link {
    int from = 0;
    int to = 0; ///< a node in a later column
    double amount = 0;
  };
  std::vector<Node> nodes{};
  std::vector<Link> links{};
  std::string unit{};
};

struct Figure {
  std::string name{}; ///< file-name safe, unique in its result
  std::string title{};
  std::string note{};
  std::variant<Heatmap, Chart, Flow> content{};
};

/// What an analyzer or a simulator returns. Id, version, options, sequences and tokens are filled
/// in by the host.
struct Result {
  std::vector<Table> tables{};
  std::vector<Figure> figures{};
  std::vector<Headline> headlines{};
  std::vector<std::string> findings{}; ///< one readable statement each, most telling first
  std::vector<std::string> warnings{}; ///< what limits the result
  std::string formula{};               ///< with its source
  std::string filter{};                ///< which tokens, layers and labels were read
};

SY_SDK_NAMESPACE_END
