#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace switchyard::tests {

/// The bytes of a safetensors file, right or wrong: length, header as given, data.
inline std::string rawSafetensors(std::string_view header, std::string_view data = {}) {
  std::string bytes;
  for (int i = 0; i < 8; ++i)
    bytes += static_cast<char>(static_cast<std::uint64_t>(header.size()) >> (8 * i) & 0xFF);
  bytes += header;
  bytes += data;
  return bytes;
}

/// One entry of a header: `"name":{...}`.
inline std::string rawEntry(std::string_view name, std::string_view dtype, std::string_view shape,
                            std::string_view offsets) {
  std::string entry;
  entry += '"';
  entry += name;
  entry += "\":{\"dtype\":\"";
  entry += dtype;
  entry += "\",\"shape\":";
  entry += shape;
  entry += ",\"data_offsets\":";
  entry += offsets;
  entry += '}';
  return entry;
}

/// A folder of its own for each test, removed at the end.
class FolderTest : public ::testing::Test {
protected:
  void SetUp() override {
    std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->test_suite_name();
    name += '.';
    name += ::testing::UnitTest::GetInstance()->current_test_info()->name();
    for (char& c : name)
      c = c == '/' ? '_' : c;
    m_folder = std::filesystem::path(::testing::TempDir()) / name;
    std::filesystem::remove_all(m_folder);
    std::filesystem::create_directories(m_folder);
  }
  void TearDown() override { std::filesystem::remove_all(m_folder); }

  std::filesystem::path write(const std::filesystem::path& name, std::string_view bytes) {
    const std::filesystem::path path = m_folder / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  std::filesystem::path m_folder;
};

} // namespace switchyard::tests
