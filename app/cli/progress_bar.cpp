#include "app/cli/progress_bar.h"

#include <algorithm>
#include <cstdio>
#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace switchyard::cli {

namespace {

int terminalWidth() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return 80;
}

} // namespace

std::string shortCount(double value) {
  constexpr const char* kSuffixes[] = {"", "k", "M", "G", "T"};
  std::size_t suffix = 0;
  while (value >= 999.5 && suffix + 1 < std::size(kSuffixes)) {
    value /= 1000;
    ++suffix;
  }
  if (suffix == 0 && value == static_cast<double>(static_cast<std::int64_t>(value)))
    return fmt::format("{:.0f}", value);
  const int digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f}{}", value, digits, kSuffixes[suffix]);
}

std::string duration(double seconds) {
  const auto all = static_cast<std::int64_t>(std::clamp(seconds, 0.0, 359999.0) + 0.5);
  if (all >= 3600)
    return fmt::format("{}:{:02}:{:02}", all / 3600, all / 60 % 60, all % 60);
  return fmt::format("{}:{:02}", all / 60, all % 60);
}

std::string progressLine(std::string_view title, std::int64_t done, std::int64_t total,
                         std::string_view phase, double rate, int width) {
  std::string facts;
  if (total > 0)
    facts =
        fmt::format(" {:3}%  {}/{} {}", 100 * done / total, shortCount(static_cast<double>(done)),
                    shortCount(static_cast<double>(total)), phase);
  else
    facts = fmt::format("  {} {}", shortCount(static_cast<double>(done)), phase);
  if (rate > 0) {
    facts += fmt::format("  {}/s", shortCount(rate));
    if (total > 0)
      facts += fmt::format("  {} left", duration(static_cast<double>(total - done) / rate));
  }
  const int room = width - 1 - static_cast<int>(title.size() + facts.size()) - 3;
  std::string bar;
  if (total > 0 && room >= 8) {
    const int cells = std::min(room, 30);
    const int full = static_cast<int>(cells * done / total);
    bar = fmt::format(" [{:<{}}]", std::string(static_cast<std::size_t>(full), '='), cells);
  }
  std::string line = fmt::format("{}{}{}", title, bar, facts);
  if (static_cast<int>(line.size()) >= width)
    line.resize(static_cast<std::size_t>(std::max(0, width - 1)));
  return line;
}

ProgressBar::ProgressBar(std::string title, bool enabled)
    : m_title(std::move(title)), m_enabled(enabled && isatty(STDERR_FILENO) != 0) {}

ProgressBar::~ProgressBar() {
  clear();
}

void ProgressBar::update(std::int64_t done, std::int64_t total, std::string_view phase) {
  if (!m_enabled)
    return;
  const auto now = Clock::now();
  if (phase != m_phase) {
    m_phase = phase;
    m_phaseStart = now;
    m_phaseStartDone = done;
  } else if (now - m_lastDraw < std::chrono::milliseconds(100) && done != total) {
    return;
  }
  m_lastDraw = now;
  const double seconds = std::chrono::duration<double>(now - m_phaseStart).count();
  const double rate = seconds > 0.2 ? static_cast<double>(done - m_phaseStartDone) / seconds : 0.0;
  fmt::print(stderr, "\r\033[K{}",
             progressLine(m_title, done, total, phase, rate, terminalWidth()));
  std::fflush(stderr);
  m_drawn = true;
}

void ProgressBar::clear() {
  if (!m_drawn)
    return;
  fmt::print(stderr, "\r\033[K");
  std::fflush(stderr);
  m_drawn = false;
}

base::ProgressFn ProgressBar::callback() {
  return [this](std::int64_t done, std::int64_t total, std::string_view phase) {
    update(done, total, phase);
  };
}

} // namespace switchyard::cli
