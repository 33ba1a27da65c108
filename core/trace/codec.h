#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/base/error.h"
#include "core/trace/layout.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace switchyard::trace {

/// How the bytes of a chunk are stored; the numbers are on disk.
enum class Codec : std::uint8_t {
  Plain = 0,        ///< as decoded, little-endian
  Zstd = 1,         ///< Plain, compressed
  ShuffledZstd = 2, ///< first bytes of all values, then second bytes, ...; compressed
  Bytes = 3,        ///< ids as u8
  BytesZstd = 4,    ///< ids as u8, compressed
};

/// A chunk as stored. data borrows from the encoder until its next call.
struct EncodedChunk {
  Codec codec = Codec::Plain;
  std::int64_t rows = 0;
  std::span<const std::byte> data;
};

/// Decoded chunks are layer after layer, each [rows, width] row-major, without gaps.
class ChunkEncoder {
public:
  ChunkEncoder();

  /// decoded: rows * group.rowBytes bytes. The same input always gives the same bytes (for one
  /// version of zstd). Error Internal if zstd fails.
  base::Result<EncodedChunk> encode(const ColumnLayout& column, const LayerGroup& group,
                                    const TraceMeta& meta, std::int64_t rows,
                                    std::span<const std::byte> decoded);

private:
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_CCtx_s, Free> m_context;
  std::vector<std::byte> m_transformed;
  std::vector<std::byte> m_compressed;
};

class ChunkDecoder {
public:
  ChunkDecoder();

  /// Fills `out` (rows * group.rowBytes bytes). Errors: Unsupported for a codec of a newer version;
  /// Corrupt if the data do not decode to exactly that size.
  base::Result<void> decode(const ColumnLayout& column, const LayerGroup& group,
                            const TraceMeta& meta, const EncodedChunk& chunk,
                            std::span<std::byte> out);

private:
  struct Free {
    void operator()(ZSTD_DCtx_s* context) const;
  };
  base::Result<void> decompress(std::span<const std::byte> data, std::span<std::byte> out);

  std::unique_ptr<ZSTD_DCtx_s, Free> m_context;
  std::vector<std::byte> m_scratch;
};

/// Whether every id of a decoded chunk is an expert of its layer or kNoExpert; true for other
/// columns.
bool idsInRange(const ColumnLayout& column, const LayerGroup& group, const TraceMeta& meta,
                std::int64_t rows, std::span<const std::byte> decoded);

} // namespace switchyard::trace
