#pragma once

// Traces whose every choice follows a rule, so that tests can count by hand.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/trace/writer.h"
#include "tests/support/temp_folder.h"

namespace switchyard::jobs {

inline constexpr int kLayers = 3, kExperts = 8, kK = 2;

/// Sequence s has 1000 + 300 s rows; experts by a rule that differs by layer and `twist`.
inline std::uint16_t expertAt(int sequence, int layer, std::int64_t row, int slot, int twist) {
  const auto value = static_cast<std::uint64_t>(row) * 2654435761U +
                     static_cast<std::uint64_t>(sequence * 97 + layer * 31);
  const auto first = static_cast<std::uint16_t>((value >> 7) % kExperts);
  if (slot == 0)
    return static_cast<std::uint16_t>((first + (twist != 0 && row % 10 == 0 ? 1 : 0)) % kExperts);
  return static_cast<std::uint16_t>((first + 3) % kExperts);
}

inline std::filesystem::path writeTrace(const tests::TempFolder& folder, const std::string& name,
                                        int sequences, int twist, std::int32_t token = 5,
                                        int used = kK, bool reversed = false) {
  trace::TraceMeta meta;
  meta.stackLayers = kLayers + 1;
  meta.hidden = 4;
  meta.vocabulary = 100;
  for (int layer = 0; layer < kLayers; ++layer)
    meta.layers.push_back({layer + 1, kExperts, kK}); // the first layer of the stack is dense
  auto writer = trace::TraceWriter::create(folder / name, meta, trace::Columns{});
  EXPECT_TRUE(writer) << (writer ? "" : writer.error().describe());
  for (int index = 0; index < sequences; ++index) {
    const int s = reversed ? sequences - 1 - index : index;
    const std::int64_t rows = 1000 + 300 * s;
    trace::SequenceInfo info;
    info.index = index;
    info.id = "s" + std::to_string(s);
    info.labels["domain"] = s % 2 ? "odd" : "even";
    EXPECT_TRUE((*writer)->beginSequence(info));
    for (int layer = 0; layer < kLayers; ++layer) {
      std::vector<std::int32_t> ids;
      for (std::int64_t row = 0; row < rows; ++row)
        for (int slot = 0; slot < kK; ++slot)
          ids.push_back(slot < used ? expertAt(s, layer, row, slot, twist) : -1);
      trace::RoutingRows routing;
      routing.rows = rows;
      routing.ids = ids;
      EXPECT_TRUE((*writer)->addRouting(layer, routing));
    }
    EXPECT_TRUE((*writer)->endSequence(
        std::vector<std::int32_t>(static_cast<std::size_t>(rows), token), rows));
  }
  EXPECT_TRUE((*writer)->finish());
  return folder / name;
}

/// Counts of the kept rows by naive code: [layers * experts].
inline std::vector<std::int64_t>
naiveCounts(int sequences, const std::function<bool(int, std::int64_t, std::int64_t)>& kept) {
  std::vector<std::int64_t> counts(kLayers * kExperts);
  std::int64_t start = 0;
  for (int s = 0; s < sequences; ++s) {
    const std::int64_t rows = 1000 + 300 * s;
    for (std::int64_t row = 0; row < rows; ++row)
      if (kept(s, row, start + row))
        for (int layer = 0; layer < kLayers; ++layer)
          for (int slot = 0; slot < kK; ++slot)
            ++counts[static_cast<std::size_t>(layer * kExperts + expertAt(s, layer, row, slot, 0))];
    start += rows;
  }
  return counts;
}

} // namespace switchyard::jobs
