#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/jobs/report/document.h"
#include "app/jobs/report/thresholds.h"

namespace switchyard::jobs::report {

/// A page and what it may need beside it.
struct Html {
  std::string page;
  std::string data; ///< content of the side file; empty: everything is in the page
};

/// The report as one HTML page that opens without network: figures zoom, show values on hover and
/// switch series (Vega-Lite, bundled), tables sort and download as CSV, prints as it reads. Data
/// above `maxInline` bytes go to the side file `dataName`, which lies beside the page.
/// `reproduce`: the command lines that make the report again, after those of its parts.
/// Every text that is not ours is escaped. The same document gives the same bytes.
Html toHtml(const Document& document, const std::vector<Check>& checks,
            const std::vector<std::string>& reproduce, const std::string& dataName,
            std::uint64_t maxInline);

} // namespace switchyard::jobs::report
