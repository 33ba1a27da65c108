#include "app/jobs/ranks/event_tape.h"

#include <algorithm>

namespace switchyard::jobs {

namespace {

using base::Result;
using hooks::RowInfo;

enum class Kind : std::uint8_t { Router, Hidden, LmLogits, Predicted };

constexpr std::size_t kManyBytes = std::size_t{1} << 20;

template <typename Value> void put(base::ArchiveWriter& archive, std::span<const Value> values) {
  archive(std::uint64_t{values.size()});
  archive.raw(values.data(), values.size());
}

void putRows(base::ArchiveWriter& archive, std::span<const RowInfo> rows) {
  archive(std::uint64_t{rows.size()});
  for (const RowInfo& row : rows)
    archive(row.sequence.value, row.position.value, row.token.value);
}

std::vector<RowInfo> rowsOf(base::ArchiveReader& archive) {
  std::vector<RowInfo> rows(archive.count());
  for (RowInfo& row : rows)
    archive(row.sequence.value, row.position.value, row.token.value);
  return rows;
}

Result<void> replayRouter(base::ArchiveReader& archive, hooks::Observer& observer) {
  hooks::RouterEvent event;
  std::vector<float> values[7];
  std::vector<std::int32_t> ids;
  archive(event.layer.value, event.experts, event.k);
  const std::vector<RowInfo> rows = rowsOf(archive);
  for (auto& each : values)
    archive.grown(each);
  archive.grown(ids);
  if (!archive.ok())
    return {};
  event.rows = rows;
  event.ids = ids;
  event.input = values[0];
  event.logits = values[1];
  event.probs = values[2];
  event.biasedScores = values[3];
  event.rawWeights = values[4];
  event.weights = values[5];
  event.norms = values[6];
  return observer.onRouter(event);
}

Result<void> replayHidden(base::ArchiveReader& archive, hooks::Observer& observer) {
  hooks::HiddenEvent event;
  std::vector<float> values;
  archive(event.index, event.hidden);
  const std::vector<RowInfo> rows = rowsOf(archive);
  archive.grown(values);
  event.rows = rows;
  event.values = values;
  return archive.ok() ? observer.onHidden(event) : Result<void>();
}

Result<void> replayLogits(base::ArchiveReader& archive, hooks::Observer& observer) {
  hooks::LmLogitsEvent event;
  std::vector<float> values;
  archive(event.vocabulary);
  const std::vector<RowInfo> rows = rowsOf(archive);
  archive.grown(values);
  event.rows = rows;
  event.logits = values;
  return archive.ok() ? observer.onLmLogits(event) : Result<void>();
}

} // namespace

Result<void> EventTape::add(base::ArchiveWriter& event) {
  m_bytes += event.take();
  return m_bytes.size() < kManyBytes ? Result<void>() : flush();
}

Result<void> EventTape::flush() {
  return m_bytes.empty() ? Result<void>() : m_flush(std::exchange(m_bytes, {}));
}

Result<void> EventTape::onRouter(const hooks::RouterEvent& event) {
  base::ArchiveWriter archive;
  archive(Kind::Router, event.layer.value, event.experts, event.k);
  putRows(archive, event.rows);
  for (const auto& values : {event.input, event.logits, event.probs, event.biasedScores,
                             event.rawWeights, event.weights, event.norms})
    put(archive, values);
  put(archive, event.ids);
  return add(archive);
}

Result<void> EventTape::onHidden(const hooks::HiddenEvent& event) {
  if (!hooks::contains(m_wants.points, hooks::Point::Hidden))
    return {};
  base::ArchiveWriter archive;
  archive(Kind::Hidden, event.index, event.hidden);
  putRows(archive, event.rows);
  put(archive, event.values);
  return add(archive);
}

Result<void> EventTape::onLmLogits(const hooks::LmLogitsEvent& event) {
  if (!hooks::contains(m_wants.points, hooks::Point::LmLogits))
    return {};
  base::ArchiveWriter archive;
  if (!m_wants.argmaxOnly) {
    archive(Kind::LmLogits, event.vocabulary);
    putRows(archive, event.rows);
    put(archive, event.logits);
    return add(archive);
  }
  archive(Kind::Predicted);
  std::vector<std::int32_t> largest;
  const auto width = static_cast<std::size_t>(event.vocabulary);
  for (std::size_t row = 0; row < event.rows.size(); ++row) {
    const auto logits = event.logits.subspan(row * width, width);
    largest.push_back(static_cast<std::int32_t>(std::ranges::max_element(logits) - logits.begin()));
  }
  archive.grown(largest);
  return add(archive);
}

Result<void>
replayEvents(std::string_view bytes, hooks::Observer& observer,
             const std::function<Result<void>(std::span<const std::int32_t>)>& onPredicted) {
  base::ArchiveReader archive(bytes);
  while (archive.ok() && !archive.finished()) {
    Kind kind{};
    archive(kind);
    if (kind == Kind::Router) {
      SY_TRY(replayRouter(archive, observer));
    } else if (kind == Kind::Hidden) {
      SY_TRY(replayHidden(archive, observer));
    } else if (kind == Kind::LmLogits) {
      SY_TRY(replayLogits(archive, observer));
    } else if (kind == Kind::Predicted) {
      std::vector<std::int32_t> tokens;
      archive.grown(tokens);
      if (archive.ok())
        SY_TRY(onPredicted(tokens));
    } else {
      archive.fail();
    }
  }
  if (!archive.ok())
    return base::fail(base::ErrorCode::Internal, "routing events of another rank are damaged");
  return {};
}

} // namespace switchyard::jobs
