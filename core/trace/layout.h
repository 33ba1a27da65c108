#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/trace/columns.h"
#include "core/trace/meta.h"

namespace switchyard::trace {

/// What a chunk holds; the numbers are on disk.
enum class ChunkKind : std::uint8_t {
  Text = 1,   ///< prompt bytes
  Tokens = 2, ///< i32
  Ids = 3,    ///< u16, or u8 where the codec says so
  Weights = 4,
  Logits = 5,
  Norms = 6,
  Hidden = 7,
  LmLogits = 8,
  Predicted = 9,      ///< i32
  Figures = 10,       ///< of the decoder, for generated tokens only
  Distributions = 11, ///< likewise
};
constexpr std::size_t kChunkKinds = 12; ///< one more than the largest number

std::string_view name(ChunkKind kind); ///< "ids", "lm-logits"

/// Layers of one column that share chunks. All layers of a group, for the same rows, are one chunk.
struct LayerGroup {
  int firstLayer = 0;
  int layers = 0;
  std::int64_t rowsPerChunk = 0; ///< every chunk of a sequence but its last has so many
  std::int64_t rowBytes = 0;     ///< decoded, of one row over all layers of the group
};

/// How one column is cut into chunks.
struct ColumnLayout {
  ChunkKind kind = ChunkKind::Ids;
  int elementBytes = 0;             ///< decoded: 1, 2 or 4
  std::vector<std::int64_t> widths; ///< values per row, one per layer of the column
  std::vector<LayerGroup> groups;   ///< consecutive, covering all layers
  std::vector<int> groupOfLayer;

  const LayerGroup& groupFor(int layer) const {
    return groups[static_cast<std::size_t>(groupOfLayer[static_cast<std::size_t>(layer)])];
  }
  /// Bytes of one chunk with the group's full number of rows.
  std::int64_t chunkBytes(const LayerGroup& group) const {
    return group.rowsPerChunk * group.rowBytes;
  }
};

/// Every column of a trace. Text, tokens and ids are always there.
class Layout {
public:
  /// The writer's rule: layers join a group while a row of it stays within 4 KiB; a chunk has as
  /// many rows as fit into 2 MiB, at most 8192, at least one.
  static Layout forWriting(const TraceMeta& meta, const Columns& columns);
  /// From the "layout" text of a file. Errors: InvalidFormat if it does not fit `meta` and
  /// `columns` or a chunk would pass kMaxChunkBytes.
  static base::Result<Layout> parse(std::string_view text, const TraceMeta& meta,
                                    const Columns& columns);
  /// "text 1x1048576;tokens 1x8192;ids 16x8192;...": per column, groups as layers "x" rows.
  std::string text() const;

  const std::vector<ColumnLayout>& columns() const { return m_columns; }
  const ColumnLayout* find(ChunkKind kind) const; ///< null if not recorded

  static constexpr std::int64_t kMaxChunkBytes = 128 << 20;

private:
  std::vector<ColumnLayout> m_columns;
};

/// The key of a chunk, and its parts. Keys of a sequence are consecutive in this order: kind,
/// group, number.
struct ChunkKey {
  std::int64_t sequence = 0; ///< < 2^31
  ChunkKind kind = ChunkKind::Ids;
  int group = 0;           ///< < 2^12
  std::int64_t number = 0; ///< < 2^16

  static constexpr std::int64_t kMaxSequences = std::int64_t{1} << 31;
  static constexpr int kMaxGroups = 1 << 12;
  static constexpr std::int64_t kMaxNumber = 1 << 16;

  std::int64_t pack() const {
    return sequence << 32 | static_cast<std::int64_t>(kind) << 28 |
           static_cast<std::int64_t>(group) << 16 | number;
  }
  static ChunkKey unpack(std::int64_t key) {
    return {.sequence = key >> 32,
            .kind = static_cast<ChunkKind>(key >> 28 & 0xf),
            .group = static_cast<int>(key >> 16 & 0xfff),
            .number = key & 0xffff};
  }
};

} // namespace switchyard::trace
