#include "app/studio/steer/evaluation_run.h"

#include <QStandardPaths>

#include "app/studio/document/numbers.h"

namespace switchyard::studio {

namespace {

std::filesystem::path evaluationFolder() {
  return (QStandardPaths::writableLocation(QStandardPaths::CacheLocation) + "/evaluations")
      .toStdString();
}

} // namespace

EvaluationRun::EvaluationRun(Workbench& workbench, QObject* parent)
    : QObject(parent), m_workbench(workbench) {
  connect(&workbench.jobs(), &JobRunner::changed, this, [this](quint64 id) {
    if (id == m_job && m_job != 0)
      Q_EMIT progressed();
  });
}

void EvaluationRun::start(PairedRequest request) {
  if (m_job != 0)
    return;
  request.folder = evaluationFolder();
  request.registry = m_workbench.sharedRegistry();
  m_running = request.recipe;
  m_withControl = request.control;
  m_partial.clear();
  m_controlProblem.clear();
  m_job = m_workbench.jobs().run<PairedOutcome>(
      {m_withControl ? tr("Evaluate the recipe and a random control") : tr("Evaluate the recipe"),
       "evaluate"},
      this,
      [request = std::move(request)](const JobContext& context) {
        return runPaired(request, context.threads, context.control);
      },
      [this](base::Result<std::shared_ptr<const PairedOutcome>> result) { accept(result); });
  Q_EMIT stateChanged();
}

void EvaluationRun::cancel() {
  if (m_job != 0)
    m_workbench.jobs().cancel(m_job);
}

QString EvaluationRun::progress() const {
  const auto job = m_workbench.jobs().job(m_job);
  return job && job->total > 0 ? tr("Evaluating: %1 of %2 %3")
                                     .arg(grouped(job->done), grouped(job->total), job->phase)
                               : tr("Evaluating");
}

void EvaluationRun::accept(const base::Result<std::shared_ptr<const PairedOutcome>>& result) {
  m_job = 0;
  if (!result) {
    const base::Error& error = result.error();
    if (error.code == base::ErrorCode::Cancelled)
      m_partial = tr("Cancelled by you.");
    else if (m_withControl && m_outcome)
      m_controlProblem = QString::fromStdString(error.message);
    else
      Q_EMIT failed(QString::fromStdString(error.describe()));
  } else if (const jobs::evaluate::Evaluation& run = (*result)->evaluation; !run.complete) {
    m_partial = tr("Partial: %1 of %2 answers. Cancelled by you.")
                    .arg(grouped(run.reused + run.ran), grouped(run.total));
  } else {
    m_outcome = *result;
    m_evaluated = m_running;
    Q_EMIT outcomeChanged();
  }
  Q_EMIT stateChanged();
}

} // namespace switchyard::studio
