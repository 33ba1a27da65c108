#pragma once

#include <string>
#include <vector>

#include "app/jobs/capture_setup.h"
#include "app/jobs/generate.h"
#include "app/jobs/ranks/team.h"
#include "core/trace/recorder.h"

namespace switchyard::jobs {

/// As GenerateWith::distributions.
using DistributionSink =
    std::function<base::Result<void>(std::span<const float> text, std::span<const float> other)>;

/// Runs one window, and what is to be generated after it, under an observer; distributions may be
/// null. Error Cancelled after a stop request.
base::Result<GenerateResult> runWindow(const CaptureSetup& setup, std::int64_t index,
                                       const CaptureOptions& options,
                                       const base::ThreadContext& threads,
                                       hooks::Observer& observer,
                                       const DistributionSink& distributions, std::stop_token stop);

/// Which rank runs each window from `first` on: each goes to the one with the fewest tokens so far,
/// the lowest of equals. The same on every rank.
std::vector<int> windowOwners(const CaptureSetup& setup, const CaptureOptions& options,
                              std::int64_t first, int ranks);

/// Rank 0 runs its windows, takes those of the others in the order of the trace, and alone writes.
class SharedCapture {
public:
  SharedCapture(const CaptureSetup& setup, const CaptureOptions& options, std::stop_token stop)
      : m_setup(setup), m_options(options), m_leader(*options.ranks, std::move(stop)) {}

  /// Once the model is loaded: waits until the others have it, too.
  base::Result<void> gather();
  /// `recorder` is of `writer`; the windows before writer.sequences() are there already.
  void start(const trace::TraceWriter& writer, const trace::TraceRecorder& recorder);
  int owner(std::int64_t index) const {
    return m_owners[static_cast<std::size_t>(index - m_first)];
  }
  /// Records a window of another rank into the open sequence: what runWindow() gave there.
  base::Result<GenerateResult> take(std::int64_t index, trace::TraceWriter& writer,
                                    trace::TraceRecorder& recorder);

private:
  const CaptureSetup& m_setup;
  const CaptureOptions& m_options;
  Leader m_leader;
  std::int64_t m_first = 0;
  std::vector<int> m_owners;
};

/// What the other ranks do in capture().
base::Result<void> helpCapture(const CaptureOptions& options, const base::ThreadContext& threads,
                               std::stop_token stop);

} // namespace switchyard::jobs
