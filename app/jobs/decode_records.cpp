#include "app/jobs/decode_records.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace switchyard::jobs {

namespace {

/// log softmax of the logits, summed in double; NaN where there are none.
void logProbabilities(std::span<const float> logits, std::size_t width, std::vector<float>& out) {
  out.assign(width, std::numeric_limits<float>::quiet_NaN());
  if (logits.empty())
    return;
  const double most = std::ranges::max(logits);
  double total = 0;
  for (const float logit : logits)
    total += std::exp(static_cast<double>(logit) - most);
  const double shift = most + std::log(total);
  std::ranges::transform(logits, out.begin(), [&](float logit) {
    return static_cast<float>(static_cast<double>(logit) - shift);
  });
}

} // namespace

base::Result<void> addRecords(trace::TraceWriter& writer, std::span<const DecodeRecord> records) {
  const std::vector<std::string>& figures = writer.meta().figures;
  if (figures.empty())
    return {};
  std::vector<float> row(figures.size());
  for (const DecodeRecord& record : records) {
    std::ranges::fill(row, std::numeric_limits<float>::quiet_NaN());
    for (const auto& [name, value] : record) {
      const auto at = std::ranges::find(figures, name);
      if (at != figures.end())
        row[static_cast<std::size_t>(at - figures.begin())] = static_cast<float>(value);
    }
    SY_TRY(writer.addFigures(1, row));
  }
  return {};
}

std::function<base::Result<void>(std::span<const float>, std::span<const float>)>
distributionRecorder(trace::TraceWriter& writer) {
  if (!writer.columns().distributions)
    return nullptr;
  return [&writer,
          row = std::vector<float>()](std::span<const float> text,
                                      std::span<const float> other) mutable -> base::Result<void> {
    const auto width = static_cast<std::size_t>(writer.meta().vocabulary);
    for (int which = 0; which < trace::kDistributions; ++which) {
      logProbabilities(which == 0 ? text : other, width, row);
      SY_TRY(writer.addDistribution(which, 1, row));
    }
    return {};
  };
}

} // namespace switchyard::jobs
