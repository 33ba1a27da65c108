#include "app/jobs/export_rows.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace switchyard::jobs {
namespace {

constexpr std::int64_t kPieceValues = 1 << 16;

/// A CSV field as RFC 4180 wants it.
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos)
    return text;
  std::string quoted = "\"";
  for (const char c : text)
    quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

/// "expert_0,expert_1,..." with a comma before each.
void appendNames(std::string& header, std::string_view name, int count) {
  for (int i = 0; i < count; ++i)
    header += fmt::format(",{}_{}", name, i);
}

/// A JSON number; null where JSON has none. Shortest text that reads back as the same float.
void appendNumber(std::string& text, float value) {
  if (std::isfinite(value))
    fmt::format_to(std::back_inserter(text), "{}", value);
  else
    text += "null";
}

void appendNumber(std::string& text, std::int32_t value) {
  fmt::format_to(std::back_inserter(text), "{}", value);
}

void appendNumber(std::string& text, std::uint16_t value) {
  appendNumber(text, value == trace::kNoExpert ? -1 : static_cast<std::int32_t>(value));
}

/// Writes [[...],[...]] row by row as `read(first, rows, span)` gives them; width 0: [..] of
/// values.
template <typename Value, typename Read>
base::Result<void> writeRows(BufferedFile& out, std::int64_t rows, std::int64_t width, Read read) {
  SY_TRY(out.write("["));
  std::vector<Value> values;
  const std::int64_t columns = std::max<std::int64_t>(width, 1);
  const std::int64_t step = std::max<std::int64_t>(1, kPieceValues / columns);
  for (std::int64_t first = 0; first < rows; first += step) {
    const std::int64_t count = std::min(step, rows - first);
    values.resize(static_cast<std::size_t>(count * columns));
    SY_TRY(read(first, count, std::span(values)));
    std::string text;
    for (std::int64_t r = 0; r < count; ++r) {
      text += first + r > 0 ? "," : "";
      text += width > 0 ? "[" : "";
      for (std::int64_t c = 0; c < columns; ++c) {
        text += c > 0 ? "," : "";
        appendNumber(text, values[static_cast<std::size_t>(r * columns + c)]);
      }
      text += width > 0 ? "]" : "";
    }
    SY_TRY(out.write(text));
  }
  return out.write("]");
}

base::Result<void> writeLayer(trace::TraceReader& reader, BufferedFile& out, std::int64_t s, int l,
                              std::int64_t rows) {
  const trace::LayerInfo& info = reader.trace().meta().layers[static_cast<std::size_t>(l)];
  const trace::Columns& columns = reader.trace().columns();
  SY_TRY(out.write(fmt::format("{}{{\"layer\":{},\"experts\":", l > 0 ? "," : "", info.layer)));
  SY_TRY(writeRows<std::uint16_t>(out, rows, info.k, [&](auto first, auto count, auto span) {
    return reader.ids(s, l, first, count, span);
  }));
  if (columns.weights) {
    SY_TRY(out.write(",\"weights\":"));
    SY_TRY(writeRows<float>(out, rows, info.k, [&](auto first, auto count, auto span) {
      return reader.weights(s, l, first, count, span);
    }));
  }
  if (columns.logits) {
    SY_TRY(out.write(",\"router_logits\":"));
    SY_TRY(writeRows<float>(out, rows, info.experts, [&](auto first, auto count, auto span) {
      return reader.logits(s, l, first, count, span);
    }));
  }
  if (columns.norms) {
    SY_TRY(out.write(",\"norms\":"));
    SY_TRY(writeRows<float>(out, rows, info.k, [&](auto first, auto count, auto span) {
      return reader.norms(s, l, first, count, span);
    }));
  }
  return out.write("}");
}

base::Result<void> writeWide(trace::TraceReader& reader, BufferedFile& out, std::int64_t s,
                             std::int64_t rows) {
  const trace::TraceMeta& meta = reader.trace().meta();
  const trace::Columns& columns = reader.trace().columns();
  if (columns.hidden) {
    SY_TRY(out.write(",\"hidden\":["));
    for (int d = 0; d <= meta.stackLayers; ++d) {
      SY_TRY(out.write(d > 0 ? "," : ""));
      const int depth = d == meta.stackLayers ? d + 1 : d;
      SY_TRY(writeRows<float>(out, rows, meta.hidden, [&](auto first, auto count, auto span) {
        return reader.hidden(s, depth, first, count, span);
      }));
    }
    SY_TRY(out.write("]"));
  }
  if (columns.lmLogits) {
    SY_TRY(out.write(",\"lm_logits\":"));
    SY_TRY(writeRows<float>(out, rows, meta.vocabulary, [&](auto first, auto count, auto span) {
      return reader.lmLogits(s, first, count, span);
    }));
  }
  if (columns.predicted) {
    SY_TRY(out.write(",\"predicted\":"));
    SY_TRY(writeRows<std::int32_t>(out, rows, 0, [&](auto first, auto count, auto span) {
      return reader.predicted(s, first, count, span);
    }));
  }
  return {};
}

base::Result<void> writeFigures(trace::TraceReader& reader, BufferedFile& out, std::int64_t s,
                                const trace::SequenceSize& size) {
  const auto width = static_cast<std::int64_t>(reader.trace().meta().figures.size());
  if (width == 0)
    return {};
  SY_TRY(out.write(",\"figures\":"));
  return writeRows<float>(
      out, size.tokens - size.promptLength, width,
      [&](auto first, auto count, auto span) { return reader.figures(s, first, count, span); });
}

} // namespace

base::Result<void> writeJsonl(trace::TraceReader& reader, BufferedFile& out,
                              const base::RunControl& control) {
  const trace::Trace& trace = reader.trace();
  for (std::int64_t s = 0; s < trace.sequences(); ++s) {
    SY_TRY(control.check());
    const trace::SequenceInfo info = SY_TRY(reader.sequence(s));
    const trace::SequenceSize size = SY_TRY(reader.size(s));
    const std::int64_t rows = size.rows;
    nlohmann::json head{{"sequence", s},
                        {"id", info.id},
                        {"source", info.source},
                        {"labels", info.labels},
                        {"prompt_length", info.promptLength},
                        {"text", info.text},
                        {"ids", info.tokens}};
    if (!trace.meta().figures.empty())
      head["figure_names"] = trace.meta().figures;
    std::string text = head.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    text.back() = ',';
    SY_TRY(out.write(text + "\"layers\":["));
    for (std::size_t l = 0; l < trace.meta().layers.size(); ++l)
      SY_TRY(writeLayer(reader, out, s, static_cast<int>(l), rows));
    SY_TRY(out.write("]"));
    SY_TRY(writeWide(reader, out, s, rows));
    SY_TRY(writeFigures(reader, out, s, size));
    SY_TRY(out.write("}\n"));
    control.report(s + 1, trace.sequences(), "sequences");
  }
  return {};
}

base::Result<void> writeCsv(trace::TraceReader& reader, BufferedFile& out,
                            const base::RunControl& control) {
  const trace::Trace& trace = reader.trace();
  const trace::Columns columns = trace.columns();
  int slots = 0;
  for (const trace::LayerInfo& layer : trace.meta().layers)
    slots = std::max(slots, layer.k);
  std::string header = "sequence,id,position,token,phase";
  header += columns.predicted ? ",predicted,layer" : ",layer";
  appendNames(header, "expert", slots);
  if (columns.weights)
    appendNames(header, "weight", slots);
  if (columns.norms)
    appendNames(header, "norm", slots);
  SY_TRY(out.write(header + "\n"));
  const trace::Columns wanted{
      .weights = columns.weights, .norms = columns.norms, .predicted = columns.predicted};
  for (std::int64_t s = 0; s < trace.sequences(); ++s) {
    const trace::SequenceInfo info = SY_TRY(reader.sequence(s, trace::SequenceText::Skip));
    const std::string id = field(info.id);
    SY_TRY(reader.forEachBlock(
        info, wanted, {}, 0, static_cast<std::int64_t>(info.tokens.size()),
        [&](const trace::RoutingBlock& block) -> base::Result<void> {
          SY_TRY(control.check());
          std::string text;
          const auto k = static_cast<std::size_t>(block.info.k);
          const auto values = [&](std::span<const float> all, std::size_t row) {
            for (std::size_t slot = 0; slot < static_cast<std::size_t>(slots); ++slot) {
              text += ',';
              if (slot < k && block.ids[row * k + slot] != trace::kNoExpert)
                fmt::format_to(std::back_inserter(text), "{}", all[row * k + slot]);
            }
          };
          for (std::int64_t r = 0; r < block.rows; ++r) {
            const auto row = static_cast<std::size_t>(r);
            const std::int64_t position = block.firstToken + r;
            fmt::format_to(std::back_inserter(text), "{},{},{},{},{}", s, id, position,
                           info.tokens[static_cast<std::size_t>(position)],
                           position < info.promptLength ? "prompt" : "generated");
            if (columns.predicted)
              fmt::format_to(std::back_inserter(text), ",{}", block.predicted[row]);
            fmt::format_to(std::back_inserter(text), ",{}", block.info.layer);
            for (std::size_t slot = 0; slot < static_cast<std::size_t>(slots); ++slot) {
              text += ',';
              if (slot < k && block.ids[row * k + slot] != trace::kNoExpert)
                fmt::format_to(std::back_inserter(text), "{}", block.ids[row * k + slot]);
            }
            if (columns.weights)
              values(block.weights, row);
            if (columns.norms)
              values(block.norms, row);
            text += '\n';
          }
          return out.write(text);
        }));
    control.report(s + 1, trace.sequences(), "sequences");
  }
  return {};
}

} // namespace switchyard::jobs
