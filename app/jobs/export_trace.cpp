#include "app/jobs/export_trace.h"

#include <map>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <utf8proc.h>

#include "app/jobs/export_rows.h"
#include "app/jobs/npz_writer.h"
#include "app/jobs/trace_arrays.h"
#include "core/checkpoint/safetensors_writer.h"

namespace switchyard::jobs {
namespace {

using base::ErrorCode;

/// Streams every array into `sink(bytes)` after `begin(array)`, checking for stops in between.
template <typename Begin, typename Sink>
base::Result<void> streamAll(trace::TraceReader& reader, const base::RunControl& control,
                             Begin begin, Sink sink) {
  const std::int64_t total = reader.trace().sequences();
  return forEachArray(reader, [&](const TraceArray& array) -> base::Result<void> {
    SY_TRY(control.check());
    control.report(array.sequence, total, "sequences");
    SY_TRY(begin(array));
    return streamArray(reader, array, sink);
  });
}

base::Result<void> writeSafetensors(trace::TraceReader& reader, const std::filesystem::path& path,
                                    const base::RunControl& control) {
  std::vector<checkpoint::TensorSpec> tensors;
  SY_TRY(forEachArray(reader, [&](const TraceArray& array) -> base::Result<void> {
    tensors.push_back({.name = array.name,
                       .dtype = array.integers ? tensor::DType::I64 : tensor::DType::F32,
                       .shape = array.shape});
    return {};
  }));
  std::map<std::string, std::string> metadata;
  const nlohmann::json facts = SY_TRY(traceMetadata(reader));
  for (const auto& [key, value] : facts.items())
    metadata[key] = value.is_string() ? value.get<std::string>() : value.dump();
  auto writer = SY_TRY(checkpoint::SafetensorsWriter::create(path, tensors, metadata));
  SY_TRY(streamAll(
      reader, control, [](const TraceArray&) { return base::Result<void>(); },
      [&](std::span<const std::byte> bytes) { return writer.write(bytes); }));
  return writer.finish();
}

/// UTF-8 as NumPy's unicode arrays hold it: four bytes for each code point.
std::vector<char32_t> codePoints(const std::string& text) {
  std::vector<char32_t> points;
  for (std::size_t at = 0; at < text.size();) {
    utf8proc_int32_t point = 0;
    const auto length =
        utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                         static_cast<utf8proc_ssize_t>(text.size() - at), &point);
    points.push_back(length > 0 ? static_cast<char32_t>(point) : U'\ufffd');
    at += length > 0 ? static_cast<std::size_t>(length) : 1;
  }
  return points;
}

base::Result<void> writeNpz(trace::TraceReader& reader, const std::filesystem::path& path,
                            const base::RunControl& control) {
  auto writer = SY_TRY(NpzWriter::create(path));
  const std::vector<char32_t> facts = codePoints(SY_TRY(traceMetadata(reader)).dump());
  SY_TRY(writer.beginArray("metadata", fmt::format("<U{}", facts.size()),
                           static_cast<std::int64_t>(facts.size() * sizeof(char32_t)), {}));
  SY_TRY(writer.write(std::as_bytes(std::span(facts))));
  SY_TRY(streamAll(
      reader, control,
      [&](const TraceArray& array) {
        return writer.beginArray(array.name, array.integers ? "<i8" : "<f4", array.integers ? 8 : 4,
                                 array.shape);
      },
      [&](std::span<const std::byte> bytes) { return writer.write(bytes); }));
  return writer.finish();
}

base::Result<void> writeText(trace::TraceReader& reader, const ExportOptions& options,
                             const base::RunControl& control) {
  auto file = SY_TRY(BufferedFile::create(options.out));
  SY_TRY(options.format == ExportFormat::Csv ? writeCsv(reader, file, control)
                                             : writeJsonl(reader, file, control));
  return file.commit();
}

std::vector<std::string> leftOut(const trace::Trace& trace, ExportFormat format) {
  const trace::Columns& columns = trace.columns();
  std::vector<std::string> names;
  if (columns.distributions && (format == ExportFormat::Csv || format == ExportFormat::Jsonl))
    names.emplace_back("distributions");
  if (format != ExportFormat::Csv)
    return names;
  if (columns.logits)
    names.emplace_back("logits");
  if (columns.hidden)
    names.emplace_back("hidden");
  if (columns.lmLogits)
    names.emplace_back("lm-logits");
  if (!trace.meta().figures.empty())
    names.emplace_back("figures");
  return names;
}

} // namespace

base::Result<ExportFormat> parseExportFormat(std::string_view name) {
  constexpr std::pair<std::string_view, ExportFormat> kFormats[] = {
      {"safetensors", ExportFormat::Safetensors},
      {"npz", ExportFormat::Npz},
      {"csv", ExportFormat::Csv},
      {"jsonl", ExportFormat::Jsonl}};
  for (const auto& [word, format] : kFormats)
    if (word == name)
      return format;
  return base::fail(
      ErrorCode::InvalidArgument,
      fmt::format("'{}' is no export format; choose safetensors, npz, csv or jsonl", name));
}

base::Result<ExportSummary> exportTrace(const std::shared_ptr<const trace::Trace>& trace,
                                        const ExportOptions& options,
                                        const base::RunControl& control) {
  std::error_code ignored;
  if (!options.overwrite && std::filesystem::exists(options.out, ignored))
    return base::fail(ErrorCode::InvalidArgument,
                      "the file exists; choose another name or allow overwriting",
                      {.file = options.out.string()});
  auto reader = SY_TRY(trace->reader());
  switch (options.format) {
  case ExportFormat::Safetensors:
    SY_TRY(writeSafetensors(*reader, options.out, control));
    break;
  case ExportFormat::Npz:
    SY_TRY(writeNpz(*reader, options.out, control));
    break;
  case ExportFormat::Csv:
  case ExportFormat::Jsonl:
    SY_TRY(writeText(*reader, options, control));
    break;
  }
  control.report(trace->sequences(), trace->sequences(), "sequences");
  return ExportSummary{.sequences = trace->sequences(),
                       .tokens = trace->tokens(),
                       .leftOut = leftOut(*trace, options.format)};
}

} // namespace switchyard::jobs
