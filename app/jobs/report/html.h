#pragma once

#include <cstdint>
#include <string>

#include "app/jobs/report/description.h"

namespace switchyard::jobs::report {

/// A page and what it may need beside it.
struct Html {
  std::string page;
  std::string data; ///< content of the side file; empty: everything is in the page
};

/// The report as one HTML page that opens without network: figures zoom, show values on hover and
/// switch series (Vega-Lite, bundled), tables sort and download as CSV, prints as it reads. Data
/// above `maxInline` bytes go to the side file `dataName`, which lies beside the page.
/// Every text that is not ours is escaped. The same description gives the same bytes, but for the
/// section on machine and times (machine_section.h).
Html toHtml(const Description& description, const std::string& dataName, std::uint64_t maxInline);

} // namespace switchyard::jobs::report
