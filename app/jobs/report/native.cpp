#include "app/jobs/report/native.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analyzers/report/encoding.h"

extern char** environ;

namespace switchyard::jobs::report {

namespace {

namespace fs = std::filesystem;

constexpr useconds_t kPollMicroseconds = 5000;

/// A file in memory: a child reads its input from one and writes to two, so that nobody waits for
/// anybody with a full pipe.
class MemoryFile {
public:
  MemoryFile() : m_descriptor(memfd_create("switchyard", MFD_CLOEXEC)) {}
  ~MemoryFile() {
    if (m_descriptor >= 0)
      close(m_descriptor);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  int descriptor() const { return m_descriptor; }
  bool fill(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t written = write(m_descriptor, text.data(), text.size());
      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        return false;
      text.remove_prefix(static_cast<std::size_t>(written));
    }
    return lseek(m_descriptor, 0, SEEK_SET) == 0;
  }
  std::string content() const {
    std::string text;
    std::array<char, 4096> piece{};
    off_t at = 0;
    for (ssize_t got = 0; (got = pread(m_descriptor, piece.data(), piece.size(), at)) > 0;
         at += got)
      text.append(piece.data(), static_cast<std::size_t>(got));
    return text;
  }

private:
  int m_descriptor;
};

struct Ended {
  int status = 0;
  std::string out, err;
};

tl::unexpected<base::Error> failed(std::string what) {
  return base::fail(base::ErrorCode::Io, "switchyard-studio could not be run: " + std::move(what));
}

base::Result<Ended> runChild(const std::vector<std::string>& arguments, std::string_view input,
                             const base::RunControl& control) {
  const MemoryFile in, out, err;
  if (in.descriptor() < 0 || out.descriptor() < 0 || err.descriptor() < 0 || !in.fill(input))
    return failed(std::strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.descriptor(), 0);
  posix_spawn_file_actions_adddup2(&actions, out.descriptor(), 1);
  posix_spawn_file_actions_adddup2(&actions, err.descriptor(), 2);
  std::vector<char*> words;
  for (const std::string& argument : arguments)
    words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  pid_t child = -1;
  const int spawned = posix_spawn(&child, words[0], &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (spawned != 0)
    return failed(std::strerror(spawned));
  Ended ended;
  for (pid_t got = 0; got != child;) {
    got = waitpid(child, &ended.status, WNOHANG);
    if (got < 0 && errno != EINTR)
      return failed(std::strerror(errno));
    if (got == child)
      break;
    if (control.stop.stop_requested()) {
      kill(child, SIGKILL); // files appear under their names only when they are complete
      waitpid(child, &ended.status, 0);
      SY_TRY(control.check());
    }
    usleep(kPollMicroseconds);
  }
  ended.out = out.content();
  ended.err = err.content();
  return ended;
}

base::Result<std::string> nameOf(const fs::path& path) {
  const std::string name = path.string();
  if (analyzers::report::validUtf8(name) != name)
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("\"{}\": the name of a report has to be valid UTF-8",
                                  analyzers::report::validUtf8(name)));
  return name;
}

base::Result<std::vector<std::string>> argumentsOf(const fs::path& studio,
                                                   const NativeOutput& output) {
  std::vector<std::string> words = {studio.string(), "--render-report"};
  const std::pair<const char*, const fs::path*> paths[] = {
      {"--pdf", &output.pdf}, {"--pages", &output.pages}, {"--figures", &output.figures}};
  for (const auto& [option, path] : paths)
    if (!path->empty()) {
      std::string name = SY_TRY(nameOf(*path));
      words.push_back(option + ("=" + name));
    }
  words.push_back("--most-pages=" + std::to_string(output.mostPages));
  words.push_back("--figure-format=" + output.figureFormat);
  words.push_back(output.paper == Paper::Letter ? "--paper=letter" : "--paper=a4");
  words.push_back("--rows=" + std::to_string(output.rows));
  return words;
}

/// The last line that it wrote for people, without its name.
std::string complaint(const Ended& ended) {
  std::string text = ended.err;
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  text.erase(0, text.rfind('\n') + 1);
  constexpr std::string_view kName = "switchyard-studio: ";
  if (text.starts_with(kName))
    text.erase(0, kName.size());
  if (WIFSIGNALED(ended.status))
    text = fmt::format("switchyard-studio was ended by signal {}", WTERMSIG(ended.status));
  return text.empty() ? "switchyard-studio failed and did not say why" : text;
}

} // namespace

fs::path findStudio() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (error)
    return {};
  const fs::path name = "switchyard-studio";
  if (self.filename() == name)
    return self;
  // Installed: the same folder. Build tree: app/cli and app/studio, tests below tests/.
  fs::path folder = self.parent_path();
  if (fs::exists(folder / name, error))
    return folder / name;
  for (int depth = 0; depth < 4 && folder.has_relative_path(); ++depth) {
    folder = folder.parent_path();
    if (fs::exists(folder / "CMakeCache.txt", error) &&
        fs::exists(folder / "app/studio" / name, error))
      return folder / "app/studio" / name;
  }
  return {};
}

base::Result<NativeFiles> renderNatively(const Description& description, const NativeOutput& output,
                                         const base::RunControl& control) {
  const fs::path studio = output.studio.empty() ? findStudio() : output.studio;
  if (studio.empty())
    return base::fail(
        base::ErrorCode::NotFound,
        "PDF and figure files are drawn by switchyard-studio, which is not beside this "
        "program; install it, or write .html or .md");
  const std::vector<std::string> arguments = SY_TRY(argumentsOf(studio, output));
  const Ended ended = SY_TRY(runChild(arguments, toJson(description), control));
  if (!WIFEXITED(ended.status) || WEXITSTATUS(ended.status) != 0)
    return base::fail(base::ErrorCode::Io, complaint(ended));
  const nlohmann::json answer = nlohmann::json::parse(ended.out, nullptr, false);
  if (!answer.is_object() || !answer.contains("files") || !answer["files"].is_array())
    return base::fail(base::ErrorCode::Io, "switchyard-studio did not say what it wrote");
  NativeFiles written;
  written.pages = answer.value("pages", std::int64_t{0});
  for (const nlohmann::json& file : answer["files"])
    if (file.is_string())
      written.files.emplace_back(file.get<std::string>());
  return written;
}

} // namespace switchyard::jobs::report
