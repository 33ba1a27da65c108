#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "app/jobs/evaluate/run.h"

namespace switchyard::jobs::evaluate {

namespace {

using base::Result;

/// What the workers hand to the thread that started them.
class Queue {
public:
  explicit Queue(int workers) : m_workers(workers) {}

  void put(std::size_t cell, Result<std::optional<Outcome>> outcome) {
    const std::lock_guard lock(m_mutex);
    m_done.emplace_back(cell, std::move(outcome));
    m_changed.notify_one();
  }
  void workerEnds() {
    const std::lock_guard lock(m_mutex);
    --m_workers;
    m_changed.notify_one();
  }
  /// Waits; nothing once all workers have ended and all is taken.
  std::optional<std::pair<std::size_t, Result<std::optional<Outcome>>>> take() {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [&] { return !m_done.empty() || m_workers == 0; });
    if (m_done.empty())
      return std::nullopt;
    auto front = std::move(m_done.front());
    m_done.pop_front();
    return front;
  }

private:
  std::mutex m_mutex;
  std::condition_variable m_changed;
  std::deque<std::pair<std::size_t, Result<std::optional<Outcome>>>> m_done;
  int m_workers;
};

/// One policy is used by one thread at a time, so that each worker has its own.
std::vector<Way> cloneAll(const std::vector<Way>& ways) {
  std::vector<Way> clones;
  for (const Way& way : ways)
    clones.push_back({way.policy ? way.policy->clone() : nullptr, way.decoder, way.compile});
  return clones;
}

} // namespace

Result<bool> runCells(const Bench& bench, const std::vector<Way>& ways,
                      const std::vector<Cell>& cells, int jobs, const base::ThreadContext& threads,
                      const CellSink& sink, std::stop_token stop) {
  const int workers = std::max(1, std::min(jobs, static_cast<int>(cells.size())));
  Queue queue(workers);
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> failed = false;
  const auto work = [&](const std::vector<Way>& own, const base::ThreadContext& ownThreads) {
    for (;;) {
      const std::size_t index = next++;
      if (index >= cells.size() || failed || stop.stop_requested())
        break;
      const Cell& cell = cells[index];
      auto outcome = runItem(bench, own[cell.variant], cell.item, cell.repeat, ownThreads,
                             {.progress = {}, .stop = stop});
      if (!outcome)
        failed = true;
      queue.put(index, std::move(outcome));
    }
    queue.workerEnds();
  };
  std::vector<std::vector<Way>> ownWays;
  std::vector<std::unique_ptr<base::ThreadContext>> ownThreads;
  std::vector<std::jthread> running;
  for (int i = 0; i < workers; ++i) {
    ownWays.push_back(cloneAll(ways));
    ownThreads.push_back(
        std::make_unique<base::ThreadContext>(std::max(1, threads.threads() / workers)));
  }
  for (int i = 0; i < workers; ++i)
    running.emplace_back(work, std::cref(ownWays[static_cast<std::size_t>(i)]),
                         std::cref(*ownThreads[static_cast<std::size_t>(i)]));
  std::optional<base::Error> error;
  bool stopped = false;
  while (auto done = queue.take()) {
    const Cell& cell = cells[done->first];
    if (!done->second) {
      if (!error) {
        error = std::move(done->second).error();
        if (error->where.file.empty())
          error->where.file = bench.tasks[static_cast<std::size_t>(cell.item)].prompt.source;
      }
    } else if (!*done->second) {
      stopped = true;
    } else if (auto kept = sink(cell, std::move(**done->second)); !kept) {
      failed = true;
      if (!error)
        error = std::move(kept).error();
    }
  }
  running.clear();
  if (error)
    return tl::unexpected<base::Error>(std::move(*error));
  return !stopped && !stop.stop_requested();
}

} // namespace switchyard::jobs::evaluate
