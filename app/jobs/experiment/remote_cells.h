#pragma once

#include <map>
#include <string>
#include <string_view>

#include "app/jobs/experiment/work.h"
#include "app/jobs/ranks/team.h"

namespace switchyard::jobs::experiment {

/// Where the cells of a run are handed out (work.cpp).
class CellBoard {
public:
  virtual ~CellBoard() = default;
  /// The next cell; null when there is none or the run ends.
  virtual const Cell* take() = 0;
  virtual void put(const Cell& cell, Ended ended) = 0;
  virtual void advance(const Cell& cell, std::int64_t done, std::int64_t total) = 0;
  virtual void workerEnds() = 0;
};

/// Rank 0's view of the other ranks: each runs `jobs` cells at once and asks for the next.
class RemoteCells {
public:
  RemoteCells(Leader& leader, int ranks, int jobs)
      : m_leader(leader), m_ranks(ranks), m_jobs(jobs) {}
  int workers() const { return (m_ranks - 1) * m_jobs; }
  /// Answers what the others have asked or reported. Errors: theirs.
  base::Result<void> serve(CellBoard& board);

private:
  base::Result<void> answer(int rank, std::string_view report, CellBoard& board);

  Leader& m_leader;
  int m_ranks, m_jobs;
  std::map<std::string, const Cell*> m_given;
};

/// What another rank does: runs the cells that rank 0 names, `jobs` at once, until there are none.
base::Result<void> helpWithCells(Helper& helper, const Bench& bench, int jobs,
                                 const base::ThreadContext& threads);

} // namespace switchyard::jobs::experiment
