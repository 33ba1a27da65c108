#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/jobs/report/description.h"
#include "core/base/progress.h"

namespace switchyard::jobs::report {

enum class Paper : std::uint8_t { A4, Letter };

/// What the window's renderer is to draw; each empty path is left out.
struct NativeOutput {
  std::filesystem::path pdf{};      ///< the report on pages
  std::filesystem::path pages{};    ///< folder for a PNG of every page, page-001.png ...
  std::filesystem::path figures{};  ///< folder for each figure alone, 01-load-map.png ...
  std::string figureFormat = "png"; ///< png, svg or pdf
  Paper paper = Paper::A4;
  int mostPages = 0;              ///< of `pages`; 0: all
  std::size_t rows = 50;          ///< of each table; 0: all
  std::filesystem::path studio{}; ///< the program that draws; empty: findStudio()
};

struct NativeFiles {
  std::vector<std::filesystem::path> files; ///< written, the PDF first
  std::int64_t pages = 0;                   ///< of the report; 0: it was not put on pages
};

/// `switchyard-studio` beside this program, or where the build tree has it; empty: it is not there.
std::filesystem::path findStudio();

/// Draws a report with the figures of the window: starts `switchyard-studio --render-report`, which
/// needs no display, and waits. The same description and output give the same bytes.
/// Errors: NotFound (no switchyard-studio), InvalidArgument (a path that is not UTF-8), Cancelled;
/// Io with what the program said.
base::Result<NativeFiles> renderNatively(const Description& description, const NativeOutput& output,
                                         const base::RunControl& control);

} // namespace switchyard::jobs::report
