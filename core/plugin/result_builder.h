#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/plugin/abi.h"
#include "core/trace/result.h"

namespace switchyard::plugin {

/// Takes a plugin's result over the C edge and checks every piece: names, sizes, indices, bounds on
/// memory, UTF-8. What is not finite becomes undefined, with one warning for each place.
class ResultBuilder {
public:
  /// Bounds of one result; more is refused with SY_LIMIT_EXCEEDED.
  static constexpr std::uint64_t kMaxCells = 20'000'000;   ///< of all tables and figures
  static constexpr std::uint64_t kMaxTextBytes = 1u << 30; ///< of all texts
  static constexpr std::size_t kMaxOneText = 1u << 20;
  static constexpr std::size_t kMaxPieces = 4096; ///< tables, figures, headlines, sentences

  ResultBuilder();
  ResultBuilder(const ResultBuilder&) = delete;
  ResultBuilder& operator=(const ResultBuilder&) = delete;

  const sy_result* table() const { return &m_table; }
  /// The result with the warnings about what was changed; the builder is empty afterwards. The
  /// first refusal instead, if any piece was refused, even if the plugin went on.
  base::Result<trace::AnalysisResult> take();

private:
  template <typename Body> static sy_status run(void* context, sy_error* error, Body&& body);

  void addTable(const char* name, const char* title);
  void addColumn(const char* name, const char* unit, const char* help);
  void addRow(const sy_cell* cells, std::uint32_t count);
  void addHeadline(const sy_headline& headline);
  void addHeatmap(const sy_figure& figure, const sy_heatmap& heatmap);
  void addChart(const sy_figure& figure, const sy_chart& chart);
  void addFlow(const sy_figure& figure, const sy_flow& flow);

  [[noreturn]] static void refuse(std::string message, sy_status status = SY_INVALID_ARGUMENT);
  template <typename Struct> static void requireStruct(const Struct* given, const char* what) {
    if (given == nullptr || given->struct_size < sizeof(Struct))
      refuse(std::string(what) + " is null or its struct_size too small");
  }
  static void requirePointer(const void* pointer, std::uint64_t count, const std::string& what);
  std::string text(const char* foreign);
  std::string fileName(const char* foreign, const char* what);
  void countCells(std::uint64_t count);
  void countPiece();
  trace::Cell cell(const sy_cell& value, const std::string& place);
  double finiteOrNan(double value, const std::string& place);
  trace::Axis axis(const sy_axis* from, const std::string& place);
  std::vector<std::string> labels(const char* const* from, std::uint64_t count,
                                  const std::string& place);
  std::vector<trace::DendrogramMerge> merges(const sy_heatmap& heatmap, std::size_t leaves,
                                             const std::string& place);
  trace::Series series(const sy_series& from, trace::ChartKind kind, std::size_t categories,
                       const std::string& place);
  trace::Figure figure(const sy_figure& from);

  sy_result m_table{};
  trace::AnalysisResult m_result;
  std::set<std::string> m_tableNames, m_figureNames, m_headlineNames;
  std::vector<std::string> m_columnPlaces; ///< of the last table's columns: "table 'x', column 'y'"
  std::map<std::string, std::int64_t> m_notFinite; ///< place -> values
  std::optional<base::Error> m_refusal;
  std::uint64_t m_cells = 0;
  std::uint64_t m_textBytes = 0;
  std::size_t m_pieces = 0;
};

} // namespace switchyard::plugin
