#include "app/studio/shell/view_list.h"

#include <QCoreApplication>

#include "app/studio/inspector/inspector.h"
#include "app/studio/live/live_view.h"
#include "app/studio/live/transport.h"
#include "app/studio/report/report_view.h"
#include "app/studio/steer/steer_view.h"
#include "app/studio/timeline/timeline.h"
#include "app/studio/views/cache_view.h"
#include "app/studio/views/coactivation_view.h"
#include "app/studio/views/compare_view.h"
#include "app/studio/views/experts_view.h"
#include "app/studio/views/npmi_view.h"
#include "app/studio/views/plugin_view.h"
#include "app/studio/views/specialization_view.h"

namespace switchyard::studio {

namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("ViewList", text);
}

template <typename T> ViewEntry entry(const char* id, const char* title) {
  const QString name = QString::fromLatin1(id);
  const QString shown = tr(title);
  return {name, shown,
          [name, shown](Workbench& workbench) -> View* { return new T(workbench, name, shown); }};
}

} // namespace

std::vector<ViewEntry> viewList() {
  return {
      entry<LiveView>("live", QT_TRANSLATE_NOOP("ViewList", "Live")),
      entry<ExpertsView>("experts", QT_TRANSLATE_NOOP("ViewList", "Experts")),
      entry<CoactivationView>("coactivation", QT_TRANSLATE_NOOP("ViewList", "Co-activation")),
      entry<SpecializationView>("specialization", QT_TRANSLATE_NOOP("ViewList", "Specialization")),
      entry<NpmiView>("npmi", QT_TRANSLATE_NOOP("ViewList", "nPMI")),
      entry<AgreementView>("agreement", QT_TRANSLATE_NOOP("ViewList", "Agreement")),
      entry<CacheView>("cache", QT_TRANSLATE_NOOP("ViewList", "Cache")),
      entry<SteerView>("steer", QT_TRANSLATE_NOOP("ViewList", "Steer")),
      entry<CompareView>("compare", QT_TRANSLATE_NOOP("ViewList", "Compare")),
      entry<PluginView>("results", QT_TRANSLATE_NOOP("ViewList", "Results")),
      entry<ReportView>("report", QT_TRANSLATE_NOOP("ViewList", "Report")),
  };
}

QWidget* makeInspector(Workbench& workbench) {
  return new Inspector(Player::of(workbench), workbench);
}

QWidget* makeTimeline(Workbench& workbench) {
  return new Timeline(Player::of(workbench), workbench);
}

QWidget* makeTransport(Workbench& workbench) {
  return new Transport(Player::of(workbench), workbench);
}

} // namespace switchyard::studio
