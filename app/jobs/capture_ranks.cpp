#include "app/jobs/capture_ranks.h"

#include <algorithm>

#include "app/jobs/ranks/event_tape.h"
#include "core/base/version.h"

namespace switchyard::jobs {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

// The first byte of a report.
constexpr char kEvents = 'e', kDistributions = 'd', kWindow = 'w';

/// What all ranks must agree on.
std::string jobOf(const CaptureSetup& setup) {
  std::string job(base::version());
  for (const std::string* part :
       {&setup.meta.commandLine, &setup.meta.modelFingerprint, &setup.meta.promptsFingerprint})
    job += '\n' + *part;
  return job;
}

struct Orders {
  std::int64_t first = 0;
  EventTape::Wants wants;
  bool distributions = false;
  template <typename Archive> static void exchange(auto& self, Archive& archive) {
    archive(self.first, self.wants.points, self.wants.argmaxOnly, self.distributions);
  }
};

std::string packed(const GenerateResult& result, bool withRecords) {
  base::ArchiveWriter archive;
  archive(std::uint64_t{result.tokens.size()});
  archive(std::uint64_t{withRecords ? result.records.size() : 0});
  if (withRecords)
    for (const DecodeRecord& record : result.records) {
      archive(std::uint64_t{record.size()});
      for (const auto& [name, value] : record) {
        archive.grown(name);
        archive(value);
      }
    }
  return archive.take();
}

/// Tokens are counted, not known: the trace has them from the events.
Result<GenerateResult> unpacked(std::string_view bytes) {
  GenerateResult result;
  base::ArchiveReader archive(bytes);
  std::uint64_t tokens = 0;
  archive(tokens);
  constexpr std::uint64_t kMost = std::uint64_t{1} << 32;
  if (tokens > kMost)
    archive.fail();
  result.records.resize(archive.count());
  for (DecodeRecord& record : result.records) {
    record.resize(archive.count());
    for (auto& [name, value] : record) {
      archive.grown(name);
      archive(value);
    }
  }
  if (!archive.finished())
    return fail(ErrorCode::Internal, "a window of another rank is damaged");
  result.tokens.resize(tokens);
  return result;
}

std::string packed(std::span<const float> text, std::span<const float> other) {
  base::ArchiveWriter archive;
  archive(std::vector(text.begin(), text.end()), std::vector(other.begin(), other.end()));
  return archive.take();
}

Result<void> unpack(std::string_view bytes, const DistributionSink& sink) {
  std::vector<float> text, other;
  base::ArchiveReader archive(bytes);
  archive.grown(text);
  archive.grown(other);
  if (!archive.finished() || sink == nullptr)
    return fail(ErrorCode::Internal, "the distributions of another rank are damaged");
  return sink(text, other);
}

/// The windows of this rank, one after the other.
Result<void> runMine(const CaptureSetup& setup, const CaptureOptions& options,
                     const base::ThreadContext& threads, const Orders& orders, Helper& helper) {
  EventTape tape(orders.wants, [&](std::string bytes) {
    bytes.insert(bytes.begin(), kEvents);
    return helper.report(std::move(bytes));
  });
  DistributionSink distributions;
  if (orders.distributions)
    distributions = [&](std::span<const float> text, std::span<const float> other) {
      return helper.report(kDistributions + packed(text, other));
    };
  const std::vector<int> owners = windowOwners(setup, options, orders.first, options.ranks->size());
  for (std::int64_t index = orders.first; index < setup.size(); ++index) {
    SY_TRY(helper.check());
    if (owners[static_cast<std::size_t>(index - orders.first)] != options.ranks->rank())
      continue;
    const GenerateResult result =
        SY_TRY(runWindow(setup, index, options, threads, tape, distributions, helper.stop()));
    SY_TRY(tape.flush());
    SY_TRY(helper.report(kWindow + packed(result, !setup.meta.figures.empty())));
  }
  return {};
}

} // namespace

Result<GenerateResult> runWindow(const CaptureSetup& setup, std::int64_t index,
                                 const CaptureOptions& options, const base::ThreadContext& threads,
                                 hooks::Observer& observer, const DistributionSink& distributions,
                                 std::stop_token stop) {
  const auto decoder = SY_TRY(setup.decoder.make());
  hooks::Observer* const observers[] = {&observer};
  GenerateResult result = SY_TRY(generate(
      {.model = setup.model,
       .threads = threads,
       .decoder = *decoder,
       .policy = setup.steering.policy.get(),
       .compile = recipeCompiler(options.registry.get(), setup.texts(), setup.steering.recipe),
       .observers = observers,
       .distributions = distributions},
      setup.windows[static_cast<std::size_t>(index)].tokens,
      {.maxTokens = options.generate,
       .sampler = options.sampler,
       .stream = static_cast<std::uint64_t>(index)},
      {}, {{}, stop}));
  if (result.reason == StopReason::Cancelled)
    return fail(ErrorCode::Cancelled, "stopped on request");
  return result;
}

std::vector<int> windowOwners(const CaptureSetup& setup, const CaptureOptions& options,
                              std::int64_t first, int ranks) {
  std::vector<std::int64_t> tokens(static_cast<std::size_t>(ranks));
  std::vector<int> owners;
  for (std::int64_t index = first; index < setup.size(); ++index) {
    const auto least = std::ranges::min_element(tokens);
    owners.push_back(static_cast<int>(least - tokens.begin()));
    *least += setup.plannedTokens(index, options);
  }
  return owners;
}

Result<void> SharedCapture::gather() {
  return m_leader.gather(jobOf(m_setup));
}

void SharedCapture::start(const trace::TraceWriter& writer, const trace::TraceRecorder& recorder) {
  m_first = writer.sequences();
  m_owners = windowOwners(m_setup, m_options, m_first, m_options.ranks->size());
  const trace::Columns& columns = writer.columns();
  base::ArchiveWriter orders;
  orders(Orders{
      m_first, {recorder.wants(), columns.predicted && !columns.lmLogits}, columns.distributions});
  m_leader.start(orders.take());
}

Result<GenerateResult> SharedCapture::take(std::int64_t index, trace::TraceWriter& writer,
                                           trace::TraceRecorder& recorder) {
  const int rank = owner(index);
  for (;;) {
    const std::string report = SY_TRY(m_leader.report(rank));
    const std::string_view body = std::string_view(report).substr(report.empty() ? 0 : 1);
    if (!report.empty() && report.front() == kWindow)
      return unpacked(body);
    if (!report.empty() && report.front() == kDistributions) {
      SY_TRY(unpack(body, distributionRecorder(writer)));
      continue;
    }
    SY_TRY(replayEvents(body, recorder, [&](std::span<const std::int32_t> tokens) {
      return writer.addPredicted(tokens);
    }));
  }
}

Result<void> helpCapture(const CaptureOptions& options, const base::ThreadContext& threads,
                         std::stop_token stop) {
  Helper helper(*options.ranks, std::move(stop));
  const auto help = [&]() -> Result<void> {
    // The leader is heard while a model loads, too.
    const base::RunControl control{
        .progress = [&](std::int64_t, std::int64_t, std::string_view) { (void)helper.check(); },
        .stop = helper.stop()};
    CaptureSetup setup = SY_TRY(prepareCapture(options, control));
    SY_TRY(loadModel(setup, options, threads, control));
    const std::string message = SY_TRY(helper.enlist(jobOf(setup)));
    Orders orders;
    base::ArchiveReader archive(message);
    archive(orders);
    if (!archive.finished() || orders.first < 0 || orders.first > setup.size())
      return fail(ErrorCode::Internal, "rank 0 sent orders that make no sense");
    return runMine(setup, options, threads, orders, helper);
  };
  helper.leave(help());
  return {};
}

} // namespace switchyard::jobs
