#include "app/jobs/decode_records.h"

#include <algorithm>
#include <limits>

namespace switchyard::jobs {

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

} // namespace switchyard::jobs
