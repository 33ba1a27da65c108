#include "core/trace/codec.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include <fmt/format.h>
#include <zstd.h>

namespace switchyard::trace {
namespace {

using base::ErrorCode;

/// Level 3 is half as fast here and not smaller: ids and mantissas have no repeats to find.
constexpr int kZstdLevel = 1;
constexpr int kByteExperts = 256; ///< ids of such layers fit into one byte
constexpr std::uint8_t kByteHole = 0xff;

void shuffle(std::span<const std::byte> in, int elementBytes, std::span<std::byte> out) {
  const std::size_t count = in.size() / static_cast<std::size_t>(elementBytes);
  for (std::size_t b = 0; b < static_cast<std::size_t>(elementBytes); ++b)
    for (std::size_t i = 0; i < count; ++i)
      out[b * count + i] = in[i * static_cast<std::size_t>(elementBytes) + b];
}

/// Floats, the columns that are read most: a loop that vectorises.
void unshuffleWords(std::span<const std::byte> in, std::span<std::byte> out) {
  const std::size_t count = in.size() / 4;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(in.data());
  auto* words = reinterpret_cast<std::uint32_t*>(out.data());
  for (std::size_t i = 0; i < count; ++i)
    words[i] = std::uint32_t{bytes[i]} | std::uint32_t{bytes[count + i]} << 8 |
               std::uint32_t{bytes[2 * count + i]} << 16 |
               std::uint32_t{bytes[3 * count + i]} << 24;
}

void unshuffle(std::span<const std::byte> in, int elementBytes, std::span<std::byte> out) {
  if (elementBytes == 4)
    return unshuffleWords(in, out);
  const std::size_t count = in.size() / static_cast<std::size_t>(elementBytes);
  for (std::size_t b = 0; b < static_cast<std::size_t>(elementBytes); ++b)
    for (std::size_t i = 0; i < count; ++i)
      out[i * static_cast<std::size_t>(elementBytes) + b] = in[b * count + i];
}

std::span<const std::uint16_t> asIds(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const std::uint16_t*>(bytes.data()), bytes.size() / 2};
}

/// Calls visit(experts, firstValue, values) for each layer of an ids chunk; stops at false.
template <typename Visit>
bool forEachLayer(const ColumnLayout& column, const LayerGroup& group, const TraceMeta& meta,
                  std::int64_t rows, Visit visit) {
  std::size_t at = 0;
  for (int l = group.firstLayer; l < group.firstLayer + group.layers; ++l) {
    const auto values = static_cast<std::size_t>(rows * column.widths[static_cast<std::size_t>(l)]);
    if (!visit(meta.layers[static_cast<std::size_t>(l)].experts, at, values))
      return false;
    at += values;
  }
  return true;
}

/// ids as one byte each; nothing if they need two. A layer of exactly 256 experts has no byte left
/// for an unused slot.
bool narrow(const ColumnLayout& column, const LayerGroup& group, const TraceMeta& meta,
            std::int64_t rows, std::span<const std::uint16_t> ids, std::vector<std::byte>& out) {
  out.resize(ids.size());
  return forEachLayer(column, group, meta, rows,
                      [&](int experts, std::size_t first, std::size_t values) {
                        if (experts > kByteExperts)
                          return false;
                        for (std::size_t i = first; i < first + values; ++i) {
                          if (ids[i] == kNoExpert && experts == kByteExperts)
                            return false;
                          out[i] = static_cast<std::byte>(ids[i]); // kNoExpert becomes kByteHole
                        }
                        return true;
                      });
}

void widen(const ColumnLayout& column, const LayerGroup& group, const TraceMeta& meta,
           std::int64_t rows, std::span<const std::byte> in, std::span<std::uint16_t> out) {
  forEachLayer(column, group, meta, rows, [&](int experts, std::size_t first, std::size_t values) {
    const std::uint16_t hole = experts < kByteExperts ? kNoExpert : kByteHole;
    for (std::size_t i = first; i < first + values; ++i) {
      const auto value = static_cast<std::uint8_t>(in[i]);
      out[i] = value == kByteHole ? hole : value;
    }
    return true;
  });
}

} // namespace

void ChunkEncoder::Free::operator()(ZSTD_CCtx_s* context) const {
  ZSTD_freeCCtx(context);
}
void ChunkDecoder::Free::operator()(ZSTD_DCtx_s* context) const {
  ZSTD_freeDCtx(context);
}
ChunkEncoder::ChunkEncoder() : m_context(ZSTD_createCCtx()) {}
ChunkDecoder::ChunkDecoder() : m_context(ZSTD_createDCtx()) {}

base::Result<EncodedChunk> ChunkEncoder::encode(const ColumnLayout& column, const LayerGroup& group,
                                                const TraceMeta& meta, std::int64_t rows,
                                                std::span<const std::byte> decoded) {
  std::span<const std::byte> plain = decoded;
  Codec plainCodec = Codec::Plain, packedCodec = Codec::Zstd;
  std::span<const std::byte> source = decoded;
  if (column.kind == ChunkKind::Ids &&
      narrow(column, group, meta, rows, asIds(decoded), m_transformed)) {
    plain = source = m_transformed;
    plainCodec = Codec::Bytes;
    packedCodec = Codec::BytesZstd;
  } else if (column.elementBytes > 1) {
    m_transformed.resize(decoded.size());
    shuffle(decoded, column.elementBytes, m_transformed);
    source = m_transformed;
    packedCodec = Codec::ShuffledZstd;
  }
  m_compressed.resize(ZSTD_compressBound(source.size()));
  const std::size_t size =
      ZSTD_compressCCtx(m_context.get(), m_compressed.data(), m_compressed.size(), source.data(),
                        source.size(), kZstdLevel);
  if (ZSTD_isError(size) != 0)
    return base::fail(ErrorCode::Internal,
                      fmt::format("cannot compress: {}", ZSTD_getErrorName(size)));
  if (size >= plain.size())
    return EncodedChunk{.codec = plainCodec, .rows = rows, .data = plain};
  return EncodedChunk{
      .codec = packedCodec, .rows = rows, .data = std::span(m_compressed).first(size)};
}

base::Result<void> ChunkDecoder::decompress(std::span<const std::byte> data,
                                            std::span<std::byte> out) {
  const std::size_t size =
      ZSTD_decompressDCtx(m_context.get(), out.data(), out.size(), data.data(), data.size());
  if (ZSTD_isError(size) != 0 || size != out.size())
    return base::fail(ErrorCode::Corrupt, "a chunk does not decompress to its size");
  return {};
}

base::Result<void> ChunkDecoder::decode(const ColumnLayout& column, const LayerGroup& group,
                                        const TraceMeta& meta, const EncodedChunk& chunk,
                                        std::span<std::byte> out) {
  const bool narrowed = chunk.codec == Codec::Bytes || chunk.codec == Codec::BytesZstd;
  if (narrowed && column.kind != ChunkKind::Ids)
    return base::fail(ErrorCode::Corrupt, "a chunk is stored as ids but is none");
  const std::size_t storedSize = narrowed ? out.size() / 2 : out.size();
  std::span<const std::byte> stored = chunk.data;
  switch (chunk.codec) {
  case Codec::Plain:
  case Codec::Bytes:
    if (stored.size() != storedSize)
      return base::fail(ErrorCode::Corrupt, "a chunk has not the size of its rows");
    break;
  case Codec::Zstd:
    SY_TRY(decompress(chunk.data, out));
    stored = out;
    break;
  case Codec::ShuffledZstd:
  case Codec::BytesZstd:
    m_scratch.resize(std::max(m_scratch.size(), storedSize));
    SY_TRY(decompress(chunk.data, std::span(m_scratch).first(storedSize)));
    stored = std::span(m_scratch).first(storedSize);
    break;
  default:
    return base::fail(ErrorCode::Unsupported,
                      fmt::format("a chunk is stored in way {}, which this version does not know",
                                  static_cast<int>(chunk.codec)));
  }
  if (narrowed)
    widen(column, group, meta, chunk.rows, stored,
          {reinterpret_cast<std::uint16_t*>(out.data()), out.size() / 2});
  else if (chunk.codec == Codec::ShuffledZstd)
    unshuffle(stored, column.elementBytes, out);
  else if (chunk.codec == Codec::Plain && !out.empty())
    std::memcpy(out.data(), stored.data(), out.size());
  return {};
}

bool idsInRange(const ColumnLayout& column, const LayerGroup& group, const TraceMeta& meta,
                std::int64_t rows, std::span<const std::byte> decoded) {
  if (column.kind != ChunkKind::Ids)
    return true;
  const std::span<const std::uint16_t> ids = asIds(decoded);
  return forEachLayer(column, group, meta, rows,
                      [&](int experts, std::size_t first, std::size_t values) {
                        const auto end = static_cast<std::uint16_t>(experts);
                        std::uint16_t bad = 0; // of the width of an id, so that it vectorises
                        for (std::size_t i = first; i < first + values; ++i)
                          bad |= static_cast<std::uint16_t>(ids[i] >= end) &
                                 static_cast<std::uint16_t>(ids[i] != kNoExpert);
                        return bad == 0;
                      });
}

} // namespace switchyard::trace
