#pragma once

#include <map>

#include "app/studio/views/analysis_view.h"
#include "app/studio/views/machine_form.h"
#include "app/studio/views/option_form.h"
#include "app/studio/views/result_page.h"

class QComboBox;
class QPushButton;
class QScrollArea;

namespace switchyard::studio {

/// Any analyzer or simulator of the registry: a form for its options, Run as a job, and all that it
/// returns. A plugin that is installed later appears here without a change of the application.
class PluginView : public AnalysisView {
  Q_OBJECT
public:
  PluginView(Workbench& workbench, const QString& id, const QString& title);

  QStringList plugins() const; ///< short names
  QString plugin() const;
  void setPlugin(const QString& shortName);
  OptionForm* form() const { return m_form; }
  MachineForm* machine() const { return m_machine; } ///< shown for simulators
  ResultPage* page() const { return m_page; }
  QPushButton* runButton() const { return m_run; }
  void run();
  QString csv() const override;

protected:
  jobs::AnalyzeOptions options(const Item& trace) override;
  jobs::AnalyzeOptions previewOf(jobs::AnalyzeOptions asked) const override;
  void showAnalysis() override;
  void showNothing() override;
  QString caution() const override;
  QString resultName() const override { return plugin(); }
  QString jobTitle() const override;
  std::vector<std::pair<std::string, const trace::AnalysisResult*>> shownResults() const override;
  std::optional<trace::Table> shownTable() const override;
  void saveChoices(QVariantMap& choices) const override;
  void restoreChoices(const QVariantMap& choices) override;

private:
  void listPlugins();
  void listReferences();
  void showForm();
  void updateRun();
  bool isSimulator() const;

  QComboBox* m_plugin;
  QComboBox* m_reference; ///< a second trace, for analyzers that compare two
  QPushButton* m_run;
  QScrollArea* m_formArea;
  QVBoxLayout* m_fields = nullptr;
  OptionForm* m_form = nullptr;
  MachineForm* m_machine;
  QLabel* m_about;
  ResultPage* m_page;
  std::map<QString, plugin::OptionArguments> m_arguments; ///< as last run, by plugin
  std::pair<trace::MachineDescription, int> m_ranOn{
      {}, 1};                                          ///< machine and tokens per step, as last run
  std::map<QString, plugin::OptionArguments> m_edited; ///< as in the form, by plugin
};

} // namespace switchyard::studio
