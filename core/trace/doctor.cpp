#include "core/trace/doctor.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "core/trace/doctor_content.h"
#include "core/trace/doctor_file.h"
#include "core/trace/hash.h"

namespace switchyard::trace {
namespace {

using base::ErrorCode;

/// Sequences that one task checks, and what it found.
struct Part {
  std::int64_t first = 0;
  std::int64_t end = 0;
  FileCheck files;
  std::optional<ContentCheck> content;
  base::Result<void> result;
};

constexpr std::int64_t kPartTokens = 65536;

base::Result<void> check(Part& part, const std::shared_ptr<const Trace>& trace,
                         const DoctorOptions& options, const base::RunControl& control) {
  ChunkVerifier verifier = SY_TRY(ChunkVerifier::create(trace->path()));
  auto reader = SY_TRY(trace->reader());
  if (options.content)
    part.content.emplace(trace->meta(), trace->columns());
  for (std::int64_t s = part.first; s < part.end; ++s) {
    SY_TRY(control.check());
    if (!verifier.verify(s, part.files) || !options.content)
      continue;
    const SequenceInfo info = SY_TRY(reader->sequence(s, SequenceText::Skip));
    part.content->beginSequence(info, SY_TRY(reader->size(s)));
    SY_TRY(reader->forEachBlock(info, Columns::ofBlocks(), {}, 0, info.tokens.size(),
                                [&](const RoutingBlock& block) -> base::Result<void> {
                                  part.content->add(block);
                                  return control.check();
                                }));
  }
  return {};
}

} // namespace

std::string_view name(Verdict verdict) {
  switch (verdict) {
  case Verdict::Good:
    return "good";
  case Verdict::Note:
    return "note";
  case Verdict::Suspect:
    return "suspect";
  case Verdict::Bad:
    return "bad";
  }
  return "bad";
}

Verdict DoctorReport::verdict() const {
  Verdict worst = Verdict::Good;
  for (const Finding& finding : findings)
    worst = std::max(worst, finding.verdict);
  return worst;
}

base::Result<DoctorReport> checkTrace(const std::filesystem::path& path,
                                      const base::ThreadContext& threads,
                                      const DoctorOptions& options,
                                      const base::RunControl& control) {
  DoctorReport report;
  auto trace = Trace::open(path);
  if (!trace && trace.error().code == ErrorCode::Corrupt) {
    report.findings.push_back(
        {.check = "meta-data",
         .verdict = Verdict::Bad,
         .evidence = trace.error().message,
         .remedy = "the trace cannot be opened; restore it from a copy or capture it again",
         .count = 1});
    return report;
  }
  if (!trace)
    return tl::unexpected(trace.error());
  report.findings.push_back({.check = "meta-data", .evidence = "checksum matches"});
  SY_TRY(checkDatabase(path, control, report.findings));
  FileCheck files;
  std::optional<ContentCheck> content;
  if (options.content)
    content.emplace((*trace)->meta(), (*trace)->columns());
  // Parts are cut by their average length; tallies are whole numbers, so the cut does not matter.
  const std::int64_t sequences = (*trace)->sequences();
  const std::int64_t perPart = std::max<std::int64_t>(
      1, kPartTokens * sequences / std::max<std::int64_t>(1, (*trace)->tokens()));
  for (std::int64_t first = 0; first < sequences;) {
    SY_TRY(control.check());
    std::vector<Part> parts;
    for (; first < sequences && static_cast<int>(parts.size()) < threads.threads();
         first += perPart) {
      parts.emplace_back();
      parts.back().first = first;
      parts.back().end = std::min(sequences, first + perPart);
    }
    threads.parallelFor(static_cast<std::int64_t>(parts.size()), [&](std::int64_t i) {
      Part& part = parts[static_cast<std::size_t>(i)];
      part.result = check(part, *trace, options, control);
    });
    for (const Part& part : parts) {
      if (!part.result)
        return tl::unexpected(part.result.error());
      files.merge(part.files);
      if (content)
        content->merge(*part.content);
    }
    control.report(std::min(first, sequences), sequences, "sequences");
  }
  SY_TRY(checkLeftovers(**trace, files));
  files.report(**trace, report.findings);
  if (content)
    content->report(report.findings);
  return report;
}

} // namespace switchyard::trace
