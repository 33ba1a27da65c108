#include "app/jobs/npz_writer.h"

#include <algorithm>
#include <limits>
#include <optional>

#include <fmt/format.h>
#include <zlib.h>

#include "core/base/checked.h"

namespace switchyard::jobs {
namespace {

using base::ErrorCode;

constexpr std::uint32_t kLocalHeader = 0x04034b50, kDescriptor = 0x08074b50,
                        kCentralHeader = 0x02014b50, kZip64End = 0x06064b50,
                        kZip64Locator = 0x07064b50, kEnd = 0x06054b50;
constexpr std::uint16_t kVersion = 45;        ///< ZIP64
constexpr std::uint16_t kCrcFollows = 1 << 3; ///< sizes and CRC come after the data
constexpr std::uint16_t kDate = 1 << 5 | 1;   ///< 1980-01-01
constexpr std::uint32_t kSee64 = 0xffffffff;  ///< "the value is in the ZIP64 record"
constexpr std::uint16_t kSee64Count = 0xffff;

/// Little-endian records.
class Record {
public:
  Record& u16(std::uint64_t value) { return put(value, 2); }
  Record& u32(std::uint64_t value) { return put(value, 4); }
  Record& u64(std::uint64_t value) { return put(value, 8); }
  Record& text(std::string_view value) {
    m_bytes += value;
    return *this;
  }
  std::string_view bytes() const { return m_bytes; }

private:
  Record& put(std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i)
      m_bytes += static_cast<char>(value >> (8 * i) & 0xff);
    return *this;
  }
  std::string m_bytes;
};

/// magic, version, header length, header padded so that data start at a multiple of 64.
std::string npyHeader(std::string_view dtype, std::span<const std::int64_t> shape) {
  std::string dims;
  for (const std::int64_t dim : shape)
    dims += fmt::format("{}, ", dim);
  if (shape.size() > 1)
    dims.resize(dims.size() - 2);
  else if (!dims.empty())
    dims.pop_back();
  std::string header =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", dtype, dims);
  constexpr std::size_t kPrefix = 10;
  header.append(63 - (kPrefix + header.size()) % 64, ' ');
  header += '\n';
  const Record record =
      Record().text(std::string_view("\x93NUMPY\x01\x00", 8)).u16(header.size()).text(header);
  return std::string(record.bytes());
}

} // namespace

base::Result<NpzWriter> NpzWriter::create(const std::filesystem::path& path) {
  return NpzWriter(SY_TRY(BufferedFile::create(path)));
}

base::Result<void> NpzWriter::beginArray(const std::string& name, std::string_view dtype,
                                         std::int64_t itemBytes,
                                         std::span<const std::int64_t> shape) {
  SY_TRY(endArray());
  std::optional<std::int64_t> size = itemBytes;
  for (const std::int64_t dim : shape)
    size = size && dim >= 0 ? base::checkedMul(*size, dim) : std::nullopt;
  const std::string member = name + ".npy";
  if (!size || *size > std::numeric_limits<std::int64_t>::max() / 2 ||
      member.size() > std::numeric_limits<std::uint16_t>::max() ||
      (!m_entries.empty() && m_entries.back().name == member))
    return base::fail(ErrorCode::InvalidArgument,
                      fmt::format("'{}' cannot be an array of an npz file", name));
  const std::string header = npyHeader(dtype, shape);
  m_remaining = static_cast<std::uint64_t>(*size);
  m_entries.push_back({.name = member,
                       .offset = m_file.written(),
                       .size = header.size() + m_remaining,
                       .crc = static_cast<std::uint32_t>(::crc32(0, nullptr, 0))});
  m_open = true;
  // The ZIP64 extra makes the sizes in the descriptor 8 bytes wide.
  SY_TRY(m_file.write(Record()
                          .u32(kLocalHeader)
                          .u16(kVersion)
                          .u16(kCrcFollows)
                          .u16(0)
                          .u16(0)
                          .u16(kDate)
                          .u32(0)
                          .u32(kSee64)
                          .u32(kSee64)
                          .u16(member.size())
                          .u16(20)
                          .text(member)
                          .u16(1)
                          .u16(16)
                          .u64(m_entries.back().size)
                          .u64(m_entries.back().size)
                          .bytes()));
  return put(std::as_bytes(std::span(header.data(), header.size())));
}

base::Result<void> NpzWriter::put(std::span<const std::byte> bytes) {
  std::uint32_t& crc = m_entries.back().crc;
  crc = static_cast<std::uint32_t>(
      ::crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
  return m_file.write(bytes);
}

base::Result<void> NpzWriter::write(std::span<const std::byte> bytes) {
  if (!m_open || bytes.size() > m_remaining)
    return base::fail(ErrorCode::InvalidArgument, "more bytes than the array has");
  m_remaining -= bytes.size();
  return put(bytes);
}

base::Result<void> NpzWriter::endArray() {
  if (!m_open)
    return {};
  if (m_remaining > 0)
    return base::fail(ErrorCode::InvalidArgument, fmt::format("{} bytes are missing of '{}'",
                                                              m_remaining, m_entries.back().name));
  m_open = false;
  const Entry& entry = m_entries.back();
  return m_file.write(
      Record().u32(kDescriptor).u32(entry.crc).u64(entry.size).u64(entry.size).bytes());
}

base::Result<void> NpzWriter::finish() {
  SY_TRY(endArray());
  const std::uint64_t start = m_file.written();
  for (const Entry& entry : m_entries)
    SY_TRY(m_file.write(Record()
                            .u32(kCentralHeader)
                            .u16(kVersion)
                            .u16(kVersion)
                            .u16(kCrcFollows)
                            .u16(0)
                            .u16(0)
                            .u16(kDate)
                            .u32(entry.crc)
                            .u32(kSee64)
                            .u32(kSee64)
                            .u16(entry.name.size())
                            .u16(28)
                            .u16(0)
                            .u16(0)
                            .u16(0)
                            .u32(0)
                            .u32(kSee64)
                            .text(entry.name)
                            .u16(1)
                            .u16(24)
                            .u64(entry.size)
                            .u64(entry.size)
                            .u64(entry.offset)
                            .bytes()));
  const std::uint64_t end = m_file.written();
  const std::uint64_t count = m_entries.size();
  SY_TRY(m_file.write(Record()
                          .u32(kZip64End)
                          .u64(44)
                          .u16(kVersion)
                          .u16(kVersion)
                          .u32(0)
                          .u32(0)
                          .u64(count)
                          .u64(count)
                          .u64(end - start)
                          .u64(start)
                          .u32(kZip64Locator)
                          .u32(0)
                          .u64(end)
                          .u32(1)
                          .u32(kEnd)
                          .u16(0)
                          .u16(0)
                          .u16(std::min<std::uint64_t>(count, kSee64Count))
                          .u16(std::min<std::uint64_t>(count, kSee64Count))
                          .u32(std::min<std::uint64_t>(end - start, kSee64))
                          .u32(kSee64)
                          .u16(0)
                          .bytes()));
  return m_file.commit();
}

} // namespace switchyard::jobs
