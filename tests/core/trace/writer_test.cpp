#include "core/trace/writer.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/trace/doctor.h"
#include "tests/core/trace/synthetic.h"

namespace switchyard::trace {
namespace {

using base::ErrorCode;
using ::testing::HasSubstr;
using namespace switchyard::trace::testing;

std::shared_ptr<const Trace> opened(const std::filesystem::path& path) {
  auto trace = Trace::open(path);
  EXPECT_TRUE(trace) << trace.error().describe();
  return trace ? *trace : nullptr;
}

int filesIn(const std::filesystem::path& folder) {
  return static_cast<int>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST(TraceWriter, EverythingComesBack) {
  const TemporaryFolder folder;
  recordAll(folder / "t.swy", {}, kAllColumns, 6);
  const auto trace = opened(folder / "t.swy");
  ASSERT_TRUE(trace);
  EXPECT_TRUE(trace->complete());
  EXPECT_TRUE(trace->notices().empty());
  EXPECT_EQ(trace->sequences(), 6);
  EXPECT_EQ(trace->columns(), kAllColumns);
  EXPECT_EQ(describeDifference(trace->meta(), metaOf({})), "");
  EXPECT_EQ(trace->meta().modelName, "made up");
  expectContent(*trace);
  EXPECT_EQ(filesIn(folder.path()), 1) << "one plain file, nothing beside it";
}

TEST(TraceWriter, IdsAlone) {
  const TemporaryFolder folder;
  recordAll(folder / "t.swy", {}, {}, 5);
  expectContent(*opened(folder / "t.swy"));
}

TEST(TraceWriter, FiguresOfGeneratedTokens) {
  const TemporaryFolder folder;
  const Shape shape{.figures = {"kl", "entropy", "token"}};
  recordAll(folder / "t.swy", shape, {.weights = true}, 5);
  const auto trace = opened(folder / "t.swy");
  EXPECT_EQ(trace->meta().figures, shape.figures);
  expectContent(*trace);
  const auto report = checkTrace(folder / "t.swy", base::ThreadContext(1));
  ASSERT_TRUE(report) << report.error().describe();
  for (const Finding& finding : report->findings)
    EXPECT_TRUE(finding.check != "chunk-checksums" || finding.verdict == Verdict::Good);
  // Without figures nothing of them is in the file.
  recordAll(folder / "plain.swy", {}, {.weights = true}, 5);
  EXPECT_EQ(bytesOf(folder / "plain.swy").find("figures"), std::string::npos);
  const auto reader = opened(folder / "plain.swy")->reader();
  std::vector<float> none;
  EXPECT_EQ((*reader)->figures(0, 0, 0, none).error().code, ErrorCode::InvalidArgument);
}

TEST(TraceWriter, FiguresAreOnePerGeneratedTokenAndOfOneRecording) {
  const TemporaryFolder folder;
  const Shape shape{.layers = {{.layer = 0, .experts = 4, .k = 1}}, .figures = {"kl", "entropy"}};
  auto writer = TraceWriter::create(folder / "t.swy", metaOf(shape), {});
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->beginSequence(infoOf(0, 40)));
  ASSERT_TRUE((*writer)->addRouting(0, {.rows = 2, .ids = std::vector<std::int32_t>{0, 1}}));
  EXPECT_EQ((*writer)->addFigures(1, std::vector<float>(3)).error().code,
            ErrorCode::InvalidArgument);
  ASSERT_TRUE((*writer)->addFigures(1, std::vector<float>(2)));
  const std::vector<std::int32_t> tokens{5, 6};
  const auto wrong = (*writer)->endSequence(tokens, 2);
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("1 rows of figures for 0 generated tokens"));
  ASSERT_TRUE((*writer)->endSequence(tokens, 1));
  ASSERT_TRUE((*writer)->stop());
  Shape other = shape;
  other.figures = {"kl"};
  const auto resumed = TraceWriter::resume(folder / "t.swy", metaOf(other), {});
  ASSERT_FALSE(resumed);
  EXPECT_THAT(resumed.error().message, HasSubstr("figures"));
  EXPECT_TRUE(TraceWriter::resume(folder / "t.swy", metaOf(shape), {}));
}

TEST(TraceWriter, EmptyTrace) {
  const TemporaryFolder folder;
  recordAll(folder / "t.swy", {}, {}, 0);
  const auto trace = opened(folder / "t.swy");
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->sequences(), 0);
  EXPECT_EQ((*trace->reader())->size(0).error().code, ErrorCode::InvalidArgument);
}

TEST(TraceWriter, BytesDependOnTheContentOnly) {
  const TemporaryFolder folder;
  recordAll(folder / "a.swy", {}, kAllColumns, 6);
  const std::string expected = bytesOf(folder / "a.swy");
  ASSERT_FALSE(expected.empty());
  for (const std::int64_t rows : {1, 7, 512}) {
    WriterOptions options;
    options.commitBytes = static_cast<std::uint64_t>(rows) * 1000;
    recordAll(folder / "b.swy", {}, kAllColumns, 6, {.rows = rows}, options);
    EXPECT_EQ(bytesOf(folder / "b.swy"), expected) << rows << " rows a call";
    std::filesystem::remove(folder / "b.swy");
  }
}

TEST(TraceWriter, StopAndResumeGiveTheSameBytes) {
  const TemporaryFolder folder;
  recordAll(folder / "a.swy", {}, kAllColumns, 6);
  const auto path = folder / "b.swy";
  {
    auto writer = TraceWriter::create(path, metaOf({}), kAllColumns);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(record(**writer, 0));
    ASSERT_TRUE(record(**writer, 1));
    ASSERT_TRUE((*writer)->beginSequence(infoOf(2, 40)));
    ASSERT_TRUE((*writer)->addPredicted(std::vector<std::int32_t>{1, 2, 3}));
    ASSERT_TRUE((*writer)->stop());
    EXPECT_EQ((*writer)->commit().error().code, ErrorCode::InvalidArgument);
  }
  EXPECT_EQ(recordingState(path).value(), RecordingState::Incomplete);
  const auto partial = opened(path);
  ASSERT_TRUE(partial);
  EXPECT_FALSE(partial->complete());
  EXPECT_EQ(partial->sequences(), 2);
  EXPECT_THAT(partial->notices(), ::testing::ElementsAre(HasSubstr("2 sequences")));
  expectContent(*partial);
  auto writer = TraceWriter::resume(path, metaOf({}), kAllColumns);
  ASSERT_TRUE(writer) << writer.error().describe();
  for (std::int64_t s = (*writer)->sequences(); s < 6; ++s)
    ASSERT_TRUE(record(**writer, s));
  ASSERT_TRUE((*writer)->finish());
  EXPECT_EQ(bytesOf(path), bytesOf(folder / "a.swy"));
  EXPECT_EQ(recordingState(path).value(), RecordingState::Complete);
  EXPECT_EQ(TraceWriter::resume(path, metaOf({}), kAllColumns).error().code,
            ErrorCode::InvalidArgument);
}

TEST(TraceWriter, WhatIsNotComparedMayChangeOnResume) {
  const TemporaryFolder folder;
  TraceMeta meta = metaOf({});
  meta.created = "2026-01-01T00:00:00Z";
  ASSERT_TRUE((*TraceWriter::create(folder / "t.swy", meta, {}))->stop());
  meta.created = "2027-01-01T00:00:00Z";
  meta.commandLine = "another";
  meta.modelPath = "elsewhere";
  auto writer = TraceWriter::resume(folder / "t.swy", meta, {});
  ASSERT_TRUE(writer) << writer.error().describe();
  EXPECT_EQ((*writer)->meta().created, "2026-01-01T00:00:00Z");
}

TEST(TraceWriter, ResumeRefusesAnotherRecording) {
  const TemporaryFolder folder;
  ASSERT_TRUE((*TraceWriter::create(folder / "t.swy", metaOf({}), {}))->stop());
  TraceMeta other = metaOf({});
  other.modelFingerprint = "ffff";
  const auto model = TraceWriter::resume(folder / "t.swy", other, {});
  ASSERT_FALSE(model);
  EXPECT_THAT(model.error().message, HasSubstr("model_fingerprint"));
  const auto columns = TraceWriter::resume(folder / "t.swy", metaOf({}), {.weights = true});
  ASSERT_FALSE(columns);
  EXPECT_THAT(columns.error().message, HasSubstr("ids,weights"));
}

TEST(TraceWriter, ResumeStartsWhatIsNotThere) {
  const TemporaryFolder folder;
  EXPECT_EQ(recordingState(folder / "t.swy").value(), RecordingState::Absent);
  auto writer = TraceWriter::resume(folder / "t.swy", metaOf({}), {});
  ASSERT_TRUE(writer) << writer.error().describe();
  EXPECT_EQ((*writer)->sequences(), 0);
}

TEST(TraceWriter, SecondWriterIsRefused) {
  const TemporaryFolder folder;
  auto first = TraceWriter::create(folder / "t.swy", metaOf({}), {});
  ASSERT_TRUE(first);
  WriterOptions overwrite;
  overwrite.overwrite = true;
  const auto second = TraceWriter::create(folder / "t.swy", metaOf({}), {}, overwrite);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::InvalidArgument);
  EXPECT_THAT(second.error().message, HasSubstr("another process is writing"));
  EXPECT_FALSE(TraceWriter::resume(folder / "t.swy", metaOf({}), {}));
  for (std::int64_t s = 0; s < 3; ++s)
    ASSERT_TRUE(record(**first, s));
  ASSERT_TRUE((*first)->finish());
  expectContent(*opened(folder / "t.swy"));
}

TEST(TraceWriter, OverwritesTracesOnly) {
  const TemporaryFolder folder;
  recordAll(folder / "t.swy", {}, {}, 3);
  EXPECT_EQ(TraceWriter::create(folder / "t.swy", metaOf({}), {}).error().code,
            ErrorCode::InvalidArgument);
  WriterOptions overwrite;
  overwrite.overwrite = true;
  recordAll(folder / "t.swy", {}, {}, 2, {}, overwrite);
  EXPECT_EQ(opened(folder / "t.swy")->sequences(), 2);
  writeBytes(folder / "letter.txt", "dear reader, this is no trace");
  EXPECT_EQ(TraceWriter::create(folder / "letter.txt", metaOf({}), {}, overwrite).error().code,
            ErrorCode::InvalidArgument);
  EXPECT_EQ(bytesOf(folder / "letter.txt"), "dear reader, this is no trace");
}

TEST(TraceWriter, ReadersSeeARunningRecording) {
  const TemporaryFolder folder;
  auto writer = TraceWriter::create(folder / "t.swy", metaOf({}), kAllColumns);
  ASSERT_TRUE(writer);
  for (std::int64_t s = 0; s < 3; ++s)
    ASSERT_TRUE(record(**writer, s));
  ASSERT_TRUE((*writer)->commit());
  const auto during = opened(folder / "t.swy");
  ASSERT_TRUE(during);
  EXPECT_EQ(during->sequences(), 3);
  expectContent(*during);
  ASSERT_TRUE(record(**writer, 3));
  ASSERT_TRUE((*writer)->finish()) << "an open reader must not prevent finishing";
  EXPECT_FALSE(std::filesystem::exists(folder / "t.swy-wal"));
  EXPECT_EQ(opened(folder / "t.swy")->sequences(), 4);
  expectContent(*during);
}

TEST(TraceWriter, MisuseIsAnError) {
  const TemporaryFolder folder;
  auto writer = TraceWriter::create(folder / "t.swy", metaOf({}), {.weights = true});
  ASSERT_TRUE(writer);
  const std::vector<std::int32_t> ids{0, 1, 2, 3};
  const std::vector<float> four(4);
  const auto code = [](const base::Result<void>& result) { return result.error().code; };
  EXPECT_EQ(code((*writer)->addRouting(0, {.rows = 1, .ids = ids, .weights = four})),
            ErrorCode::InvalidArgument)
      << "no sequence open";
  EXPECT_EQ(code((*writer)->beginSequence(infoOf(1, 40))), ErrorCode::InvalidArgument);
  ASSERT_TRUE((*writer)->beginSequence(infoOf(0, 40)));
  EXPECT_EQ(code((*writer)->beginSequence(infoOf(0, 40))), ErrorCode::InvalidArgument);
  EXPECT_EQ(code((*writer)->addRouting(3, {.rows = 1, .ids = ids, .weights = four})),
            ErrorCode::InvalidArgument);
  EXPECT_EQ(code((*writer)->addRouting(0, {.rows = 2, .ids = ids, .weights = four})),
            ErrorCode::InvalidArgument);
  const std::vector<std::int32_t> beyond{0, 1, 2, 32};
  EXPECT_EQ(code((*writer)->addRouting(0, {.rows = 1, .ids = beyond, .weights = four})),
            ErrorCode::InvalidArgument);
  EXPECT_EQ(code((*writer)->addHidden(0, 1, std::vector<float>(6))), ErrorCode::InvalidArgument);
  ASSERT_TRUE((*writer)->addRouting(0, {.rows = 1, .ids = ids, .weights = four}));
  const auto uneven = (*writer)->endSequence(std::vector<std::int32_t>{5}, 1);
  ASSERT_FALSE(uneven);
  EXPECT_THAT(uneven.error().message, HasSubstr("0 rows at layer 1"));
  EXPECT_EQ(code((*writer)->finish()), ErrorCode::InvalidArgument) << "a sequence is open";
  ASSERT_TRUE((*writer)->abandonSequence());
  SequenceInfo bad = infoOf(0, 40);
  bad.id = "\xff\xfe";
  EXPECT_EQ(code((*writer)->beginSequence(bad)), ErrorCode::InvalidArgument);
  ASSERT_TRUE((*writer)->finish());
  EXPECT_EQ(code((*writer)->finish()), ErrorCode::InvalidArgument);
}

TEST(TraceWriter, SensibleMetaDataOnly) {
  const TemporaryFolder folder;
  const auto refused = [&](auto change, Columns columns = {}) {
    TraceMeta meta = metaOf({});
    change(meta);
    const auto writer = TraceWriter::create(folder / "t.swy", meta, columns);
    return !writer && writer.error().code == ErrorCode::InvalidArgument;
  };
  EXPECT_TRUE(refused([](TraceMeta& m) { m.layers.clear(); }));
  EXPECT_TRUE(refused([](TraceMeta& m) { m.layers[1].layer = 1; }));
  EXPECT_TRUE(refused([](TraceMeta& m) { m.layers[2].layer = 5; }));
  EXPECT_TRUE(refused([](TraceMeta& m) { m.layers[0].k = 33; }));
  EXPECT_TRUE(refused([](TraceMeta& m) { m.layers[0].experts = 65535; }));
  EXPECT_TRUE(refused([](TraceMeta& m) { m.program = "\xc3"; }));
  EXPECT_TRUE(refused([](TraceMeta& m) { m.figures = {"a", "a"}; }));
  EXPECT_TRUE(refused([](TraceMeta& m) { m.figures = {""}; }));
  EXPECT_TRUE(refused([](TraceMeta& m) { m.figures = {"\xc3"}; }));
  EXPECT_TRUE(refused([](TraceMeta& m) { m.hidden = 0; }, {.hidden = true}));
  EXPECT_TRUE(refused([](TraceMeta& m) { m.vocabulary = 0; }, {.lmLogits = true}));
  EXPECT_EQ(filesIn(folder.path()), 0);
}

TEST(TraceWriter, MemoryIsBounded) {
  const TemporaryFolder folder;
  WriterOptions options;
  options.memoryBytes = 1000;
  const auto tiny = TraceWriter::create(folder / "t.swy", metaOf({}), {}, options);
  ASSERT_FALSE(tiny);
  EXPECT_EQ(tiny.error().code, ErrorCode::LimitExceeded);
  // One layer alone may not pile up rows without end.
  options.memoryBytes = 4u << 20;
  auto writer = TraceWriter::create(folder / "t.swy", metaOf({}), {}, options);
  ASSERT_TRUE(writer) << writer.error().describe();
  ASSERT_TRUE((*writer)->beginSequence(infoOf(0, 40)));
  const std::vector<std::int32_t> ids(4 * 1000, 1);
  base::Result<void> added;
  for (int i = 0; i < 2000 && added; ++i)
    added = (*writer)->addRouting(0, {.rows = 1000, .ids = ids});
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, ErrorCode::LimitExceeded);
}

TEST(TraceWriter, UnrunTokensHaveNoRows) {
  const TemporaryFolder folder;
  Shape shape;
  shape.layers = {{.layer = 0, .experts = 8, .k = 2}};
  auto writer = TraceWriter::create(folder / "t.swy", metaOf(shape), {});
  ASSERT_TRUE(writer);
  SequenceInfo info;
  ASSERT_TRUE((*writer)->beginSequence(info));
  ASSERT_TRUE((*writer)->addRouting(0, {.rows = 2, .ids = std::vector<std::int32_t>{0, 1, 2, 3}}));
  ASSERT_TRUE((*writer)->endSequence(std::vector<std::int32_t>{7, 8, 9}, 1));
  ASSERT_TRUE((*writer)->finish());
  const auto trace = opened(folder / "t.swy");
  const auto reader = *trace->reader();
  EXPECT_EQ(reader->size(0)->rows, 2);
  EXPECT_EQ(reader->size(0)->tokens, 3);
  std::vector<std::uint16_t> ids(6);
  EXPECT_EQ(reader->ids(0, 0, 0, 3, ids).error().code, ErrorCode::InvalidArgument);
}

} // namespace
} // namespace switchyard::trace
