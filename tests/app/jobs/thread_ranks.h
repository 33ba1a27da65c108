#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "app/jobs/ranks/ranks.h"

namespace switchyard::jobs::testing {

/// Ranks that are threads of the test, with the mailboxes of all of them.
class Mailboxes {
public:
  explicit Mailboxes(int size) : m_size(size) {}
  int size() const { return m_size; }
  void put(int from, int to, std::string message) {
    const std::lock_guard guard(m_mutex);
    m_unsent[from] += message.size();
    m_boxes[{from, to}].push_back(std::move(message));
  }
  std::optional<std::string> take(int from, int to) {
    const std::lock_guard guard(m_mutex);
    auto& box = m_boxes[{from, to}];
    if (box.empty())
      return std::nullopt;
    std::string message = std::move(box.front());
    box.pop_front();
    m_unsent[from] -= message.size();
    return message;
  }
  std::size_t unsent(int from) {
    const std::lock_guard guard(m_mutex);
    return m_unsent[from];
  }

private:
  int m_size;
  std::mutex m_mutex;
  std::map<std::pair<int, int>, std::deque<std::string>> m_boxes;
  std::map<int, std::size_t> m_unsent;
};

class ThreadRanks final : public Ranks {
public:
  ThreadRanks(Mailboxes& boxes, int rank) : m_boxes(boxes), m_rank(rank) {}
  int rank() const override { return m_rank; }
  int size() const override { return m_boxes.size(); }
  void send(int to, std::string message) override { m_boxes.put(m_rank, to, std::move(message)); }
  std::optional<std::string> receive(int from) override { return m_boxes.take(from, m_rank); }
  std::size_t unsent() override { return m_boxes.unsent(m_rank); }
  void finish() override {}

private:
  Mailboxes& m_boxes;
  int m_rank;
};

/// Runs `body(ranks)` as `size` ranks at once; null for one process.
inline void asRanks(int size, const std::function<void(Ranks*)>& body) {
  if (size == 1)
    return body(nullptr);
  Mailboxes boxes(size);
  std::vector<std::thread> threads;
  for (int rank = 0; rank < size; ++rank)
    threads.emplace_back([&, rank] {
      ThreadRanks ranks(boxes, rank);
      body(&ranks);
    });
  for (std::thread& thread : threads)
    thread.join();
}

} // namespace switchyard::jobs::testing
