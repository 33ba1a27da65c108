#include "core/base/file.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

#include <gtest/gtest.h>

namespace switchyard::base {
namespace {

class FileTest : public ::testing::Test {
protected:
  void SetUp() override {
    m_folder = std::filesystem::path(::testing::TempDir()) /
               ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(m_folder);
  }
  void TearDown() override { std::filesystem::remove_all(m_folder); }
  std::filesystem::path m_folder;
};

TEST_F(FileTest, WritesAndReadsBack) {
  const auto path = m_folder / "a.txt";
  ASSERT_TRUE(writeFileAtomically(path, "one"));
  ASSERT_TRUE(writeFileAtomically(path, "two"));
  EXPECT_EQ(readTextFile(path, 10).value(), "two");
  int files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(m_folder))
    ++files;
  EXPECT_EQ(files, 1) << "a temporary file was left behind";
}

TEST_F(FileTest, RefusesWhatCannotBeRead) {
  EXPECT_EQ(ReadFile::open(m_folder / "absent").error().code, ErrorCode::NotFound);
  EXPECT_EQ(ReadFile::open(m_folder).error().code, ErrorCode::InvalidFormat);
  ASSERT_EQ(::mkfifo((m_folder / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(ReadFile::open(m_folder / "fifo").error().code, ErrorCode::InvalidFormat);
  EXPECT_EQ(ReadFile::open("/dev/null").error().code, ErrorCode::InvalidFormat);
  ASSERT_TRUE(writeFileAtomically(m_folder / "long", "0123456789"));
  EXPECT_EQ(readTextFile(m_folder / "long", 9).error().code, ErrorCode::LimitExceeded);
}

TEST_F(FileTest, ATruncatedFileIsAnErrorNotACrash) {
  const auto path = m_folder / "cut";
  ASSERT_TRUE(writeFileAtomically(path, std::string(100000, 'x')));
  const auto file = ReadFile::open(path);
  ASSERT_TRUE(file);
  std::filesystem::resize_file(path, 10);
  std::array<std::byte, 64> bytes{};
  EXPECT_EQ(file->readAt(50000, bytes).error().code, ErrorCode::Corrupt);
  EXPECT_TRUE(file->readAt(0, std::span(bytes).first(10)));
}

} // namespace
} // namespace switchyard::base
