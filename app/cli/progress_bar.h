#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/progress.h"

namespace switchyard::cli {

/// One line on stderr that is redrawn: bar, share, count, rate, time left. Draws nothing when
/// disabled or when stderr is no terminal. Used by one thread at a time.
class ProgressBar {
public:
  /// title: what is being done ("capture").
  ProgressBar(std::string title, bool enabled);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// At most ten redraws a second; a new phase starts its own rate.
  void update(std::int64_t done, std::int64_t total, std::string_view phase);
  /// Says something else is being done.
  void retitle(std::string title) { m_title = std::move(title); }
  /// Removes the line, so that other text can be written.
  void clear();
  /// A callback for RunControl; valid as long as the bar.
  base::ProgressFn callback();

private:
  using Clock = std::chrono::steady_clock;

  std::string m_title;
  bool m_enabled;
  std::string m_phase;
  std::int64_t m_phaseStartDone = 0;
  Clock::time_point m_phaseStart{};
  Clock::time_point m_lastDraw{};
  bool m_drawn = false;
};

/// The text of the line, without colours; `width` columns at most. rate in units per second, 0 when
/// unknown. Split from drawing for tests.
std::string progressLine(std::string_view title, std::int64_t done, std::int64_t total,
                         std::string_view phase, double rate, int width);

/// "1.2M", "45.3k", "812": three significant digits.
std::string shortCount(double value);
/// "1:02:03", "4:05".
std::string duration(double seconds);

} // namespace switchyard::cli
