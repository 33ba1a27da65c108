#include "app/jobs/report/machine_section.h"

#include <algorithm>
#include <ctime>
#include <thread>

#include <sys/utsname.h>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace switchyard::jobs::report {

std::vector<std::pair<std::string, std::string>> machineRows(const Document& document) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Part& part : document.parts)
    for (const auto& row : part.machine)
      if (std::ranges::find(rows, row) == rows.end())
        rows.push_back(row);
  rows.emplace_back("Report written",
                    fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(std::time(nullptr))));
  utsname system{};
  if (uname(&system) == 0)
    rows.emplace_back("Report written on",
                      fmt::format("{} {}, {} threads", system.sysname, system.machine,
                                  std::thread::hardware_concurrency()));
  return rows;
}

} // namespace switchyard::jobs::report
