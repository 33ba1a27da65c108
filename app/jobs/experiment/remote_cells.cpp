#include "app/jobs/experiment/remote_cells.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <list>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "core/base/archive.h"

namespace switchyard::jobs::experiment {

namespace {

using base::ErrorCode;
using base::Result;

// The first byte of a report. Orders are the key of a cell; empty: there is none left.
constexpr char kWant = 'w', kEnded = 'e', kProgress = 'p';

std::string packed(const Cell& cell, const Ended& ended) {
  base::ArchiveWriter archive;
  archive.grown(cell.key);
  archive(std::uint8_t{ended.has_value()}, std::uint8_t{ended.has_value() && ended->has_value()});
  if (!ended) {
    archive(ended.error().code);
    archive.grown(ended.error().describe());
  } else if (*ended) {
    const CellResult& result = **ended;
    archive(std::uint64_t{result.results.size()});
    for (const NamedResult& each : result.results) {
      archive.grown(each.name);
      archive.grown(each.json);
    }
    archive.grown(result.outcomes);
    archive.grown(result.machine.started);
    archive(result.machine.seconds, result.machine.tokens, result.machine.threads);
  }
  return kEnded + archive.take();
}

/// After the key.
Ended endedOf(base::ArchiveReader& archive) {
  std::uint8_t good = 0, finished = 0;
  archive(good, finished);
  base::Error error;
  CellResult result;
  if (good == 0) {
    archive(error.code);
    archive.grown(error.message);
  } else if (finished != 0) {
    result.results.resize(archive.count());
    for (NamedResult& each : result.results) {
      archive.grown(each.name);
      archive.grown(each.json);
    }
    archive.grown(result.outcomes);
    archive.grown(result.machine.started);
    archive(result.machine.seconds, result.machine.tokens, result.machine.threads);
  }
  if (!archive.finished())
    return base::fail(ErrorCode::Internal, "its result was damaged on the way");
  if (good == 0)
    return tl::unexpected(std::move(error));
  return finished != 0 ? std::optional<CellResult>(std::move(result)) : std::nullopt;
}

/// A cell that runs here, on a thread of its own.
struct Running {
  const Cell* cell = nullptr;
  std::atomic<std::int64_t> done{0}, total{0};
  std::atomic<bool> over{false};
  Ended ended;
  std::jthread thread;
};

} // namespace

Result<void> RemoteCells::answer(int rank, std::string_view report, CellBoard& board) {
  const char kind = report.empty() ? '\0' : report.front();
  if (kind == kWant) {
    const Cell* cell = board.take();
    if (cell == nullptr)
      board.workerEnds();
    else
      m_given[cell->key] = cell;
    m_leader.order(rank, cell == nullptr ? std::string() : cell->key);
    return {};
  }
  base::ArchiveReader archive(report.substr(report.empty() ? 0 : 1));
  std::string key;
  archive.grown(key);
  const auto given = m_given.find(key);
  if (given == m_given.end() || (kind != kEnded && kind != kProgress))
    return base::fail(ErrorCode::Internal, fmt::format("a report of rank {} is damaged", rank));
  if (kind == kEnded) {
    board.put(*given->second, endedOf(archive));
    m_given.erase(given);
    return {};
  }
  std::int64_t done = 0, total = 0;
  archive(done, total);
  board.advance(*given->second, done, total);
  return {};
}

Result<void> RemoteCells::serve(CellBoard& board) {
  for (int rank = 1; rank < m_ranks; ++rank)
    while (auto report = m_leader.reportIfThere(rank)) {
      if (!*report)
        return tl::unexpected<base::Error>(std::move(*report).error());
      SY_TRY(answer(rank, **report, board));
    }
  return {};
}

Result<void> helpWithCells(Helper& helper, const Bench& bench, int jobs,
                           const base::ThreadContext& threads) {
  std::map<std::string, const Cell*> byKey;
  for (const Cell& cell : bench.plan->cells)
    byKey[cell.key] = &cell;
  std::list<Running> running;
  int places = jobs; // that rank 0 has not said there is nothing for
  for (int i = 0; i < jobs; ++i)
    SY_TRY(helper.report(std::string(1, kWant)));
  auto told = std::chrono::steady_clock::now();
  while (places > 0) {
    SY_TRY(helper.check());
    while (const auto key = helper.nextOrders()) {
      if (key->empty()) {
        --places;
        continue;
      }
      const auto found = byKey.find(*key);
      if (found == byKey.end())
        return base::fail(ErrorCode::Internal, "rank 0 named a cell that is not in the plan");
      Running& slot = running.emplace_back();
      slot.cell = found->second;
      slot.thread = std::jthread([&slot, &helper, &bench, &threads, jobs] {
        const base::ThreadContext own(std::max(1, threads.threads() / jobs));
        slot.ended = runCell(bench, *slot.cell, own,
                             {[&slot](std::int64_t done, std::int64_t total, std::string_view) {
                                slot.done = done;
                                slot.total = total;
                              },
                              helper.stop()});
        slot.over = true;
      });
    }
    const auto now = std::chrono::steady_clock::now();
    const bool tell = now - told > std::chrono::seconds(1);
    for (auto slot = running.begin(); slot != running.end();) {
      if (slot->over) {
        slot->thread.join();
        SY_TRY(helper.report(packed(*slot->cell, slot->ended)));
        SY_TRY(helper.report(std::string(1, kWant)));
        slot = running.erase(slot);
        continue;
      }
      if (tell && slot->total > 0) {
        base::ArchiveWriter archive;
        archive.grown(slot->cell->key);
        archive(slot->done.load(), slot->total.load());
        SY_TRY(helper.report(kProgress + archive.take()));
      }
      ++slot;
    }
    if (tell)
      told = now;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return {};
}

} // namespace switchyard::jobs::experiment
