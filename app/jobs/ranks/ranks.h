#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace switchyard::jobs {

/// The processes that share a job, numbered 0..size-1: rank 0 owns the output and speaks to the
/// user, the others work for it. A job that gets no Ranks (null) runs alone. Messages between two
/// ranks keep their order and may have any size. Nothing here waits, apart from finish(). Used by
/// one thread at a time; messages move on only while send(), receive() or unsent() is called, on
/// either side.
class Ranks {
public:
  virtual ~Ranks() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0; ///< at least 2: one process has no Ranks
  virtual void send(int to, std::string message) = 0;
  /// The next message from `from`, once it is there.
  virtual std::optional<std::string> receive(int from) = 0;
  /// Bytes handed to send() that have not left.
  virtual std::size_t unsent() = 0;
  /// The orderly end: waits until every rank is here. Nothing may be unsent.
  virtual void finish() = 0;

  /// Set once a rank does not answer any more: the job is to end without finish().
  bool isLost() const { return m_lost; }
  void setLost() { m_lost = true; }

  /// Set once this rank has ended its part of the job (Leader, Helper).
  bool isOver() const { return m_over; }
  void setOver() { m_over = true; }

private:
  bool m_lost = false, m_over = false;
};

} // namespace switchyard::jobs
