// What a filter says, from and to command lines, and the rows that its range and sample keep.

#include "app/jobs/filtered.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "core/trace/row_starts.h"

namespace switchyard::jobs {

namespace {

using base::ErrorCode;
using base::Result;

/// "100:200"; nothing if it is anything else.
std::optional<std::pair<std::int64_t, std::int64_t>> numberPair(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  std::pair<std::int64_t, std::int64_t> pair;
  const auto read = [](std::string_view part, std::int64_t& value) {
    const auto result = std::from_chars(part.data(), part.data() + part.size(), value);
    return !part.empty() && result.ec == std::errc() && result.ptr == part.data() + part.size();
  };
  if (!read(text.substr(0, colon), pair.first) || !read(text.substr(colon + 1), pair.second))
    return std::nullopt;
  return pair;
}

} // namespace

std::string RowFilter::description() const {
  std::string text;
  if (range)
    text = fmt::format("tokens {} to {}", range->first, range->second - 1);
  if (routedTo)
    text += fmt::format("{}routed to L{} E{}", text.empty() ? "" : ", ", routedTo->first,
                        routedTo->second);
  if (sample > 0)
    text += fmt::format("{}a sample of {} rows", text.empty() ? "" : ", ", sample);
  return text;
}

std::vector<std::pair<std::int64_t, std::int64_t>>
keptRows(const RowFilter& filter, std::int64_t total, std::int64_t first, std::int64_t last) {
  const std::int64_t low =
      filter.range ? std::clamp<std::int64_t>(filter.range->first, 0, total) : 0;
  const std::int64_t high = filter.range ? std::clamp(filter.range->second, low, total) : total;
  const std::int64_t from = std::max(first, low), to = std::min(last, high);
  std::vector<std::pair<std::int64_t, std::int64_t>> kept;
  if (from >= to)
    return kept;
  const std::int64_t rows = high - low,
                     runs = (filter.sample + RowFilter::kSampleRun - 1) / RowFilter::kSampleRun;
  if (filter.sample <= 0 || runs * RowFilter::kSampleRun >= rows)
    return {{from, to}};
  // Run i starts at low + i * rows / runs; they do not touch, since rows > runs * kSampleRun.
  for (std::int64_t i = std::max<std::int64_t>(0, (from - low) * runs / rows - 1); i < runs; ++i) {
    const std::int64_t start = low + i * rows / runs;
    if (start >= to)
      break;
    if (const std::int64_t end = std::min(start + RowFilter::kSampleRun, to);
        end > std::max(start, from))
      kept.emplace_back(std::max(start, from), end);
  }
  return kept;
}

std::string flagsOf(const RowFilter& filter) {
  std::string flags;
  if (filter.range)
    flags += fmt::format(" --rows {}:{}", filter.range->first, filter.range->second);
  if (filter.routedTo)
    flags += fmt::format(" --routed-to {}:{}", filter.routedTo->first, filter.routedTo->second);
  return flags;
}

Result<RowFilter> parseRowFilter(std::string_view rows, std::string_view routedTo) {
  RowFilter filter;
  if (!rows.empty()) {
    const auto pair = numberPair(rows);
    if (!pair || pair->first < 0 || pair->second <= pair->first)
      return base::fail(
          ErrorCode::InvalidArgument,
          fmt::format("--rows is FIRST:LAST with FIRST < LAST, as in 100:200, not \"{}\"", rows));
    filter.range = *pair;
  }
  if (!routedTo.empty()) {
    constexpr std::int64_t kMost = 65535;
    const auto pair = numberPair(routedTo);
    if (!pair || pair->first < 0 || pair->second < 0 || pair->first > kMost || pair->second > kMost)
      return base::fail(
          ErrorCode::InvalidArgument,
          fmt::format("--routed-to is LAYER:EXPERT, as in 5:19, not \"{}\"", routedTo));
    filter.routedTo = std::pair(static_cast<int>(pair->first), static_cast<int>(pair->second));
  }
  return filter;
}

Result<std::shared_ptr<const std::vector<std::int64_t>>> rowStarts(const trace::Trace& trace) {
  return trace::rowStarts(trace);
}

} // namespace switchyard::jobs
