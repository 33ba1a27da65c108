#include "core/plugin/conformance.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/plugin/conformance_suites.h"
#include "core/plugin/utf8.h"

namespace switchyard::plugin {

namespace {

using nlohmann::json;

/// One line of JSON to the parent. A partial write means the parent is gone; nothing is left to do.
void send(int pipe, const json& message) {
  const std::string line = message.dump() + "\n";
  for (std::size_t sent = 0; sent < line.size();) {
    const ssize_t count = write(pipe, line.data() + sent, line.size() - sent);
    if (count <= 0)
      return;
    sent += static_cast<std::size_t>(count);
  }
}

std::size_t threadCount() {
  std::error_code error;
  std::size_t count = 0;
  for (std::filesystem::directory_iterator it("/proc/self/task", error), end; !error && it != end;
       it.increment(error))
    ++count;
  return count;
}

void runSuites(const Manifest& manifest, const ConformanceOptions& options, const RunCheck& run) {
  std::shared_ptr<const LoadedPlugin> plugin;
  run("load", [&]() -> Outcome {
    auto loaded = LoadedPlugin::load(manifest);
    if (!loaded)
      return failed(loaded.error().describe());
    plugin = *loaded;
    return passed();
  });
  if (plugin == nullptr)
    return;
  OptionValues values;
  bool complete = false;
  run("options", [&]() -> Outcome {
    auto parsed = parseOptions(manifest.options, options.arguments, manifest.shortName());
    if (!parsed)
      return failed(parsed.error().message + "; give it with the check");
    values = std::move(*parsed);
    complete = true;
    return passed();
  });
  if (!complete)
    return;
  HostContext context;
  context.resultLimit = options.resultLimit;
  for (const Kind kind : manifest.kinds)
    switch (kind) {
    case Kind::Router:
      checkRouter(plugin, values, context, run);
      break;
    case Kind::Analyzer:
      checkAnalyzer(plugin, values, context, run);
      break;
    case Kind::Decoder:
      checkDecoder(plugin, values, context, run);
      break;
    case Kind::Simulator:
      checkSimulator(plugin, values, context, run);
      break;
    case Kind::Transform:
      checkTransform(plugin, values, context, run);
      break;
    }
}

/// The child's whole life.
void serve(int pipe, const Manifest& manifest, const ConformanceOptions& options) {
  const auto run = [&](const std::string& name, const std::function<Outcome()>& body) {
    send(pipe, {{"start", name}});
    Outcome outcome;
    try {
      outcome = body();
    } catch (...) {
      outcome = failed("an exception left the plugin");
    }
    send(pipe, {{"name", name},
                {"verdict", static_cast<int>(outcome.verdict)},
                {"detail", toValidUtf8(outcome.detail)}});
  };
  // The host's own workers start before the count.
  base::ThreadContext(4).parallelFor(
      64, [](std::int64_t) { std::this_thread::sleep_for(std::chrono::milliseconds(1)); });
  const std::size_t before = threadCount();
  runSuites(manifest, options, run);
  run("no threads left behind", [&]() -> Outcome {
    std::size_t ownThreads = 0;
    for (int wait = 0; wait < 20; ++wait) {
      ownThreads = threadCount();
      if (ownThreads <= before)
        return passed();
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
    return failed(fmt::format("{} threads are still running after all objects were destroyed",
                              ownThreads - before));
  });
  send(pipe, {{"done", true}});
}

/// Reads the child's lines until it ends, says done, or the limit passes.
class Parent {
public:
  Parent(int pipe, ConformanceReport& report) : m_pipe(pipe), m_report(report) {}

  /// False if the limit passed.
  bool listen(std::chrono::steady_clock::time_point deadline) {
    while (!m_done) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0)
        return false;
      pollfd waiting{m_pipe, POLLIN, 0};
      const int ready =
          poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 1000)));
      if (ready < 0 && errno != EINTR)
        return true;
      if (ready <= 0)
        continue;
      char buffer[4096];
      const ssize_t count = read(m_pipe, buffer, sizeof(buffer));
      if (count <= 0)
        return true;
      take({buffer, static_cast<std::size_t>(count)});
    }
    return true;
  }
  bool done() const { return m_done; }
  const std::string& running() const { return m_running; }

private:
  void take(std::string_view bytes) {
    m_text += bytes;
    for (std::size_t end = m_text.find('\n'); end != std::string::npos; end = m_text.find('\n')) {
      const json line = json::parse(m_text.substr(0, end), nullptr, false);
      m_text.erase(0, end + 1);
      if (line.is_discarded())
        continue; // a plugin wrote to a descriptor that is not its own
      if (line.contains("start"))
        m_running = line["start"].get<std::string>();
      else if (line.contains("name"))
        m_report.checks.push_back({line["name"].get<std::string>(),
                                   static_cast<Verdict>(line["verdict"].get<int>()),
                                   line["detail"].get<std::string>()});
      else
        m_done = true;
    }
  }

  int m_pipe;
  ConformanceReport& m_report;
  std::string m_text, m_running;
  bool m_done = false;
};

} // namespace

std::string_view name(Verdict verdict) {
  switch (verdict) {
  case Verdict::Passed:
    return "passed";
  case Verdict::Failed:
    return "failed";
  case Verdict::Skipped:
    return "skipped";
  }
  return "";
}

bool ConformanceReport::passed() const {
  return std::ranges::none_of(checks,
                              [](const Check& check) { return check.verdict == Verdict::Failed; });
}

base::Result<ConformanceReport> checkPlugin(const std::filesystem::path& sidecar,
                                            const ConformanceOptions& options) {
  const Manifest manifest = SY_TRY(readManifest(sidecar));
  ConformanceReport report{manifest.id, manifest.version, {{"sidecar", Verdict::Passed, ""}}};
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return base::fail(base::ErrorCode::Io, fmt::format("cannot make a pipe: {}", strerror(errno)));
  const pid_t child = fork();
  if (child < 0) {
    close(ends[0]);
    close(ends[1]);
    return base::fail(base::ErrorCode::Io,
                      fmt::format("cannot make a process: {}", strerror(errno)));
  }
  if (child == 0) {
    close(ends[0]);
    serve(ends[1], manifest, options);
    _exit(0);
  }
  close(ends[1]);
  Parent parent(ends[0], report);
  const bool inTime = parent.listen(std::chrono::steady_clock::now() + options.limit);
  if (!parent.done())
    kill(child, inTime ? SIGCONT : SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  close(ends[0]);
  if (!inTime)
    report.checks.push_back({parent.running(), Verdict::Failed,
                             fmt::format("did not end within {:.3g} s and was killed",
                                         std::chrono::duration<double>(options.limit).count())});
  else if (!parent.done())
    report.checks.push_back(
        {parent.running(), Verdict::Failed,
         WIFSIGNALED(status)
             ? fmt::format("the plugin crashed: signal {} ({})", WTERMSIG(status),
                           strsignal(WTERMSIG(status)))
             : fmt::format("the plugin ended the process with status {}", WEXITSTATUS(status))});
  return report;
}

} // namespace switchyard::plugin
