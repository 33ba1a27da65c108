#include <chrono>
#include <fstream>

#include <gtest/gtest.h>

#include "core/base/rng.h"
#include "tests/core/trace/synthetic.h"

namespace switchyard::trace {
namespace {

using namespace switchyard::trace::testing;

constexpr int kLayers = 16, kTop = 8;
constexpr std::int64_t kSequenceTokens = 512, kSequences = 100;

std::int64_t residentBytes() {
  std::ifstream file("/proc/self/statm");
  std::int64_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * 4096;
}

/// Uniformly random experts: what compresses worst. Bytes of the file per id.
double bytesPerId(const std::filesystem::path& path, int experts, std::int64_t tokens,
                  std::int64_t sequences) {
  Shape shape;
  shape.stackLayers = kLayers;
  shape.layers.clear();
  for (int l = 0; l < kLayers; ++l)
    shape.layers.push_back({.layer = l, .experts = experts, .k = kTop});
  auto writer = TraceWriter::create(path, metaOf(shape), {});
  EXPECT_TRUE(writer);
  base::Rng rng(1);
  std::vector<std::int32_t> ids(static_cast<std::size_t>(tokens * kTop));
  std::vector<std::int32_t> text(static_cast<std::size_t>(tokens));
  for (std::int64_t s = 0; s < sequences; ++s) {
    SequenceInfo info;
    info.index = s;
    info.id = "document-" + std::to_string(s);
    info.labels = {{"domain", "python"}};
    EXPECT_TRUE((*writer)->beginSequence(info));
    for (int l = 0; l < kLayers; ++l) {
      for (std::int32_t& id : ids)
        id = static_cast<std::int32_t>(rng.nextU32() % static_cast<std::uint32_t>(experts));
      EXPECT_TRUE((*writer)->addRouting(l, {.rows = tokens, .ids = ids}));
    }
    for (std::int32_t& token : text)
      token = static_cast<std::int32_t>(rng.nextU32() % 50'000);
    EXPECT_TRUE((*writer)->endSequence(text, tokens));
  }
  EXPECT_TRUE((*writer)->finish());
  return static_cast<double>(std::filesystem::file_size(path)) /
         static_cast<double>(tokens * sequences * kLayers * kTop);
}

TEST(TraceBudget, IdsCostAboutOneByte) {
  const TemporaryFolder folder;
  EXPECT_LE(bytesPerId(folder / "64.swy", 64, kSequenceTokens, kSequences), 0.85);
  EXPECT_LE(bytesPerId(folder / "256.swy", 256, kSequenceTokens, kSequences), 1.2);
  EXPECT_LE(bytesPerId(folder / "short.swy", 256, 24, 1000), 1.2) << "short prompts, too";
}

TEST(TraceBudget, OpeningReadsAlmostNothing) {
  const TemporaryFolder folder;
  bytesPerId(folder / "t.swy", 256, kSequenceTokens, kSequences);
  const std::int64_t before = residentBytes();
  const auto start = std::chrono::steady_clock::now();
  const auto trace = Trace::open(folder / "t.swy");
  ASSERT_TRUE(trace);
  const auto reader = (*trace)->reader();
  ASSERT_TRUE(reader);
  std::vector<std::uint16_t> ids(kTop);
  ASSERT_TRUE((*reader)->ids(kSequences / 2, 7, 100, 1, ids));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  EXPECT_LT(seconds.count(), 1.0);
  EXPECT_LT(residentBytes() - before, 4 << 20) << "the file has 6.5 MB";
}

} // namespace
} // namespace switchyard::trace
