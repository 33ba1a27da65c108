#include "app/studio/views/result_store.h"

#include <algorithm>

#include <fmt/format.h>

#include "app/jobs/machine.h"

namespace switchyard::studio {

namespace {

constexpr std::size_t kKept = 48;

} // namespace

ResultStore& ResultStore::of(Workbench& workbench) {
  if (auto* store = workbench.findChild<ResultStore*>(QString(), Qt::FindDirectChildrenOnly))
    return *store;
  return *new ResultStore(workbench);
}

ResultStore::ResultStore(Workbench& workbench) : QObject(&workbench), m_workbench(workbench) {
  connect(&workbench.document(), &Document::cleared, this, [this] {
    m_results.clear();
    m_recent.clear();
  });
}

jobs::RowFilter ResultStore::rowFilter(const TokenFilter& filter) {
  jobs::RowFilter rows;
  if (filter.range)
    rows.range = std::pair<std::int64_t, std::int64_t>(filter.range->first, filter.range->second);
  if (filter.routedTo)
    rows.routedTo = std::pair(filter.routedTo->layer, filter.routedTo->expert);
  return rows;
}

std::string ResultStore::keyOf(const jobs::AnalyzeOptions& options) {
  std::string key =
      fmt::format("{}|{}|{}|{}|{}", options.trace.string(), options.reference.string(), options.by,
                  options.stepTokens, options.rows.description());
  key += "|" + jobs::toJson(options.machine);
  for (const std::string& marker : options.markers)
    key += "|m" + marker;
  for (const jobs::AnalysisRequest& request : options.with) {
    key += "|" + request.plugin;
    for (const auto& [name, value] : request.options)
      key += fmt::format(" {}={}", name, value);
  }
  return key;
}

std::shared_ptr<const jobs::Analysis> ResultStore::find(const jobs::AnalyzeOptions& options) const {
  const auto found = m_results.find(keyOf(options));
  return found == m_results.end() ? nullptr : found->second;
}

void ResultStore::keep(const std::string& key, std::shared_ptr<const jobs::Analysis> analysis) {
  std::erase(m_recent, key);
  m_recent.push_back(key);
  m_results[key] = std::move(analysis);
  while (m_recent.size() > kKept) {
    m_results.erase(m_recent.front());
    m_recent.erase(m_recent.begin());
  }
}

JobId ResultStore::run(const jobs::AnalyzeOptions& options, jobs::OpenAnalysis open, ItemKey source,
                       const QString& title, const QString& name, const QString& slot,
                       QObject* receiver, Done done) {
  jobs::AnalyzeOptions asked = options;
  asked.keepPartial = true;
  asked.log = m_workbench.log().sink();
  const std::shared_ptr<plugin::Registry> registry = m_workbench.sharedRegistry();
  return m_workbench.jobs().run<jobs::Analysis>(
      {title, slot}, receiver,
      [asked, open = std::move(open), registry](const JobContext& context) {
        return jobs::analyzeOpen(asked, open, *registry, context.threads, context.control);
      },
      [this, key = keyOf(options), sampled = options.rows.sample > 0,
       whole = options.rows.isEmpty(), source, name,
       done = std::move(done)](base::Result<std::shared_ptr<const jobs::Analysis>> result) {
        if (result && !(*result)->partial && !sampled) {
          keep(key, *result);
          if (whole && !name.isEmpty())
            list(*result, source, name);
        }
        done(std::move(result));
      });
}

void ResultStore::list(const std::shared_ptr<const jobs::Analysis>& analysis, ItemKey source,
                       const QString& name) {
  Document& document = m_workbench.document();
  const Item* trace = document.item(source);
  if (!trace)
    return;
  // The same question asked again replaces its answer.
  for (const ItemKey key : document.resultsOf(source))
    if (const Item* item = document.item(key);
        item->analysis && item->analysis->command == analysis->command) {
      document.update(key, [&](Item& old) { old.analysis = analysis; });
      return;
    }
  Item item;
  item.kind = ItemKind::Result;
  item.name = name;
  item.detail = trace->name;
  item.source = source;
  item.analysis = analysis;
  document.addDerived(std::move(item));
}

} // namespace switchyard::studio
