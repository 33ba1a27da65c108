// The one file that knows MPI: a module that app/jobs/ranks/start.cpp loads when the program was
// started by mpirun or srun.

#include <deque>
#include <memory>
#include <vector>

#include <mpi.h>

#include "app/jobs/ranks/module.h"

namespace switchyard {

namespace {

/// MPI counts bytes of a message in an int, so long messages go in pieces. The first begins with
/// the length of the whole.
constexpr std::size_t kPiece = std::size_t{64} << 20;
constexpr int kTag = 1;

/// Errors inside MPI end the whole job, with MPI's own words: its default.
class MpiRanks final : public jobs::Ranks {
public:
  MpiRanks() {
    MPI_Comm_rank(MPI_COMM_WORLD, &m_rank);
    MPI_Comm_size(MPI_COMM_WORLD, &m_size);
    m_incoming.resize(static_cast<std::size_t>(m_size));
  }

  int rank() const override { return m_rank; }
  int size() const override { return m_size; }

  void send(int to, std::string message) override {
    const std::uint64_t length = message.size();
    message.insert(0, reinterpret_cast<const char*>(&length), sizeof(length));
    Outgoing& out = m_outgoing.emplace_back();
    out.bytes = std::make_unique<std::string>(std::move(message));
    for (std::size_t at = 0; at < out.bytes->size(); at += kPiece)
      MPI_Isend(out.bytes->data() + at, static_cast<int>(std::min(kPiece, out.bytes->size() - at)),
                MPI_BYTE, to, kTag, MPI_COMM_WORLD, &out.requests.emplace_back());
    m_unsent += out.bytes->size();
    unsent();
  }

  std::size_t unsent() override {
    std::erase_if(m_outgoing, [&](Outgoing& out) {
      int done = 0;
      MPI_Testall(static_cast<int>(out.requests.size()), out.requests.data(), &done,
                  MPI_STATUSES_IGNORE);
      m_unsent -= done != 0 ? out.bytes->size() : 0;
      return done != 0;
    });
    return m_unsent;
  }

  std::optional<std::string> receive(int from) override {
    Incoming& in = m_incoming[static_cast<std::size_t>(from)];
    for (;;) {
      int there = 0;
      if (!in.open) {
        MPI_Status status;
        MPI_Iprobe(from, kTag, MPI_COMM_WORLD, &there, &status);
        if (there == 0)
          return std::nullopt;
        int count = 0;
        MPI_Get_count(&status, MPI_BYTE, &count);
        in.at = in.bytes.size();
        in.bytes.resize(in.at + static_cast<std::size_t>(count));
        MPI_Irecv(in.bytes.data() + in.at, count, MPI_BYTE, from, kTag, MPI_COMM_WORLD,
                  &in.request);
        in.open = true;
      }
      MPI_Test(&in.request, &there, MPI_STATUS_IGNORE);
      if (there == 0)
        return std::nullopt;
      in.open = false;
      std::uint64_t length = 0;
      in.bytes.copy(reinterpret_cast<char*>(&length), sizeof(length));
      if (in.bytes.size() < length + sizeof(length))
        continue;
      in.bytes.erase(0, sizeof(length));
      return std::exchange(in.bytes, {});
    }
  }

  void finish() override { MPI_Finalize(); }

private:
  struct Outgoing {
    std::unique_ptr<std::string> bytes; ///< does not move while MPI reads it
    std::vector<MPI_Request> requests;
  };
  struct Incoming {
    std::string bytes;
    std::size_t at = 0;
    MPI_Request request = MPI_REQUEST_NULL;
    bool open = false; ///< a piece is on its way into bytes
  };

  int m_rank = 0, m_size = 1;
  std::size_t m_unsent = 0;
  std::deque<Outgoing> m_outgoing;
  std::vector<Incoming> m_incoming;
};

} // namespace

} // namespace switchyard

extern "C" [[gnu::visibility("default")]] switchyard::jobs::Ranks*
switchyard_start_ranks(const char* version) {
  if (std::string_view(version) != SY_VERSION)
    return nullptr;
  // Other threads of the program compute, but never speak to MPI.
  int provided = MPI_THREAD_SINGLE;
  if (MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS ||
      provided < MPI_THREAD_FUNNELED)
    return nullptr;
  return std::make_unique<switchyard::MpiRanks>().release();
}
