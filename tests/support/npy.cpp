#include "tests/support/npy.h"

#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <zlib.h>

namespace switchyard::test {

namespace {

void require(bool condition, const std::string& what) {
  if (!condition)
    throw std::runtime_error("npy: " + what);
}

template <typename T> T load(const std::string& bytes, std::size_t at) {
  require(at + sizeof(T) <= bytes.size(), "truncated");
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

std::string readAll(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  require(in.good(), "cannot open " + path.string());
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string valueOf(const std::string& header, const std::string& key) {
  const std::size_t at = header.find("'" + key + "'");
  require(at != std::string::npos, "no key " + key);
  const std::size_t start = header.find_first_not_of(" :", at + key.size() + 2);
  const char close = header[start] == '(' ? ')' : header[start] == '\'' ? '\'' : ',';
  const std::size_t end = header.find(close, start + 1);
  return header.substr(start, end - start);
}

NpyArray parse(const std::string& file) {
  require(file.size() > 12 && file.compare(1, 5, "NUMPY") == 0, "not an npy file");
  const bool isLong = file[6] >= 2;
  const std::size_t length = isLong ? load<std::uint32_t>(file, 8) : load<std::uint16_t>(file, 8);
  const std::size_t start = isLong ? 12 : 10;
  const std::string header = file.substr(start, length);
  NpyArray array;
  array.dtype = valueOf(header, "descr").substr(1);
  require(valueOf(header, "fortran_order") == "False", "Fortran order");
  const std::string shape = valueOf(header, "shape");
  std::int64_t count = 1;
  for (std::size_t at = 1; at < shape.size();) {
    const std::size_t digit = shape.find_first_of("0123456789", at);
    if (digit == std::string::npos)
      break;
    array.shape.push_back(std::stoll(shape.substr(digit)));
    count *= array.shape.back();
    at = shape.find(',', digit);
    if (at == std::string::npos)
      break;
  }
  array.bytes = file.substr(start + length);
  const auto width = static_cast<std::int64_t>(std::stoi(array.dtype.substr(2)));
  require(static_cast<std::int64_t>(array.bytes.size()) == count * width, "wrong size");
  return array;
}

std::string inflateRaw(const std::string& packed, std::size_t size) {
  std::string out(size, '\0');
  z_stream stream{};
  require(inflateInit2(&stream, -MAX_WBITS) == Z_OK, "zlib");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int code = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  require(code == Z_STREAM_END, "bad deflate data");
  return out;
}

template <typename T, typename Stored> void convert(const std::string& bytes, std::vector<T>& out) {
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(Stored))
    out.push_back(static_cast<T>(load<Stored>(bytes, at)));
}

} // namespace

template <typename T> std::vector<T> NpyArray::as() const {
  std::vector<T> out;
  const std::string kind = dtype.substr(1);
  if (kind == "u1")
    convert<T, std::uint8_t>(bytes, out);
  else if (kind == "i2")
    convert<T, std::int16_t>(bytes, out);
  else if (kind == "u2")
    convert<T, std::uint16_t>(bytes, out);
  else if (kind == "i4")
    convert<T, std::int32_t>(bytes, out);
  else if (kind == "i8")
    convert<T, std::int64_t>(bytes, out);
  else if (kind == "f4")
    convert<T, float>(bytes, out);
  else if (kind == "f8")
    convert<T, double>(bytes, out);
  else
    require(false, "dtype " + dtype);
  return out;
}

template std::vector<float> NpyArray::as<float>() const;
template std::vector<double> NpyArray::as<double>() const;
template std::vector<std::uint16_t> NpyArray::as<std::uint16_t>() const;
template std::vector<std::int64_t> NpyArray::as<std::int64_t>() const;

NpyArray readNpy(const std::filesystem::path& path) {
  return parse(readAll(path));
}

std::map<std::string, NpyArray> readNpz(const std::filesystem::path& path) {
  const std::string zip = readAll(path);
  const std::size_t end = zip.rfind("PK\x05\x06");
  require(end != std::string::npos, "not a zip file");
  const auto members = load<std::uint16_t>(zip, end + 10);
  std::size_t at = load<std::uint32_t>(zip, end + 16);
  std::map<std::string, NpyArray> out;
  for (int m = 0; m < members; ++m) {
    require(load<std::uint32_t>(zip, at) == 0x02014b50, "central directory");
    const auto method = load<std::uint16_t>(zip, at + 10);
    const std::size_t packed = load<std::uint32_t>(zip, at + 20);
    const std::size_t size = load<std::uint32_t>(zip, at + 24);
    const std::size_t nameLength = load<std::uint16_t>(zip, at + 28);
    const std::size_t skip =
        std::size_t{load<std::uint16_t>(zip, at + 30)} + load<std::uint16_t>(zip, at + 32);
    const std::size_t local = load<std::uint32_t>(zip, at + 42);
    std::string name = zip.substr(at + 46, nameLength);
    const std::size_t data =
        local + 30 + load<std::uint16_t>(zip, local + 26) + load<std::uint16_t>(zip, local + 28);
    const std::string raw = zip.substr(data, packed);
    require(method == 0 || method == 8, "compression method");
    name = name.substr(0, name.rfind(".npy"));
    out[name] = parse(method == 8 ? inflateRaw(raw, size) : raw);
    at += 46 + nameLength + skip;
  }
  return out;
}

} // namespace switchyard::test
