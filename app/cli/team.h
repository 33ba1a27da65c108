#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "app/jobs/ranks/start.h"

namespace switchyard::cli {

/// Standard output and error go nowhere from now on. Returns a descriptor of what stderr was.
int silence();

/// The processes that mpirun or srun started for one command. All but rank 0 are silent.
class Team {
public:
  /// Joins them. `terminal`: stderr as it was before silence(). Errors: those of joinRanks();
  /// InvalidArgument for a verb whose work is not shared.
  static base::Result<Team> join(const jobs::LaunchedAs& as, const std::string& verb, bool shared,
                                 int terminal);

  jobs::Ranks* ranks() const { return m_ranks.get(); }
  /// After the verb, which may have failed before it met the others: waits for them. Ends the
  /// process with `code` at once if one of them is gone; rank 1 then says so if it may be rank 0.
  void end(const base::Result<int>& result, int code, std::stop_token stop) const;

private:
  Team(std::unique_ptr<jobs::Ranks> ranks, int terminal)
      : m_ranks(std::move(ranks)), m_terminal(terminal) {}

  std::unique_ptr<jobs::Ranks> m_ranks;
  int m_terminal; ///< stderr as it was, a descriptor
};

} // namespace switchyard::cli
