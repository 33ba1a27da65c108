#include "core/plugin/crash_guard.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "core/base/file.h"

namespace switchyard::plugin {

namespace {

constexpr std::array<std::pair<int, const char*>, 5> kSignals = {{{SIGSEGV, "SIGSEGV"},
                                                                  {SIGBUS, "SIGBUS"},
                                                                  {SIGFPE, "SIGFPE"},
                                                                  {SIGILL, "SIGILL"},
                                                                  {SIGABRT, "SIGABRT"}}};
constexpr std::size_t kMostPath = 4000;
constexpr std::size_t kMostText = 256;
constexpr std::uint64_t kMostNotes = 1 << 20; ///< bytes
constexpr int kWaitSteps = 200;               ///< of 10 ms

struct Running {
  const char* id = nullptr;
  const char* function = nullptr;
};
thread_local Running t_running;

std::atomic<bool> g_installed = false;
std::atomic<int> g_saving = 0;
// Read by a signal handler: plain memory, written before the handler is there or as a whole.
std::array<char, kMostPath + 1> g_path{};
std::array<struct sigaction, kSignals.size()> g_before{};

/// A stack of its own for the handler, so that it can run after a stack overflow.
class HandlerStack {
public:
  HandlerStack() {
    stack_t present{};
    if (sigaltstack(nullptr, &present) != 0 || (present.ss_flags & SS_DISABLE) == 0)
      return; // somebody else's serves as well
    m_memory = std::make_unique<char[]>(kBytes);
    stack_t mine{};
    mine.ss_sp = m_memory.get();
    mine.ss_size = kBytes;
    sigaltstack(&mine, nullptr);
  }
  ~HandlerStack() {
    if (!m_memory)
      return;
    stack_t off{};
    off.ss_flags = SS_DISABLE;
    sigaltstack(&off, nullptr);
  }

private:
  static constexpr std::size_t kBytes = 64 << 10;
  std::unique_ptr<char[]> m_memory;
};

/// Appends to a fixed buffer; what does not fit is cut. Safe in a signal handler.
class Line {
public:
  void add(const char* text) {
    for (std::size_t i = 0; text[i] != '\0' && i < kMostText && m_size < m_text.size(); ++i)
      m_text[m_size++] = text[i] == '\t' || text[i] == '\n' ? ' ' : text[i];
  }
  void end(char mark) {
    if (m_size < m_text.size())
      m_text[m_size++] = mark;
  }
  void add(std::int64_t number) {
    std::array<char, 24> digits{};
    std::size_t at = digits.size() - 1;
    do
      digits[--at] = static_cast<char>('0' + number % 10);
    while ((number /= 10) > 0);
    add(&digits[at]);
  }
  void append(int file) const {
    for (std::size_t done = 0; done < m_size;) {
      const ssize_t wrote = ::write(file, m_text.data() + done, m_size - done);
      if (wrote <= 0)
        return;
      done += static_cast<std::size_t>(wrote);
    }
  }

private:
  std::array<char, 2 * kMostText + 128> m_text{};
  std::size_t m_size = 0;
};

/// Async-signal-safe.
void leaveNote(const char* how) {
  Line line;
  line.add(t_running.id);
  line.end('\t');
  line.add(t_running.function);
  line.end('\t');
  line.add(how);
  line.end('\t');
  line.add(static_cast<std::int64_t>(::time(nullptr)));
  line.end('\n');
  Line said;
  said.end('\n');
  said.add("switchyard: plugin '");
  said.add(t_running.id);
  said.add("' ended the program: ");
  said.add(how);
  said.add(" in ");
  said.add(t_running.function);
  said.add("()");
  said.end('\n');
  said.append(STDERR_FILENO);
  t_running = {};
  const int file = g_path[0] == '\0'
                       ? -1
                       : ::open(g_path.data(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file >= 0) {
    line.append(file);
    ::fsync(file);
    ::close(file);
  }
  const timespec step{0, 10'000'000};
  for (int i = 0; i < kWaitSteps && g_saving.load() > 0; ++i)
    ::nanosleep(&step, nullptr);
}

extern "C" void onFatalSignal(int number) {
  for (std::size_t i = 0; i < kSignals.size(); ++i)
    if (kSignals[i].first == number) {
      if (t_running.id != nullptr)
        leaveNote(kSignals[i].second);
      ::sigaction(number, &g_before[i], nullptr);
    }
  ::raise(number); // as it would have ended without us, once this returns
}

void install() {
  struct sigaction action {};
  action.sa_handler = onFatalSignal;
  action.sa_flags = SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < kSignals.size(); ++i)
    ::sigaction(kSignals[i].first, &action, &g_before[i]);
  std::atexit([] {
    if (t_running.id != nullptr)
      leaveNote("exit");
  });
}

} // namespace

InPlugin::InPlugin(const char* id, const char* function)
    : m_id(t_running.id), m_function(t_running.function) {
  if (g_installed.load(std::memory_order_relaxed))
    thread_local const HandlerStack stack;
  t_running = {id, function};
}

InPlugin::~InPlugin() {
  t_running = {m_id, m_function};
}

const char* InPlugin::id() {
  return t_running.id;
}

const char* InPlugin::function() {
  return t_running.function;
}

SavingWork::SavingWork() {
  ++g_saving;
}

SavingWork::~SavingWork() {
  --g_saving;
}

base::Result<void> noteCrashes(const std::filesystem::path& path) {
  const base::Where where{.file = path.string()};
  if (path.empty()) {
    g_path[0] = '\0';
    if (!g_installed.exchange(true))
      install();
    return {};
  }
  const std::string text = std::filesystem::absolute(path).string();
  if (text.size() > kMostPath)
    return base::fail(base::ErrorCode::LimitExceeded, "this path is too long", where);
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(text).parent_path(), error);
  if (error)
    return base::fail(base::ErrorCode::Io, "its folder cannot be made: " + error.message(), where);
  std::memcpy(g_path.data(), text.c_str(), text.size() + 1);
  if (!g_installed.exchange(true))
    install();
  return {};
}

std::vector<CrashNote> readCrashNotes(const std::filesystem::path& path) {
  std::vector<CrashNote> notes;
  const auto text = base::readTextFile(path, kMostNotes);
  if (!text)
    return notes;
  for (std::size_t begin = 0; begin < text->size();) {
    const std::size_t end = std::min(text->find('\n', begin), text->size());
    std::array<std::string, 4> parts;
    std::size_t count = 0;
    for (std::size_t from = begin; count < parts.size() && from <= end; ++count) {
      const std::size_t to = std::min(text->find('\t', from), end);
      parts[count] = text->substr(from, to - from);
      from = to + 1;
    }
    begin = end + 1;
    CrashNote note{parts[0], parts[1], parts[2], 0};
    const auto [last, error] =
        std::from_chars(parts[3].data(), parts[3].data() + parts[3].size(), note.time);
    if (count != parts.size() || note.plugin.empty() || error != std::errc() ||
        last != parts[3].data() + parts[3].size())
      continue;
    std::erase_if(notes, [&note](const CrashNote& older) { return older.plugin == note.plugin; });
    notes.push_back(std::move(note));
  }
  return notes;
}

base::Result<void> forgetCrashes(const std::filesystem::path& path, std::string_view plugin) {
  std::string kept;
  for (const CrashNote& note : readCrashNotes(path))
    if (note.plugin != plugin)
      kept += note.plugin + '\t' + note.function + '\t' + note.how + '\t' +
              std::to_string(note.time) + '\n';
  if (!kept.empty())
    return base::writeFileAtomically(path, kept);
  std::error_code error;
  std::filesystem::remove(path, error);
  if (error)
    return base::fail(base::ErrorCode::Io, "it cannot be removed: " + error.message(),
                      {.file = path.string()});
  return {};
}

} // namespace switchyard::plugin
