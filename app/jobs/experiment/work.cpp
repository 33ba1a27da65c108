#include "app/jobs/experiment/work.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "app/jobs/experiment/remote_cells.h"

namespace switchyard::jobs::experiment {

namespace {

using base::Result;

/// What workers and the thread that started them share.
class Board {
public:
  Board(const std::vector<const Cell*>& cells, int workers)
      : m_cells(cells), m_share(cells.size(), 0.0), m_running(cells.size(), false),
        m_workers(workers) {
    for (const Cell* cell : cells)
      m_all += cell->cost.tokens();
  }

  /// The next cell for a worker; nothing when there is none or the run ends.
  std::optional<std::size_t> take() {
    const std::lock_guard lock(m_mutex);
    if (m_closed || m_next >= m_cells.size())
      return std::nullopt;
    m_running[m_next] = true;
    return m_next++;
  }
  void put(std::size_t cell, Ended ended) {
    const std::lock_guard lock(m_mutex);
    m_running[cell] = false;
    m_share[cell] = 1;
    m_ended.emplace_back(cell, std::move(ended));
    m_changed.notify_one();
  }
  void workersEnd(int count = 1) {
    const std::lock_guard lock(m_mutex);
    m_workers -= count;
    m_changed.notify_one();
  }
  void advance(std::size_t cell, std::int64_t done, std::int64_t total) {
    if (total <= 0)
      return;
    const std::lock_guard lock(m_mutex);
    // Jobs of several phases begin anew; the bar never goes back.
    m_share[cell] = std::max(m_share[cell],
                             std::min(1.0, static_cast<double>(done) / static_cast<double>(total)));
  }
  void close() {
    const std::lock_guard lock(m_mutex);
    m_closed = true;
  }
  bool isOver() {
    const std::lock_guard lock(m_mutex);
    return m_workers == 0 && m_ended.empty();
  }
  /// The next cell that has ended; nothing if none has for a while.
  std::optional<std::pair<std::size_t, Ended>> next(std::chrono::milliseconds wait) {
    std::unique_lock lock(m_mutex);
    m_changed.wait_for(lock, wait, [&] { return !m_ended.empty() || m_workers == 0; });
    if (m_ended.empty())
      return std::nullopt;
    auto front = std::move(m_ended.front());
    m_ended.pop_front();
    return front;
  }
  Progress progress() {
    const std::lock_guard lock(m_mutex);
    Progress p;
    p.cells = static_cast<std::int64_t>(m_cells.size());
    p.allTokens = m_all;
    for (std::size_t i = 0; i < m_cells.size(); ++i) {
      p.tokens += m_share[i] * m_cells[i]->cost.tokens();
      if (m_running[i])
        p.running += (p.running.empty() ? "" : ", ") + m_cells[i]->name;
    }
    return p;
  }

private:
  const std::vector<const Cell*>& m_cells;
  std::mutex m_mutex;
  std::condition_variable m_changed;
  std::deque<std::pair<std::size_t, Ended>> m_ended;
  std::vector<double> m_share; ///< of each cell, done
  std::vector<bool> m_running;
  std::size_t m_next = 0;
  double m_all = 0;
  int m_workers;
  bool m_closed = false;
};

/// The board as other ranks see it.
class RemoteBoard final : public CellBoard {
public:
  RemoteBoard(Board& board, const std::vector<const Cell*>& cells, int workers)
      : m_board(board), m_cells(cells), m_workers(workers) {}
  const Cell* take() override {
    const auto index = m_board.take();
    if (!index)
      return nullptr;
    m_given[m_cells[*index]] = *index;
    return m_cells[*index];
  }
  void put(const Cell& cell, Ended ended) override {
    m_board.put(m_given.at(&cell), std::move(ended));
  }
  void advance(const Cell& cell, std::int64_t done, std::int64_t total) override {
    m_board.advance(m_given.at(&cell), done, total);
  }
  void workerEnds() override {
    m_board.workersEnd();
    --m_workers;
  }
  /// Nothing is expected of them any more.
  void drop() { m_board.workersEnd(std::exchange(m_workers, 0)); }

private:
  Board& m_board;
  const std::vector<const Cell*>& m_cells;
  std::map<const Cell*, std::size_t> m_given;
  int m_workers;
};

} // namespace

Result<bool> runCells(const Bench& bench, const std::vector<const Cell*>& cells, int jobs,
                      const base::ThreadContext& threads, const CellSink& sink,
                      const ProgressSink& progress, std::stop_token stop, RemoteCells* remote) {
  const int workers = std::clamp<int>(jobs, 1, std::max(1, static_cast<int>(cells.size())));
  const int elsewhere = remote != nullptr ? remote->workers() : 0;
  Board board(cells, workers + elsewhere);
  RemoteBoard remoteBoard(board, cells, elsewhere);
  std::stop_source mine; // ends cells on request, or when nothing can be kept any more
  const std::stop_callback forward(stop, [&] { mine.request_stop(); });
  const auto work = [&] {
    const base::ThreadContext own(std::max(1, threads.threads() / workers));
    while (!mine.stop_requested()) {
      const auto index = board.take();
      if (!index)
        break;
      const base::RunControl control{
          [&, cell = *index](std::int64_t done, std::int64_t total, std::string_view) {
            board.advance(cell, done, total);
          },
          mine.get_token()};
      board.put(*index, runCell(bench, *cells[*index], own, control));
    }
    board.workersEnd();
  };
  std::vector<std::jthread> running;
  for (int i = 0; i < workers; ++i)
    running.emplace_back(work);

  std::optional<base::Error> error;
  std::int64_t done = 0, failed = 0;
  bool stopped = false;
  const auto fail = [&](base::Error reason) {
    if (!error)
      error = std::move(reason);
    board.close();
    mine.request_stop();
  };
  const std::chrono::milliseconds wait(remote != nullptr ? 5 : 100);
  while (!board.isOver()) {
    if (remote != nullptr && !mine.stop_requested())
      if (auto served = remote->serve(remoteBoard); !served) {
        stopped = served.error().code == base::ErrorCode::Cancelled; // a rank was told to stop
        if (stopped)
          mine.request_stop();
        else
          fail(std::move(served).error());
      }
    if (mine.stop_requested())
      remoteBoard.drop();
    if (auto ended = board.next(wait)) {
      stopped = stopped || (ended->second && !*ended->second);
      (ended->second ? done : failed) += ended->second && !*ended->second ? 0 : 1;
      if (auto kept = sink(*cells[ended->first], std::move(ended->second)); !kept)
        fail(std::move(kept).error());
    }
    if (progress) {
      Progress now = board.progress();
      now.done = done;
      now.failed = failed;
      progress(now);
    }
  }
  running.clear();
  if (error)
    return tl::unexpected<base::Error>(std::move(*error));
  return !stopped && !stop.stop_requested();
}

} // namespace switchyard::jobs::experiment
