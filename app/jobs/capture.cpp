#include "app/jobs/capture.h"

#include <chrono>
#include <optional>

#include "app/jobs/capture_ranks.h"
#include "core/trace/reader.h"

namespace switchyard::jobs {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using Clock = std::chrono::steady_clock;

/// A capture that was finished before: nothing to run if it is of the same inputs.
Result<CaptureResult> describeComplete(const CaptureOptions& options, const CaptureSetup& setup) {
  const auto trace = SY_TRY(trace::Trace::open(options.out));
  std::string difference = trace::describeDifference(trace->meta(), setup.meta);
  if (difference.empty() && trace->columns() != options.columns)
    difference = "other columns";
  if (!difference.empty())
    return fail(ErrorCode::InvalidArgument,
                "this trace is complete and was made otherwise: " + difference,
                {.file = options.out.string()});
  CaptureResult result;
  result.sequences = trace->sequences();
  result.complete = true;
  return result;
}

/// Records one window, run here or by another rank. Returns its tokens.
Result<std::int64_t> recordWindow(const CaptureSetup& setup, std::int64_t index,
                                  const CaptureOptions& options, const base::ThreadContext& threads,
                                  trace::TraceWriter& writer, trace::TraceRecorder& recorder,
                                  SharedCapture* shared, std::stop_token stop) {
  SY_TRY(recorder.beginSequence(setup.describe(index)));
  const bool here = shared == nullptr || shared->owner(index) == 0;
  const GenerateResult result = SY_TRY(
      here ? runWindow(setup, index, options, threads, recorder, distributionRecorder(writer), stop)
           : shared->take(index, writer, recorder));
  SY_TRY(addRecords(writer, result.records));
  SY_TRY(recorder.endSequence());
  return static_cast<std::int64_t>(setup.windows[static_cast<std::size_t>(index)].tokens.size() +
                                   result.tokens.size());
}

/// Records what is not there yet. Returns false after a stop request.
Result<bool> recordWindows(const CaptureSetup& setup, const CaptureOptions& options,
                           const base::ThreadContext& threads, const base::RunControl& control,
                           trace::TraceWriter& writer, SharedCapture* shared,
                           CaptureResult& result) {
  const std::int64_t first = writer.sequences();
  std::int64_t allTokens = 0;
  for (std::int64_t index = first; index < setup.size(); ++index)
    allTokens += setup.plannedTokens(index, options);
  trace::TraceRecorder recorder(writer);
  if (shared != nullptr)
    shared->start(writer, recorder);
  std::int64_t done = 0;
  for (std::int64_t index = first; index < setup.size(); ++index) {
    auto ran = recordWindow(setup, index, options, threads, writer, recorder, shared, control.stop);
    if (!ran) {
      SY_TRY(recorder.abandonSequence());
      SY_TRY(writer.stop());
      if (ran.error().code == ErrorCode::Cancelled)
        return false;
      return tl::unexpected<base::Error>(std::move(ran).error());
    }
    result.tokens += *ran;
    ++result.captured;
    done += setup.plannedTokens(index, options);
    control.report(done, allTokens, "tokens");
  }
  return true;
}

} // namespace

Result<CaptureResult> capture(const CaptureOptions& options, const base::ThreadContext& threads,
                              const base::RunControl& control) {
  if (options.ranks != nullptr && options.ranks->rank() > 0) {
    SY_TRY(helpCapture(options, threads, control.stop));
    return CaptureResult{.complete = true};
  }
  CaptureSetup setup;
  std::optional<SharedCapture> shared; // dismisses the other ranks, whatever happens
  if (options.ranks != nullptr)
    shared.emplace(setup, options, control.stop);
  setup = SY_TRY(prepareCapture(options, control));
  const trace::RecordingState state = SY_TRY(trace::recordingState(options.out));
  if (state != trace::RecordingState::Absent && !options.resume && !options.overwrite)
    return fail(ErrorCode::InvalidArgument,
                state == trace::RecordingState::Complete
                    ? "this trace exists; choose another name, or replace it with --overwrite"
                    : "an interrupted capture is here; continue it with --resume, or replace it "
                      "with --overwrite",
                {.file = options.out.string()});
  SY_TRY(loadModel(setup, options, threads, control));
  if (state == trace::RecordingState::Complete && options.resume)
    return describeComplete(options, setup);
  if (shared)
    SY_TRY(shared->gather());
  const auto writer = SY_TRY(
      options.resume
          ? trace::TraceWriter::resume(options.out, setup.meta, options.columns, setup.writer)
          : trace::TraceWriter::create(options.out, setup.meta, options.columns, setup.writer));
  const std::int64_t first = writer->sequences();
  CaptureResult result;
  const auto start = Clock::now();
  result.complete = SY_TRY(recordWindows(setup, options, threads, control, *writer,
                                         shared ? &*shared : nullptr, result));
  result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  result.sequences = first + result.captured;
  if (result.complete)
    SY_TRY(writer->finish());
  return result;
}

} // namespace switchyard::jobs
