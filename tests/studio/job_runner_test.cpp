// Jobs: results, errors, progress, cancel, generations, receivers that go away.

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include <QCoreApplication>
#include <QThread>

#include "app/studio/jobs/job_runner.h"
#include "tests/studio/wait.h"

namespace switchyard::studio {
namespace {

using tests::waitFor;

/// Works until it is stopped.
base::Result<int> untilStopped(const JobContext& context) {
  for (;;) {
    SY_TRY(context.control.check());
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

TEST(JobRunner, BringsTheResultToTheGuiThread) {
  JobRunner jobs;
  std::shared_ptr<const int> result;
  QThread* deliveredOn = nullptr;
  std::atomic<QThread*> ranOn = nullptr;
  const JobId id = jobs.run<int>(
      {"add"}, nullptr,
      [&](const JobContext& context) -> base::Result<int> {
        ranOn = QThread::currentThread();
        context.control.report(3, 4, "layers");
        return 42;
      },
      [&](base::Result<std::shared_ptr<const int>> value) {
        result = *value;
        deliveredOn = QThread::currentThread();
      });
  EXPECT_EQ(result, nullptr); // never inside run()
  ASSERT_TRUE(waitFor([&] { return result != nullptr; }));
  EXPECT_EQ(*result, 42);
  EXPECT_EQ(deliveredOn, QCoreApplication::instance()->thread());
  EXPECT_NE(ranOn.load(), deliveredOn);
  const auto info = jobs.job(id);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->state, JobState::Done);
  EXPECT_EQ(info->done, 3);
  EXPECT_EQ(info->total, 4);
  EXPECT_EQ(info->phase, "layers");
}

TEST(JobRunner, ErrorsAndExceptionsAreDelivered) {
  JobRunner jobs;
  std::vector<base::ErrorCode> codes;
  const JobDone<int> done = [&](base::Result<std::shared_ptr<const int>> value) {
    codes.push_back(value.error().code);
  };
  jobs.run<int>(
      {"a"}, nullptr,
      [](const JobContext&) -> base::Result<int> {
        return base::fail(base::ErrorCode::Corrupt, "bad");
      },
      done);
  ASSERT_TRUE(waitFor([&] { return codes.size() == 1; }));
  const JobId thrown = jobs.run<int>(
      {"b"}, nullptr,
      [](const JobContext&) -> base::Result<int> { throw std::runtime_error("out of luck"); },
      done);
  ASSERT_TRUE(waitFor([&] { return codes.size() == 2; }));
  EXPECT_EQ(codes[0], base::ErrorCode::Corrupt);
  EXPECT_EQ(codes[1], base::ErrorCode::Internal);
  EXPECT_EQ(jobs.job(thrown)->state, JobState::Failed);
  EXPECT_NE(jobs.job(thrown)->error->message.find("out of luck"), std::string::npos);
}

TEST(JobRunner, CancelIsVisibleAtOnceAndHonoured) {
  JobRunner jobs;
  bool cancelled = false;
  const JobId id = jobs.run<int>({"long"}, nullptr, untilStopped,
                                 [&](base::Result<std::shared_ptr<const int>> value) {
                                   cancelled = value.error().code == base::ErrorCode::Cancelled;
                                 });
  ASSERT_TRUE(waitFor([&] { return jobs.job(id)->state == JobState::Running; }));
  jobs.cancel(id);
  EXPECT_EQ(jobs.job(id)->state, JobState::Stopping);
  EXPECT_EQ(jobs.active(), 1);
  ASSERT_TRUE(waitFor([&] { return cancelled; }));
  EXPECT_EQ(jobs.job(id)->state, JobState::Cancelled);
  EXPECT_EQ(jobs.active(), 0);
}

TEST(JobRunner, AJobThatIsCancelledWhileItWaitsSaysSo) {
  JobRunner jobs;
  int cancelled = 0;
  for (int i = 0; i < 20; ++i)
    jobs.cancel(jobs.run<int>({"long"}, nullptr, untilStopped,
                              [&](base::Result<std::shared_ptr<const int>> value) {
                                cancelled += value.error().code == base::ErrorCode::Cancelled;
                              }));
  ASSERT_TRUE(waitFor([&] { return jobs.active() == 0; }));
  EXPECT_EQ(cancelled, 20);
}

TEST(JobRunner, ANewerJobOfTheSlotDropsTheOlderOne) {
  JobRunner jobs;
  QObject receiver;
  std::vector<int> delivered;
  const auto work = [](int value) -> JobWork<int> {
    return [value](const JobContext&) -> base::Result<int> {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      return value; // does not look at stop: its result has to be dropped
    };
  };
  const JobDone<int> done = [&](base::Result<std::shared_ptr<const int>> value) {
    delivered.push_back(value ? **value : -1);
  };
  for (int i = 0; i < 20; ++i)
    jobs.run<int>({"figure", "figure"}, &receiver, work(i), done);
  ASSERT_TRUE(waitFor([&] { return jobs.active() == 0; }));
  EXPECT_EQ(delivered, std::vector<int>{19});
}

TEST(JobRunner, NothingIsDeliveredToAReceiverThatIsGone) {
  JobRunner jobs;
  auto receiver = std::make_unique<QObject>();
  std::atomic<bool> go = false;
  bool delivered = false;
  jobs.run<int>(
      {"a"}, receiver.get(),
      [&](const JobContext&) -> base::Result<int> {
        while (!go)
          std::this_thread::yield();
        return 1;
      },
      [&](base::Result<std::shared_ptr<const int>>) { delivered = true; });
  receiver.reset();
  go = true;
  ASSERT_TRUE(waitFor([&] { return jobs.active() == 0; }));
  EXPECT_FALSE(delivered);
}

TEST(JobRunner, ProgressIsCoalesced) {
  JobRunner jobs;
  int changes = 0;
  QObject::connect(&jobs, &JobRunner::changed, [&](quint64) { ++changes; });
  bool done = false;
  QElapsedTimer clock;
  clock.start();
  jobs.run<int>(
      {"busy"}, nullptr,
      [](const JobContext& context) -> base::Result<int> {
        for (int i = 0; i < 200000; ++i)
          context.control.report(i, 200000, "tokens");
        return 0;
      },
      [&](base::Result<std::shared_ptr<const int>>) { done = true; });
  ASSERT_TRUE(waitFor([&] { return done; }));
  EXPECT_LE(changes, clock.elapsed() / 30 + 4);
}

TEST(JobRunner, DestructionStopsAndWaits) {
  std::atomic<int> ended = 0;
  {
    JobRunner jobs;
    for (int i = 0; i < 6; ++i) // more than the pool has threads
      jobs.run<int>(
          {"long"}, nullptr,
          [&](const JobContext& context) -> base::Result<int> {
            const auto result = untilStopped(context);
            ++ended;
            return result;
          },
          nullptr);
  }
  const int after = ended;
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(ended, after);
}

TEST(JobRunner, QuietOnesLeaveNoRowUnlessTheyFail) {
  JobRunner jobs;
  int delivered = 0;
  const auto work = [](bool fails) {
    return [fails](const JobContext&) -> base::Result<int> {
      if (fails)
        return base::fail(base::ErrorCode::Io, "broken");
      return 1;
    };
  };
  jobs.run<int>({"look", {}, true}, nullptr, work(false), [&](auto) { ++delivered; });
  jobs.run<int>({"look again", {}, true}, nullptr, work(true), [&](auto) { ++delivered; });
  ASSERT_TRUE(waitFor([&] { return delivered == 2 && jobs.active() == 0; }));
  ASSERT_EQ(jobs.jobs().size(), 1u);
  EXPECT_EQ(jobs.jobs()[0].title, "look again");
}

TEST(JobRunner, SaysThatWorkIsAboutToStart) {
  JobRunner jobs;
  int said = 0;
  QObject::connect(&jobs, &JobRunner::aboutToStart, [&] {
    EXPECT_EQ(jobs.active(), 0);
    ++said;
  });
  jobs.run<int>(
      {"add"}, nullptr, [](const JobContext&) { return 1; }, nullptr);
  EXPECT_EQ(said, 1);
  ASSERT_TRUE(waitFor([&] { return jobs.active() == 0; }));
  jobs.announce();
  EXPECT_EQ(said, 2);
}

TEST(JobRunner, FinishedRowsStayUntilCleared) {
  JobRunner jobs;
  jobs.run<int>(
      {"a"}, nullptr, [](const JobContext&) -> base::Result<int> { return 1; }, nullptr);
  ASSERT_TRUE(waitFor([&] { return jobs.active() == 0; }));
  EXPECT_EQ(jobs.jobs().size(), 1u);
  jobs.clearFinished();
  EXPECT_TRUE(jobs.jobs().empty());
}

} // namespace
} // namespace switchyard::studio
