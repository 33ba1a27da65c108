#include <csignal>
#include <functional>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/rng.h"
#include "core/trace/doctor.h"
#include "tests/core/trace/synthetic.h"

namespace switchyard::trace {
namespace {

using base::ErrorCode;
using namespace switchyard::trace::testing;

constexpr std::int64_t kSequences = 6;
constexpr Columns kColumns{.weights = true, .logits = true};

/// Commits after every chunk or two, so that kills land between many commits.
WriterOptions eager() {
  WriterOptions options;
  options.commitBytes = 20'000;
  return options;
}

base::Result<void> recordRest(const std::filesystem::path& path) {
  auto writer = SY_TRY(TraceWriter::resume(path, metaOf({}), kColumns, eager()));
  while (writer->sequences() < kSequences)
    SY_TRY(record(*writer, writer->sequences(), {.rows = 100}));
  return writer->finish();
}

/// Runs `body` in a child process; its return value is the exit status.
pid_t spawn(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0)
    ::_exit(body());
  return child;
}

int statusOf(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// A trace in any state of recording must open, verify and hold what was committed.
void expectSound(const std::filesystem::path& path) {
  const auto trace = Trace::open(path);
  ASSERT_TRUE(trace) << trace.error().describe();
  expectContent(**trace);
  const auto report = checkTrace(path, base::ThreadContext(1), {.content = false});
  ASSERT_TRUE(report) << report.error().describe();
  for (const Finding& finding : report->findings)
    EXPECT_LE(finding.verdict, Verdict::Note) << finding.check << ": " << finding.evidence;
}

TEST(TraceCrash, KilledAtTwentyRandomMoments) {
  const TemporaryFolder folder;
  const auto whole = folder / "whole.swy";
  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(statusOf(spawn([&] { return recordRest(whole) ? 0 : 1; })), 0);
  const auto duration = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start);
  const std::string expected = bytesOf(whole);
  base::Rng rng(20);
  int interrupted = 0;
  // A recording that ends before it is killed does not count.
  for (int round = 0; interrupted < 20 && round < 100; ++round) {
    const auto path = folder / ("t" + std::to_string(round) + ".swy");
    const pid_t child = spawn([&] { return recordRest(path) ? 0 : 1; });
    ::usleep(static_cast<useconds_t>(rng.nextDouble() * static_cast<double>(duration.count())));
    ::kill(child, SIGKILL);
    if (statusOf(child) != 0)
      ++interrupted;
    if (std::filesystem::exists(path)) {
      ASSERT_NO_FATAL_FAILURE(expectSound(path));
    }
    if (recordingState(path).value() != RecordingState::Complete) {
      const auto resumed = recordRest(path);
      ASSERT_TRUE(resumed) << resumed.error().describe();
      for (const char* leftover : {"-wal", "-shm", ".new", ".finishing", ".lock"})
        EXPECT_FALSE(std::filesystem::exists(path.string() + leftover)) << leftover;
    }
    ASSERT_EQ(bytesOf(path), expected) << "round " << round;
    std::filesystem::remove(path);
  }
  EXPECT_EQ(interrupted, 20) << "the kills came too late";
}

/// Records in a process that may not write files larger than `bytes`; exits with 10 + error code.
int recordWithin(const std::filesystem::path& path, rlim_t bytes) {
  return statusOf(spawn([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, bytes};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto done = recordRest(path);
    return done ? 0 : 10 + static_cast<int>(done.error().code);
  }));
}

TEST(TraceCrash, FileSizeLimitEndsInAValidFile) {
  const TemporaryFolder folder;
  ASSERT_TRUE(recordRest(folder / "whole.swy"));
  const std::string expected = bytesOf(folder / "whole.swy");
  for (const double share : {0.05, 0.3, 0.8, 0.99}) {
    const auto path = folder / ("t" + std::to_string(share) + ".swy");
    const auto limit = static_cast<rlim_t>(share * static_cast<double>(expected.size()));
    EXPECT_EQ(recordWithin(path, limit), 10 + static_cast<int>(ErrorCode::Io)) << share;
    ASSERT_NO_FATAL_FAILURE(expectSound(path));
    const auto resumed = recordRest(path);
    ASSERT_TRUE(resumed) << resumed.error().describe();
    EXPECT_EQ(bytesOf(path), expected);
  }
}

/// Runs in a mount namespace of its own with a small file system at `folder`; 77: not permitted.
int onSmallDisk(const std::filesystem::path& folder, const char* options,
                const std::function<int()>& body) {
  return statusOf(spawn([&] {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, "") != 0 ||
        ::mount("tmpfs", folder.c_str(), "tmpfs", 0, options) != 0)
      return 77;
    return body();
  }));
}

TEST(TraceCrash, FullDiskEndsInAValidFile) {
  const TemporaryFolder folder;
  ASSERT_TRUE(recordRest(folder / "whole.swy"));
  const std::string expected = bytesOf(folder / "whole.swy");
  const auto disk = folder / "disk";
  std::filesystem::create_directory(disk);
  const std::size_t size = 4 * expected.size();
  const int status = onSmallDisk(disk, ("size=" + std::to_string(size)).c_str(), [&] {
    writeBytes(disk / "ballast", std::string(size - expected.size() / 2, 'x'));
    const auto failed = recordRest(disk / "t.swy");
    EXPECT_FALSE(failed);
    EXPECT_TRUE(failed || failed.error().code == ErrorCode::Io) << failed.error().describe();
    EXPECT_THAT(failed ? "" : failed.error().message, ::testing::HasSubstr("disk"));
    std::filesystem::resize_file(disk / "ballast", 0);
    expectSound(disk / "t.swy");
    const auto resumed = recordRest(disk / "t.swy");
    EXPECT_TRUE(resumed) << resumed.error().describe();
    EXPECT_EQ(bytesOf(disk / "t.swy"), expected);
    return ::testing::Test::HasFailure() ? 1 : 0;
  });
  if (status == 77)
    GTEST_SKIP() << "this process may not mount a small file system";
  EXPECT_EQ(status, 0);
}

TEST(TraceCrash, ReadOnlyMedia) {
  const TemporaryFolder folder;
  const auto disk = folder / "disk";
  std::filesystem::create_directory(disk);
  const int status = onSmallDisk(disk, "size=64m", [&] {
    recordAll(disk / "complete.swy", {}, kColumns, 4);
    auto stopped = TraceWriter::create(disk / "stopped.swy", metaOf({}), kColumns);
    EXPECT_TRUE(stopped && record(**stopped, 0) && (*stopped)->stop());
    // Killed after a commit: the -wal is there, with -shm in one case and without in the other.
    const auto killed = disk / "killed.swy";
    statusOf(spawn([&] {
      auto writer = TraceWriter::create(killed, metaOf({}), kColumns);
      (void)(record(**writer, 0) && (*writer)->commit());
      ::kill(::getpid(), SIGKILL);
      return 0;
    }));
    std::filesystem::copy(killed, disk / "noshm.swy");
    std::filesystem::copy(killed.string() + "-wal", disk / "noshm.swy-wal");
    std::filesystem::copy(killed, disk / "nowal.swy");
    if (::mount("none", disk.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) != 0)
      return 77;
    expectSound(disk / "complete.swy");
    expectSound(disk / "stopped.swy");
    expectSound(disk / "nowal.swy");
    for (const char* name : {"killed.swy", "noshm.swy"}) {
      const auto trace = Trace::open(disk / name);
      if (trace)
        expectContent(**trace);
      else
        EXPECT_EQ(trace.error().code, ErrorCode::Io) << trace.error().describe();
    }
    EXPECT_EQ(TraceWriter::create(disk / "new.swy", metaOf({}), {}).error().code, ErrorCode::Io);
    EXPECT_EQ(TraceWriter::resume(disk / "stopped.swy", metaOf({}), kColumns).error().code,
              ErrorCode::Io);
    return ::testing::Test::HasFailure() ? 1 : 0;
  });
  if (status == 77)
    GTEST_SKIP() << "this process may not mount a small file system";
  EXPECT_EQ(status, 0);
}

TEST(TraceCrash, FolderThatMayNotBeWritten) {
  const TemporaryFolder folder;
  recordAll(folder / "complete.swy", {}, kColumns, 4);
  auto stopped = TraceWriter::create(folder / "stopped.swy", metaOf({}), kColumns);
  ASSERT_TRUE(stopped && record(**stopped, 0) && (*stopped)->stop());
  stopped->reset();
  ASSERT_EQ(::chmod(folder.path().c_str(), 0555), 0);
  const int status = statusOf(spawn([&] {
    if (::geteuid() == 0 && ::setuid(65534) != 0)
      return 77;
    expectSound(folder / "complete.swy");
    expectSound(folder / "stopped.swy");
    EXPECT_EQ(TraceWriter::create(folder / "new.swy", metaOf({}), {}).error().code, ErrorCode::Io);
    return ::testing::Test::HasFailure() ? 1 : 0;
  }));
  ::chmod(folder.path().c_str(), 0755);
  if (status == 77)
    GTEST_SKIP() << "this process may not give up its rights";
  EXPECT_EQ(status, 0);
}

TEST(TraceCrash, WriterInAnotherProcessIsNoticed) {
  const TemporaryFolder folder;
  auto writer = TraceWriter::create(folder / "t.swy", metaOf({}), kColumns);
  ASSERT_TRUE(writer);
  EXPECT_EQ(statusOf(spawn([&] {
              const auto second = TraceWriter::resume(folder / "t.swy", metaOf({}), kColumns);
              return second ? 0 : 10 + static_cast<int>(second.error().code);
            })),
            10 + static_cast<int>(ErrorCode::InvalidArgument));
}

TEST(TraceCrash, MissingWalLosesOnlyTheLastSequences) {
  const TemporaryFolder folder;
  const auto path = folder / "t.swy";
  statusOf(spawn([&] {
    auto writer = TraceWriter::create(path, metaOf({}), kColumns, eager());
    for (std::int64_t s = 0; s < 8; ++s)
      (void)record(**writer, s);
    (void)(*writer)->commit();
    ::kill(::getpid(), SIGKILL);
    return 0;
  }));
  EXPECT_EQ((*Trace::open(path))->sequences(), 8);
  std::filesystem::remove(path.string() + "-wal");
  std::filesystem::remove(path.string() + "-shm");
  const auto trace = Trace::open(path);
  ASSERT_TRUE(trace) << trace.error().describe();
  EXPECT_LT((*trace)->sequences(), 8);
  expectContent(**trace);
}

TEST(TraceCrash, ForeignWal) {
  const TemporaryFolder folder;
  const auto killedAfter = [&](const std::filesystem::path& path, const std::string& model,
                               std::int64_t sequences) {
    statusOf(spawn([&] {
      TraceMeta meta = metaOf({});
      meta.modelFingerprint = model;
      auto writer = TraceWriter::create(path, meta, kColumns);
      for (std::int64_t s = 0; s < sequences; ++s)
        (void)record(**writer, s);
      (void)(*writer)->commit();
      ::kill(::getpid(), SIGKILL);
      return 0;
    }));
  };
  recordAll(folder / "complete.swy", {}, kColumns, 4);
  killedAfter(folder / "a.swy", "0123", 6);
  killedAfter(folder / "b.swy", "ffff", 3);
  const std::string wal = bytesOf(folder / "b.swy-wal");
  ASSERT_FALSE(wal.empty());

  writeBytes(folder / "complete.swy-wal", wal);
  writeBytes(folder / "complete.swy-journal", wal);
  expectSound(folder / "complete.swy");

  std::filesystem::remove(folder / "a.swy-shm");
  writeBytes(folder / "a.swy-wal", wal);
  const std::string before = bytesOf(folder / "a.swy");
  const auto trace = Trace::open(folder / "a.swy");
  if (trace) // SQLite has taken it for the trace that the -wal belongs to
    expectContent(**trace);
  else
    EXPECT_THAT(trace.error().code,
                ::testing::AnyOf(ErrorCode::Corrupt, ErrorCode::InvalidFormat, ErrorCode::Io));
  EXPECT_FALSE(TraceWriter::resume(folder / "a.swy", metaOf({}), kColumns))
      << "the -wal is of another model";
  EXPECT_EQ(bytesOf(folder / "a.swy"), before) << "refusing must not write";
}

} // namespace
} // namespace switchyard::trace
