// Good safetensors files: what must be readable, and what the writer makes.

#include <algorithm>
#include <array>
#include <thread>

#include "core/checkpoint/safetensors_file.h"
#include "core/checkpoint/safetensors_writer.h"
#include "tests/core/checkpoint/raw_file.h"

namespace switchyard::checkpoint {
namespace {

using base::ErrorCode;
using tensor::DType;
using tests::rawEntry;
using tests::rawSafetensors;
using Shape = std::vector<std::int64_t>;

class Safetensors : public tests::FolderTest {
protected:
  static std::string read(const SafetensorsFile& file, std::string_view name) {
    const TensorInfo* info = file.find(name);
    if (!info)
      return "no such tensor";
    std::string bytes(info->bytes(), '\0');
    const auto done = file.read(*info, 0, std::as_writable_bytes(std::span(bytes)));
    return done ? bytes : done.error().describe();
  }
  std::size_t filesInFolder() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(m_folder),
                                                  std::filesystem::directory_iterator()));
  }
  static std::span<const std::byte> bytesOf(std::string_view text) {
    return std::as_bytes(std::span(text));
  }
};

TEST_F(Safetensors, TensorsInAnyOrderWithZeroSizedOnesBetween) {
  const auto path =
      write("a.safetensors", rawSafetensors("{" + rawEntry("late", "I16", "[2]", "[5,9]") + "," +
                                                rawEntry("none", "F64", "[3,0]", "[5,5]") + "," +
                                                rawEntry("early", "U8", "[5]", "[0,5]") + "," +
                                                rawEntry("scalar", "BOOL", "[]", "[9,10]") + "," +
                                                rawEntry("four", "F4", "[2,3]", "[10,13]") + "," +
                                                rawEntry("six", "F6_E3M2", "[4]", "[13,16]") + "}",
                                            "EARLYlate!443666"));
  const auto file = SafetensorsFile::open(path);
  ASSERT_TRUE(file) << file.error().describe();
  EXPECT_EQ(read(*file, "early"), "EARLY");
  EXPECT_EQ(read(*file, "late"), "late");
  EXPECT_EQ(read(*file, "scalar"), "!");
  EXPECT_EQ(read(*file, "four"), "443");
  EXPECT_EQ(read(*file, "six"), "666");
  EXPECT_EQ(read(*file, "none"), "");
  EXPECT_EQ(file->find("none")->shape, (Shape{3, 0}));
  EXPECT_EQ(file->find("scalar")->shape, Shape{});
  EXPECT_EQ(file->find("late")->dtype, DType::I16);
  std::vector<std::string> names;
  for (const TensorInfo& info : file->tensors())
    names.push_back(info.name);
  EXPECT_TRUE(std::ranges::is_sorted(names));
}

TEST_F(Safetensors, EmptyAndMetadataOnlyFilesOpen) {
  const auto empty = SafetensorsFile::open(write("a.safetensors", rawSafetensors("{}      ")));
  ASSERT_TRUE(empty) << empty.error().describe();
  EXPECT_TRUE(empty->tensors().empty());
  const auto facts = SafetensorsFile::open(
      write("b.safetensors", rawSafetensors(R"({"__metadata__":{"k":"v","":"\n"}})")));
  ASSERT_TRUE(facts) << facts.error().describe();
  EXPECT_EQ(facts->metadata().at("k"), "v");
  EXPECT_EQ(facts->metadata().at(""), "\n");
}

TEST_F(Safetensors, NamesOfAnyLanguageUpTo1024Bytes) {
  const std::string longest(1024, 'x');
  const auto file = SafetensorsFile::open(
      write("a.safetensors", rawSafetensors("{" + rawEntry("größe/重み..x", "U8", "[1]", "[0,1]") +
                                                "," + rawEntry(longest, "U8", "[1]", "[1,2]") + "}",
                                            "12")));
  ASSERT_TRUE(file) << file.error().describe();
  EXPECT_EQ(read(*file, "größe/重み..x"), "1");
  EXPECT_EQ(read(*file, longest), "2");
}

TEST_F(Safetensors, PartsCanBeReadAndNothingBeyond) {
  const auto file = SafetensorsFile::open(
      write("a.safetensors", rawSafetensors("{" + rawEntry("a", "U8", "[4]", "[0,4]") + "," +
                                                rawEntry("b", "U8", "[4]", "[4,8]") + "}",
                                            "abcdefgh")));
  ASSERT_TRUE(file) << file.error().describe();
  const TensorInfo& info = *file->find("a");
  std::array<char, 2> part{};
  const auto bytes = std::as_writable_bytes(std::span(part));
  ASSERT_TRUE(file->read(info, 2, bytes));
  EXPECT_EQ(std::string_view(part.data(), 2), "cd");
  for (const std::uint64_t offset : {std::uint64_t{3}, std::uint64_t{5}, ~std::uint64_t{0}}) {
    const auto beyond = file->read(info, offset, bytes);
    ASSERT_FALSE(beyond);
    EXPECT_EQ(beyond.error().code, ErrorCode::InvalidArgument);
  }
}

TEST_F(Safetensors, ManyThreadsReadTheSameFile) {
  std::string data(1 << 16, '\0');
  for (std::size_t i = 0; i < data.size(); ++i)
    data[i] = static_cast<char>(i * 31 >> 3);
  const auto file = SafetensorsFile::open(
      write("a.safetensors",
            rawSafetensors("{" + rawEntry("a", "U8", "[65536]", "[0,65536]") + "}", data)));
  ASSERT_TRUE(file) << file.error().describe();
  std::vector<std::string> got(4);
  {
    std::vector<std::jthread> threads;
    for (std::string& result : got)
      threads.emplace_back([&result, &file] { result = read(*file, "a"); });
  }
  for (const std::string& result : got)
    EXPECT_EQ(result, data);
}

TEST_F(Safetensors, WhatIsWrittenReadsBack) {
  const auto path = m_folder / "out.safetensors";
  auto writer = SafetensorsWriter::create(path,
                                          {{"z", DType::F32, {2, 2}},
                                           {"a \"quoted\"", DType::U8, {3}},
                                           {"none", DType::I64, {0, 7}},
                                           {"scalar", DType::BF16, {}}},
                                          {{"format", "pt"}, {"note", "line\nbreak"}});
  ASSERT_TRUE(writer) << writer.error().describe();
  ASSERT_TRUE(writer->write(bytesOf("0123456789ABCDEF")));
  ASSERT_TRUE(writer->write(bytesOf("xy"))); // in pieces, and across tensors
  ASSERT_TRUE(writer->write(bytesOf("z!?")));
  EXPECT_FALSE(std::filesystem::exists(path)) << "visible before it is complete";
  ASSERT_TRUE(writer->finish());

  const auto file = SafetensorsFile::open(path);
  ASSERT_TRUE(file) << file.error().describe();
  EXPECT_EQ(read(*file, "z"), "0123456789ABCDEF");
  EXPECT_EQ(read(*file, "a \"quoted\""), "xyz");
  EXPECT_EQ(read(*file, "scalar"), "!?");
  EXPECT_EQ(read(*file, "none"), "");
  EXPECT_EQ(file->find("none")->shape, (Shape{0, 7}));
  EXPECT_EQ(file->find("z")->dtype, DType::F32);
  EXPECT_EQ(file->find("z")->begin % 8, 0u);
  EXPECT_EQ(file->metadata().at("note"), "line\nbreak");
  EXPECT_EQ(filesInFolder(), 1u);
}

TEST_F(Safetensors, WriterWithoutTensorsWritesAnEmptyFile) {
  auto writer = SafetensorsWriter::create(m_folder / "out.safetensors", {});
  ASSERT_TRUE(writer) << writer.error().describe();
  ASSERT_TRUE(writer->finish());
  const auto file = SafetensorsFile::open(m_folder / "out.safetensors");
  ASSERT_TRUE(file) << file.error().describe();
  EXPECT_TRUE(file->tensors().empty());
}

TEST_F(Safetensors, AnUnfinishedFileLeavesTheOldOne) {
  const auto path = write("out.safetensors", "old");
  {
    auto writer = SafetensorsWriter::create(path, {{"a", DType::U8, {4}}});
    ASSERT_TRUE(writer) << writer.error().describe();
    ASSERT_TRUE(writer->write(bytesOf("12")));
    const auto early = writer->finish();
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().code, ErrorCode::InvalidArgument);
    const auto beyond = writer->write(bytesOf("345"));
    ASSERT_FALSE(beyond);
    EXPECT_EQ(beyond.error().code, ErrorCode::InvalidArgument);
  }
  std::string content;
  std::ifstream(path) >> content;
  EXPECT_EQ(content, "old");
  EXPECT_EQ(filesInFolder(), 1u);
}

TEST_F(Safetensors, TheWriterKeepsTheReadersRules) {
  const auto code = [&](std::vector<TensorSpec> specs) {
    const auto writer = SafetensorsWriter::create(m_folder / "out.safetensors", std::move(specs));
    return writer ? ErrorCode::Internal : writer.error().code;
  };
  EXPECT_EQ(code({{"a", DType::U8, {1}}, {"a", DType::U8, {1}}}), ErrorCode::InvalidFormat);
  EXPECT_EQ(code({{"", DType::U8, {1}}}), ErrorCode::InvalidFormat);
  EXPECT_EQ(code({{"../a", DType::U8, {1}}}), ErrorCode::InvalidFormat);
  EXPECT_EQ(code({{"a", DType::U8, {-1}}}), ErrorCode::InvalidFormat);
  EXPECT_EQ(code({{"a", DType::F4, {3}}}), ErrorCode::InvalidFormat);
  EXPECT_EQ(code({{"a", DType::F64, {1ll << 62}}}), ErrorCode::InvalidFormat);
  EXPECT_EQ(code({{"a", DType::U8, Shape(9, 1)}}), ErrorCode::LimitExceeded);
  EXPECT_EQ(filesInFolder(), 0u);
  const auto nowhere =
      SafetensorsWriter::create(m_folder / "missing" / "out.safetensors", {{"a", DType::U8, {1}}});
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, ErrorCode::NotFound);
}

} // namespace
} // namespace switchyard::checkpoint
