#include "app/jobs/ranks/team.h"

#include <algorithm>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "core/base/archive.h"

namespace switchyard::jobs {

namespace {

using base::ErrorCode;
using base::Result;
using Clock = std::chrono::steady_clock;

// The first byte of a message. To the leader:
constexpr char kReady = 'r', kError = 'e', kReport = 'd', kGone = 'g';
// From the leader:
constexpr char kOrders = 'o', kDismissed = 'x';

/// Reports may wait in memory up to this size before their sender does.
constexpr std::size_t kMaxUnsent = std::size_t{64} << 20;
/// How long the end of a job waits for ranks that may have died; a launcher that ends a job leaves
/// about a second between its signals.
constexpr std::chrono::milliseconds kAfterSignal{600};
constexpr std::chrono::seconds kAfterError{60};

/// Sleeps between looks at the mailbox: short at first, then up to a millisecond.
class Pause {
public:
  void operator()() {
    std::this_thread::sleep_for(m_length);
    m_length = std::min(m_length * 2, std::chrono::microseconds(1000));
  }

private:
  std::chrono::microseconds m_length{20};
};

std::string packed(const base::Error& error) {
  base::ArchiveWriter archive;
  archive(error.code);
  archive.grown(error.describe());
  return archive.take();
}

base::Error unpacked(int rank, std::string_view body) {
  base::Error error;
  base::ArchiveReader archive(body);
  archive(error.code);
  archive.grown(error.message);
  if (!archive.finished())
    error = {ErrorCode::Internal, "its message is damaged", {}};
  if (error.code != ErrorCode::Cancelled)
    error.message = fmt::format("rank {}: {}", rank, error.message);
  return error;
}

} // namespace

Leader::~Leader() {
  if (!m_dismissed)
    dismiss();
}

Result<std::string> Leader::wait(int rank) {
  for (Pause pause;; pause()) {
    if (auto message = m_ranks.receive(rank))
      return std::move(*message);
    if (m_stop.stop_requested())
      return base::fail(ErrorCode::Cancelled, "stopped on request");
  }
}

Result<std::string> Leader::opened(int rank, std::string message) const {
  const char kind = message.empty() ? kGone : message[0];
  message.erase(0, 1);
  if (kind == kReport || kind == kReady)
    return message;
  if (kind == kError)
    return tl::unexpected(unpacked(rank, message));
  return base::fail(ErrorCode::Internal,
                    fmt::format("rank {} left before its work was done", rank));
}

Result<std::string> Leader::report(int rank) {
  return opened(rank, SY_TRY(wait(rank)));
}

std::optional<Result<std::string>> Leader::reportIfThere(int rank) {
  if (auto message = m_ranks.receive(rank))
    return opened(rank, std::move(*message));
  return std::nullopt;
}

Result<void> Leader::gather(const std::string& job) {
  for (int rank = 1; rank < m_ranks.size(); ++rank)
    if (SY_TRY(report(rank)) != job)
      return base::fail(
          ErrorCode::InvalidArgument,
          fmt::format("rank {} was started for other work than rank 0: give every rank "
                      "the same command, program, model and files",
                      rank));
  return {};
}

void Leader::start(const std::string& orders) {
  for (int rank = 1; rank < m_ranks.size(); ++rank)
    order(rank, orders);
}

void Leader::order(int rank, const std::string& orders) {
  m_ranks.send(rank, kOrders + orders);
}

void Leader::dismiss() {
  m_dismissed = true;
  m_ranks.setOver();
  for (int rank = 1; rank < m_ranks.size(); ++rank)
    m_ranks.send(rank, std::string(1, kDismissed));
  const auto start = Clock::now();
  Pause pause;
  for (int rank = 1; rank < m_ranks.size();) {
    const auto message = m_ranks.receive(rank);
    if (message && !message->empty() && message->front() == kGone)
      ++rank;
    else if (Clock::now() - start > kAfterError ||
             (m_stop.stop_requested() && Clock::now() - start > kAfterSignal))
      return m_ranks.setLost();
    else if (!message)
      pause();
  }
  if (m_ranks.unsent() > 0)
    m_ranks.setLost();
}

Helper::Helper(Ranks& ranks, std::stop_token stop) : m_ranks(ranks), m_stop(std::move(stop)) {}

void Helper::put(char kind, std::string body) {
  body.insert(body.begin(), kind);
  m_ranks.send(0, std::move(body));
}

void Helper::listen() {
  m_ranks.unsent(); // moves on what waits
  while (auto message = m_ranks.receive(0)) {
    if (!message->empty() && message->front() == kOrders)
      m_orders.push_back(message->substr(1));
    else
      m_dismissed = true;
  }
  if ((m_dismissed || m_stop.stop_requested()) && !m_source.stop_requested())
    m_source.request_stop();
}

Result<void> Helper::check() {
  listen();
  if (m_source.stop_requested())
    return base::fail(ErrorCode::Cancelled, "stopped on request");
  return {};
}

Result<std::string> Helper::enlist(const std::string& job) {
  put(kReady, job);
  for (Pause pause; m_orders.empty(); pause())
    SY_TRY(check());
  return *nextOrders();
}

std::optional<std::string> Helper::nextOrders() {
  if (m_orders.empty())
    return std::nullopt;
  std::string orders = std::move(m_orders.front());
  m_orders.pop_front();
  return orders;
}

Result<void> Helper::report(std::string report) {
  put(kReport, std::move(report));
  Pause pause;
  SY_TRY(check());
  while (m_ranks.unsent() > kMaxUnsent) {
    pause();
    SY_TRY(check());
  }
  return {};
}

void Helper::leave(const Result<void>& outcome) {
  m_ranks.setOver();
  if (!outcome)
    put(kError, packed(outcome.error()));
  std::optional<Clock::time_point> signalled;
  for (Pause pause; !m_dismissed; pause()) {
    listen();
    if (m_stop.stop_requested() && !signalled)
      signalled = Clock::now();
    if (signalled && Clock::now() - *signalled > kAfterSignal)
      return m_ranks.setLost();
  }
  put(kGone, {});
  const auto start = Clock::now();
  for (Pause pause; m_ranks.unsent() > 0; pause())
    if (Clock::now() - start > kAfterError ||
        (m_stop.stop_requested() && Clock::now() - start > kAfterSignal))
      return m_ranks.setLost();
}

} // namespace switchyard::jobs
