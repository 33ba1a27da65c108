#include "app/cli/trace_cat.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/trace/reader.h"

namespace switchyard::cli {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

struct Range {
  std::int64_t first = 0;
  std::int64_t end = INT64_MAX;
};

Result<Range> parseRange(const std::string& text) {
  Range range;
  if (text.empty())
    return range;
  const auto colon = text.find(':');
  const auto number = [&](std::string_view part, std::int64_t& value) {
    if (part.empty())
      return true;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    return error == std::errc() && end == part.data() + part.size() && value >= 0;
  };
  const std::string_view view = text;
  if (colon == std::string::npos || !number(view.substr(0, colon), range.first) ||
      !number(view.substr(colon + 1), range.end) || range.end < range.first)
    return fail(ErrorCode::InvalidArgument,
                fmt::format("--tokens \"{}\" is no range; write FIRST:END, e.g. 0:16", text));
  return range;
}

/// Positions in the stack -> ascending indices among the MoE layers.
Result<std::vector<int>> findLayers(const trace::TraceMeta& meta, const std::vector<int>& stack) {
  std::vector<int> found;
  for (const int layer : stack) {
    const auto at = std::ranges::find(meta.layers, layer, &trace::LayerInfo::layer);
    if (at == meta.layers.end())
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("layer {} is no recorded MoE layer", layer));
    found.push_back(static_cast<int>(at - meta.layers.begin()));
  }
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

/// Prints blocks until the limit is reached.
class Printer {
public:
  explicit Printer(const CatOptions& options) : m_options(options) {}

  Result<void> block(const trace::RoutingBlock& block) {
    for (std::int64_t row = 0; row < block.rows; ++row) {
      if (full())
        return fail(ErrorCode::Cancelled, "limit reached");
      m_options.json ? jsonLine(block, row) : textLine(block, row);
      ++m_lines;
    }
    return {};
  }
  /// values: of the generated token at `position`.
  void figures(const trace::SequenceInfo& info, std::int64_t position,
               const std::vector<std::string>& names, std::span<const float> values) {
    const std::int32_t token = info.tokens[static_cast<std::size_t>(position)];
    nlohmann::json recorded = nlohmann::json::object();
    std::string text = fmt::format("{}\t{}\t{}", info.id, position, token);
    for (std::size_t i = 0; i < names.size(); ++i)
      if (!std::isnan(values[i])) {
        recorded[names[i]] = values[i];
        text += fmt::format("\t{} {:.6g}", names[i], values[i]);
      }
    if (m_options.json)
      text = nlohmann::json{{"sequence", info.index},
                            {"id", info.id},
                            {"position", position},
                            {"token", token},
                            {"figures", recorded}}
                 .dump();
    fmt::print("{}\n", text);
    ++m_lines;
  }
  /// logProbabilities [vocabulary] of distribution `which`; NaN: there was none, and nothing is
  /// printed.
  void distribution(const trace::SequenceInfo& info, std::int64_t position, int which,
                    std::span<const float> logProbabilities) {
    if (std::isnan(logProbabilities[0]))
      return;
    const std::int32_t token = info.tokens[static_cast<std::size_t>(position)];
    const char* pass = which == 0 ? "text" : "other";
    std::string text = fmt::format("{}\t{}\t{}\t{}", info.id, position, token, pass);
    auto likeliest = nlohmann::json::array();
    for (const std::size_t id : largest(logProbabilities)) {
      likeliest.push_back({{"token", id}, {"logprob", logProbabilities[id]}});
      text += fmt::format("\t{} {:.4f}", id, logProbabilities[id]);
    }
    if (m_options.json)
      text = nlohmann::json{{"sequence", info.index}, {"id", info.id},
                            {"position", position},   {"token", token},
                            {"pass", pass},           {"likeliest", std::move(likeliest)}}
                 .dump();
    fmt::print("{}\n", text);
    ++m_lines;
  }
  bool full() const { return m_options.limit > 0 && m_lines >= m_options.limit; }

private:
  /// Ids of the `top` largest, falling; ties: lower id.
  std::vector<std::size_t> largest(std::span<const float> values) const {
    std::vector<std::size_t> ids(values.size());
    std::iota(ids.begin(), ids.end(), std::size_t{0});
    const auto end = ids.begin() + static_cast<std::ptrdiff_t>(std::min(
                                       values.size(), static_cast<std::size_t>(m_options.top)));
    std::partial_sort(ids.begin(), end, ids.end(), [&](std::size_t a, std::size_t b) {
      return values[a] > values[b] || (values[a] == values[b] && a < b);
    });
    ids.erase(end, ids.end());
    return ids;
  }

  void textLine(const trace::RoutingBlock& block, std::int64_t row) {
    const std::int64_t position = block.firstToken + row;
    fmt::print("{}\t{}\t{}\tL{}", block.sequence->id, position,
               block.sequence->tokens[static_cast<std::size_t>(position)], block.info.layer);
    for (int slot = 0; slot < block.info.k; ++slot) {
      const auto at = static_cast<std::size_t>(row * block.info.k + slot);
      if (block.ids[at] == trace::kNoExpert)
        continue;
      if (block.weights.empty())
        fmt::print("\tE{}", block.ids[at]);
      else
        fmt::print("\tE{} {:.4f}", block.ids[at], block.weights[at]);
    }
    fmt::print("\n");
  }

  void jsonLine(const trace::RoutingBlock& block, std::int64_t row) {
    const std::int64_t position = block.firstToken + row;
    nlohmann::json line = {{"sequence", block.sequence->index},
                           {"id", block.sequence->id},
                           {"position", position},
                           {"token", block.sequence->tokens[static_cast<std::size_t>(position)]},
                           {"layer", block.info.layer}};
    for (int slot = 0; slot < block.info.k; ++slot) {
      const auto at = static_cast<std::size_t>(row * block.info.k + slot);
      if (block.ids[at] == trace::kNoExpert)
        continue;
      line["experts"].push_back(block.ids[at]);
      if (!block.weights.empty())
        line["weights"].push_back(block.weights[at]);
    }
    fmt::print("{}\n", line.dump());
  }

  const CatOptions& m_options;
  std::int64_t m_lines = 0;
};

Result<void> catFigures(trace::TraceReader& reader, const trace::SequenceInfo& info,
                        const Range& range, Printer& printer) {
  const std::vector<std::string>& names = reader.trace().meta().figures;
  std::vector<float> values(names.size());
  const std::int64_t end = std::min(range.end, static_cast<std::int64_t>(info.tokens.size()));
  for (std::int64_t position = std::max(range.first, info.promptLength);
       position < end && !printer.full(); ++position) {
    SY_TRY(reader.figures(info.index, position - info.promptLength, 1, values));
    printer.figures(info, position, names, values);
  }
  return {};
}

Result<void> catDistributions(trace::TraceReader& reader, const trace::SequenceInfo& info,
                              const Range& range, Printer& printer) {
  std::vector<float> values(static_cast<std::size_t>(reader.trace().meta().vocabulary));
  const std::int64_t end = std::min(range.end, static_cast<std::int64_t>(info.tokens.size()));
  for (std::int64_t position = std::max(range.first, info.promptLength); position < end; ++position)
    for (int which = 0; which < trace::kDistributions && !printer.full(); ++which) {
      SY_TRY(reader.distribution(info.index, which, position - info.promptLength, 1, values));
      printer.distribution(info, position, which, values);
    }
  return {};
}

} // namespace

Result<void> catTrace(const std::string& path, const CatOptions& options, std::stop_token stop) {
  const auto trace = SY_TRY(trace::Trace::open(path));
  const Range range = SY_TRY(parseRange(options.tokens));
  const std::vector<int> layers = SY_TRY(findLayers(trace->meta(), options.layers));
  const std::int64_t first = options.sequence.value_or(0);
  const std::int64_t end = options.sequence ? first + 1 : trace->sequences();
  if (first < 0 || end > trace->sequences())
    return fail(ErrorCode::InvalidArgument, fmt::format("there is no sequence {}; the trace has {}",
                                                        first, trace->sequences()));
  if (options.figures && trace->meta().figures.empty())
    return fail(ErrorCode::InvalidArgument,
                "this trace has no figures: no decoder recorded any while it was made",
                {.file = path});
  if (options.distributions && !trace->columns().distributions)
    return fail(ErrorCode::InvalidArgument,
                "this trace has no distributions; record it with --record ...,distributions",
                {.file = path});
  const auto reader = SY_TRY(trace->reader());
  Printer printer(options);
  for (std::int64_t index = first; index < end && !printer.full(); ++index) {
    if (stop.stop_requested())
      return fail(ErrorCode::Cancelled, "stopped on request");
    const trace::SequenceInfo info = SY_TRY(reader->sequence(index, trace::SequenceText::Skip));
    if (options.figures) {
      SY_TRY(catFigures(*reader, info, range, printer));
      continue;
    }
    if (options.distributions) {
      SY_TRY(catDistributions(*reader, info, range, printer));
      continue;
    }
    const trace::SequenceSize size = SY_TRY(reader->size(index));
    auto visited = reader->forEachBlock(
        info, trace::Columns::ofBlocks(), layers, std::min(range.first, size.rows),
        std::min(range.end, size.rows),
        [&](const trace::RoutingBlock& block) { return printer.block(block); });
    if (!visited && !printer.full())
      return visited;
  }
  return {};
}

} // namespace switchyard::cli
