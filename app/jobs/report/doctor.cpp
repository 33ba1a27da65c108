#include "app/jobs/report/doctor.h"

#include <fmt/format.h>

#include "core/trace/doctor.h"
#include "core/trace/reader.h"

namespace switchyard::jobs::report {

namespace {

/// "repeated-ids (note): 2 rows"
std::string said(const trace::Finding& finding) {
  return fmt::format("{} ({}): {}", finding.check, trace::name(finding.verdict), finding.evidence);
}

} // namespace

base::Result<TraceDoctor::Opinion> TraceDoctor::examine(const Part& part,
                                                        const base::ThreadContext& threads,
                                                        const base::RunControl& control) {
  const auto notLooked = [&](std::string_view why) {
    return Opinion{
        fmt::format("The trace doctor did not look at the trace {}: {}.", part.traceFile, why), {}};
  };
  std::error_code ignored;
  if (!std::filesystem::exists(part.traceFile, ignored))
    return notLooked("it was not there when the report was made");
  if (auto trace = trace::Trace::open(part.traceFile); trace && (*trace)->id() != part.traceId)
    return notLooked("it is another one than the results were made of");
  auto report = trace::checkTrace(part.traceFile, threads, {}, control);
  if (!report) {
    if (report.error().code == base::ErrorCode::Cancelled)
      return tl::unexpected(report.error());
    return notLooked(report.error().message);
  }
  Opinion opinion;
  opinion.sentence =
      fmt::format("The trace doctor made {} checks of the trace {}; its verdict is {}",
                  report->findings.size(), part.traceFile, trace::name(report->verdict()));
  std::string notes;
  for (const trace::Finding& finding : report->findings)
    if (finding.verdict >= trace::Verdict::Suspect)
      opinion.notices.push_back(fmt::format("Trace doctor, {}: {}{}{}", part.traceFile,
                                            said(finding), finding.remedy.empty() ? "" : "; ",
                                            finding.remedy));
    else if (finding.verdict == trace::Verdict::Note)
      notes += (notes.empty() ? ": " : "; ") + said(finding);
  opinion.sentence += notes + ".";
  return opinion;
}

base::Result<void> TraceDoctor::consult(Document& document, const base::ThreadContext& threads,
                                        const base::RunControl& control) {
  const std::lock_guard lock(m_mutex);
  for (Part& part : document.parts) {
    if (part.traceFile.empty() || part.traceId.empty())
      continue;
    const auto key = std::pair(part.traceFile, part.traceId);
    if (!m_known.contains(key)) {
      Opinion opinion = SY_TRY(examine(part, threads, control));
      m_known.emplace(key, std::move(opinion));
    }
    const Opinion& opinion = m_known.at(key);
    part.doctor = opinion.sentence;
    part.notices.insert(part.notices.end(), opinion.notices.begin(), opinion.notices.end());
  }
  return {};
}

} // namespace switchyard::jobs::report
