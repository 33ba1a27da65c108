#include <algorithm>

#include <fmt/format.h>

#include "analyzers/common/cells.h"
#include "analyzers/simulators/expert_cache/expert_cache.h"

namespace switchyard::analyzers {

namespace {

trace::Table sweepTable(const std::vector<CacheOutcome>& outcomes) {
  trace::Table table{
      .name = "expert_cache",
      .title = "Expert caches: every policy and capacity",
      .columns = {{"policy", "", "lru, lfu, fifo or belady (the optimum)"},
                  {"capacity", "experts", "per cache"},
                  {"accesses", "experts", "experts needed, each once per event"},
                  {"hits", "experts", "resident when needed"},
                  {"misses", "experts", "loaded"},
                  {"hit_rate", "share", "hits / accesses"},
                  {"evictions", "experts", ""},
                  {"compulsory_misses", "experts", "first use of each expert"},
                  {"working_set_loss", "experts",
                   "misses of the optimum beyond the compulsory ones: the capacity is "
                   "too small for any policy"},
                  {"policy_loss", "experts", "misses beyond the optimum's"},
                  {"bytes", "bytes", "loaded; needs the size of an expert"},
                  {"stall_time", "s", "misses * (latency + size / bandwidth), without overlap"}},
      .rows = {}};
  const auto optional = [](const std::optional<std::int64_t>& value) {
    return value ? trace::Cell(*value) : trace::Cell();
  };
  for (const CacheOutcome& o : outcomes)
    table.rows.push_back(
        {trace::Cell(std::string(name(o.policy))), cell(o.capacity), cell(o.accesses), cell(o.hits),
         cell(o.misses), cell(ratio(static_cast<double>(o.hits), static_cast<double>(o.accesses))),
         cell(o.evictions), cell(o.compulsory), optional(o.workingSetLoss), optional(o.policyLoss),
         o.bytes > 0 ? cell(o.bytes) : trace::Cell(), cell(o.stallSeconds)});
  return table;
}

trace::Figure hitRateChart(const std::vector<CacheOutcome>& outcomes) {
  trace::Chart chart{.kind = trace::ChartKind::Line,
                     .xTitle = "capacity",
                     .xUnit = "experts",
                     .yTitle = "hit rate",
                     .yUnit = "share",
                     .categories = {},
                     .series = {},
                     .reference = {},
                     .referenceLabel = {}};
  for (const CacheOutcome& o : outcomes) {
    if (chart.series.empty() || chart.series.back().name != name(o.policy))
      chart.series.push_back(
          {.name = std::string(name(o.policy)), .x = {}, .y = {}, .intervals = {}, .labels = {}});
    chart.series.back().x.push_back(static_cast<double>(o.capacity));
    chart.series.back().y.push_back(
        orNan(ratio(static_cast<double>(o.hits), static_cast<double>(o.accesses))));
  }
  return {.name = "expert_cache_hit_rate",
          .title = "Hit rate of expert caches",
          .note = "belady is the optimum for the same events",
          .content = std::move(chart)};
}

} // namespace

base::Result<trace::AnalysisResult> ExpertCacheSimulator::result() const {
  trace::AnalysisResult result;
  const std::vector<CacheOutcome> outcomes = replay();
  result.tables = {sweepTable(outcomes)};
  result.figures = {hitRateChart(outcomes)};
  const CacheOutcome* best = nullptr;
  const CacheOutcome* optimum = nullptr;
  const std::vector<std::int64_t> sizes = capacities();
  const std::int64_t middle = sizes[sizes.size() / 2];
  for (const CacheOutcome& o : outcomes) {
    if (o.capacity != middle)
      continue;
    if (o.policy == CachePolicy::Belady)
      optimum = &o;
    else if (best == nullptr || o.hits > best->hits)
      best = &o;
  }
  const auto rate = [](const CacheOutcome& o) {
    return ratio(static_cast<double>(o.hits), static_cast<double>(o.accesses));
  };
  if (best != nullptr && best->accesses > 0) {
    result.headlines.push_back(
        {"best_hit_rate",
         fmt::format("Hit rate of {} with {} experts per cache", name(best->policy), middle),
         cell(rate(*best)),
         "share",
         {},
         0.95,
         "best of the online policies"});
    std::string finding =
        fmt::format("With room for {} experts, {} is the best policy: {:.1f} % of the "
                    "needed experts are resident",
                    middle, name(best->policy), 100 * *rate(*best));
    if (optimum != nullptr)
      finding += fmt::format("; knowing the future would reach {:.1f} %", 100 * *rate(*optimum));
    result.findings.push_back(finding + ".");
  }
  if (m_leftOut > 0)
    result.warnings.push_back(
        fmt::format("the replay covers the first {} events; {} more were left out "
                    "(raise max_events)",
                    m_ends.size(), m_leftOut));
  if (m_machine.expertBytes == 0 || m_machine.loadBandwidth == 0)
    result.warnings.push_back("stall time needs the size of an expert and the load bandwidth");
  result.provenance = {
      .analyzer = std::string(id()),
      .version = "1",
      .formula = "hits decided at the start of an event, its experts pinned until it "
                 "ends, misses loaded in order of id; cold start",
      .filter = "all events",
      .sequences = m_sequences,
      .tokens = m_tokens,
      .options = {{"scope", m_options.scope == CacheScope::Global ? "global" : "per-layer"},
                  {"max_events", std::to_string(m_options.maxEvents)}}};
  return result;
}

} // namespace switchyard::analyzers
