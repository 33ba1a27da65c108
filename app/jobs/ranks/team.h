#pragma once

#include <deque>
#include <optional>
#include <stop_token>
#include <string>

#include "app/jobs/ranks/ranks.h"
#include "core/base/error.h"

namespace switchyard::jobs {

/// Rank 0 of a job. Every rank prepares on its own; then the leader hears from each, gives its
/// orders, and takes what they report, until it dismisses them.
class Leader {
public:
  /// `ranks` is borrowed. Waiting ends with Cancelled when `stop` is requested.
  Leader(Ranks& ranks, std::stop_token stop) : m_ranks(ranks), m_stop(std::move(stop)) {}
  /// Dismisses the others if nobody has.
  ~Leader();
  Leader(const Leader&) = delete;
  Leader& operator=(const Leader&) = delete;

  /// Waits for the others to be ready for the same job. Errors: theirs, with the rank in front;
  /// InvalidArgument if one is about to do something else; Cancelled.
  base::Result<void> gather(const std::string& job);
  /// After gather(): the same orders for all, and orders for one.
  void start(const std::string& orders);
  void order(int rank, const std::string& orders);
  /// The next report of a rank, in its order. Errors: the rank's, with its number; Cancelled.
  base::Result<std::string> report(int rank);
  /// The same without waiting: nothing if no report is there.
  std::optional<base::Result<std::string>> reportIfThere(int rank);
  /// Tells every rank that the job is over and waits for a while until they have heard it; one that
  /// does not answer makes the ranks lost. Reports that were on their way are dropped.
  void dismiss();

private:
  base::Result<std::string> wait(int rank);
  base::Result<std::string> opened(int rank, std::string message) const;

  Ranks& m_ranks;
  std::stop_token m_stop;
  bool m_dismissed = false;
};

/// A rank that works for rank 0.
class Helper {
public:
  Helper(Ranks& ranks, std::stop_token stop);
  ~Helper() = default;
  Helper(const Helper&) = delete;
  Helper& operator=(const Helper&) = delete;

  /// Says that this rank is ready for `job` and waits for orders. Error Cancelled when the leader
  /// wants none.
  base::Result<std::string> enlist(const std::string& job);
  /// Orders that came since; nothing if there are none.
  std::optional<std::string> nextOrders();
  /// Hands over a report; waits while much of the earlier ones has not left. Error Cancelled when
  /// the job is over.
  base::Result<void> report(std::string report);
  /// What this rank works under: stopped by the user, or because the leader has dismissed it.
  std::stop_token stop() const { return m_source.get_token(); }
  /// Moves messages on and hears the leader. Cheap: call it often during long work. Error Cancelled
  /// when the job is over.
  base::Result<void> check();
  /// Reports an error (or nothing, for success) and waits for the leader's dismissal. If that does
  /// not come although the user asked to stop, rank 0 is gone: the ranks are lost.
  void leave(const base::Result<void>& outcome);

private:
  void listen();
  void put(char kind, std::string body);

  Ranks& m_ranks;
  std::stop_token m_stop; ///< the user's
  std::stop_source m_source;
  bool m_dismissed = false;
  std::deque<std::string> m_orders;
};

} // namespace switchyard::jobs
