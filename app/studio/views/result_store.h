#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include <QObject>

#include "app/jobs/analyze_open.h"
#include "app/studio/shell/workbench.h"

namespace switchyard::studio {

/// Analyses by what they were asked for, so that several views share one run and going back to a
/// view costs nothing. One for each workbench. GUI thread.
class ResultStore : public QObject {
  Q_OBJECT
public:
  static ResultStore& of(Workbench& workbench);

  using Done = std::function<void(base::Result<std::shared_ptr<const jobs::Analysis>>)>;

  /// What was computed before for these options; null: nothing.
  std::shared_ptr<const jobs::Analysis> find(const jobs::AnalyzeOptions& options) const;
  /// Starts a job (slot `slot` of `receiver`); `done` gets its result on the GUI thread. A whole
  /// result over all tokens is also listed in the document under `name`, unless that is empty.
  /// open: the trace, and for a sample the layers that it is limited to.
  JobId run(const jobs::AnalyzeOptions& options, jobs::OpenAnalysis open, ItemKey source,
            const QString& title, const QString& name, const QString& slot, QObject* receiver,
            Done done);
  /// The row filter of the session's selection.
  static jobs::RowFilter rowFilter(const TokenFilter& filter);

private:
  explicit ResultStore(Workbench& workbench);
  static std::string keyOf(const jobs::AnalyzeOptions& options);
  void keep(const std::string& key, std::shared_ptr<const jobs::Analysis> analysis);
  void list(const std::shared_ptr<const jobs::Analysis>& analysis, ItemKey source,
            const QString& name);

  Workbench& m_workbench;
  std::map<std::string, std::shared_ptr<const jobs::Analysis>> m_results;
  std::vector<std::string> m_recent; ///< newest last; the oldest go
};

} // namespace switchyard::studio
