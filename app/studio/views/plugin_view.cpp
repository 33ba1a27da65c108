#include "app/studio/views/plugin_view.h"

#include <algorithm>

#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QSplitter>
#include <QVBoxLayout>

#include "app/studio/report/figure_data.h"
#include "app/studio/views/preview_options.h"

namespace switchyard::studio {

PluginView::PluginView(Workbench& workbench, const QString& id, const QString& title)
    : AnalysisView(workbench, id, title), m_plugin(new QComboBox), m_reference(new QComboBox),
      m_run(new QPushButton(tr("Run"))), m_formArea(new QScrollArea), m_machine(new MachineForm),
      m_about(new QLabel), m_page(new ResultPage(*this, makePanel())) {
  m_plugin->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  m_run->setProperty("primary", true);
  m_run->setObjectName("run");
  m_reference->setObjectName("reference");
  m_reference->setToolTip(tr("A second trace of the same tokens, for analyses that compare two"));
  addControl(tr("Analysis"), m_plugin);
  addControl(tr("Reference"), m_reference);
  addControl(m_run);
  addFigureButtons();
  m_about->setWordWrap(true);
  m_about->setProperty("note", true);
  m_about->setMargin(10);
  m_formArea->setAccessibleName(tr("Options of the analysis"));
  m_formArea->setWidgetResizable(true);
  m_formArea->setFrameShape(QFrame::NoFrame);
  m_formArea->setMinimumWidth(180);
  auto* side = new QWidget;
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(m_about);
  column->addWidget(m_formArea, 1);
  auto* fields = new QWidget;
  m_fields = new QVBoxLayout(fields);
  m_fields->setContentsMargins(0, 0, 0, 0);
  m_fields->setSpacing(0);
  m_fields->addWidget(m_machine);
  m_fields->addStretch(1);
  m_formArea->setWidget(fields);
  m_formArea->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* split = new QSplitter(Qt::Horizontal);
  split->addWidget(side);
  split->addWidget(m_page);
  split->setStretchFactor(1, 1);
  split->setSizes({220, 700});
  setContent(split);
  listPlugins();
  listReferences();
  setPlugin("load");
  for (const auto signal : {&Document::itemAdded, &Document::itemRemoved})
    connect(&workbench.document(), signal, this, &PluginView::listReferences);
  connect(m_reference, &QComboBox::activated, this, [this] { recompute(); });
  connect(m_plugin, &QComboBox::currentIndexChanged, this, [this] {
    showForm();
    refresh();
  });
  connect(m_run, &QPushButton::clicked, this, &PluginView::run);
  connect(&workbench, &Workbench::pluginsChanged, this, &PluginView::showForm);
  connect(m_machine, &MachineForm::changed, this, &PluginView::updateRun);
  connect(m_machine, &MachineForm::failed, this,
          [this](const QString& failed, const QString& text) {
            addProblem({.title = failed, .text = text, .rows = {}, .actions = {}, .id = "machine"});
          });
  connect(m_page, &ResultPage::partShown, this, &View::capabilitiesChanged);
  connect(&workbench, &Workbench::resultRequested, this, [this](int key) {
    const Item* asked = this->workbench().document().item(key);
    if (!asked || !asked->analysis || asked->analysis->ids.empty())
      return;
    if (asked->source != 0)
      this->workbench().document().setCurrent(ItemKind::Trace, asked->source);
    setPlugin(QString::fromStdString(asked->analysis->ids.front()));
  });
  showForm();
}

void PluginView::listPlugins() {
  const QSignalBlocker quiet(m_plugin);
  m_plugin->clear();
  for (const plugin::PluginRow& row : workbench().registry().rows()) {
    if (!row.manifest ||
        (row.state != plugin::RowState::Available && row.state != plugin::RowState::Loaded &&
         row.state != plugin::RowState::Disabled)) // the form says why it is off
      continue;
    if (!row.manifest->has(plugin::Kind::Analyzer) && !row.manifest->has(plugin::Kind::Simulator))
      continue;
    m_plugin->addItem(QString::fromStdString(row.manifest->name),
                      QString::fromStdString(row.manifest->shortName()));
  }
}

void PluginView::listReferences() {
  const QVariant shown = m_reference->currentData();
  const QSignalBlocker quiet(m_reference);
  m_reference->clear();
  m_reference->addItem(tr("none"), 0);
  for (const ItemKey key : workbench().document().keys(ItemKind::Trace))
    m_reference->addItem(workbench().document().item(key)->name, key);
  m_reference->setCurrentIndex(std::max(0, m_reference->findData(shown)));
}

QStringList PluginView::plugins() const {
  QStringList names;
  for (int i = 0; i < m_plugin->count(); ++i)
    names << m_plugin->itemData(i).toString();
  return names;
}

QString PluginView::plugin() const {
  return m_plugin->currentData().toString();
}

QString PluginView::jobTitle() const {
  return tr("Compute %1").arg(m_plugin->currentText());
}

void PluginView::setPlugin(const QString& shortName) {
  if (const int index = m_plugin->findData(shortName); index >= 0)
    m_plugin->setCurrentIndex(index);
}

bool PluginView::isSimulator() const {
  const auto manifest = workbench().registry().find(plugin().toStdString(), std::nullopt);
  return manifest && manifest->has(plugin::Kind::Simulator);
}

void PluginView::showForm() {
  delete m_form;
  m_form = nullptr;
  auto manifest = workbench().registry().find(plugin().toStdString(), std::nullopt);
  m_machine->setVisible(isSimulator());
  m_reference->setEnabled(!isSimulator());
  if (!manifest) {
    m_about->setText(QString::fromStdString(manifest.error().message));
    updateRun();
    return;
  }
  QString about = QString::fromStdString(manifest->summary).toHtmlEscaped();
  for (const plugin::Paper& paper : manifest->papers)
    about += "<br><br>" + QString::fromStdString(paper.title).toHtmlEscaped() + " (" +
             QString::fromStdString(paper.url).section('/', -1).toHtmlEscaped() + ")";
  m_about->setText(about);
  m_form = new OptionForm(manifest->options, plugin());
  m_fields->insertWidget(0, m_form);
  if (const auto edited = m_edited.find(plugin()); edited != m_edited.end())
    m_form->setArguments(edited->second);
  connect(m_form, &OptionForm::changed, this, [this] {
    m_edited[plugin()] = m_form->arguments();
    updateRun();
  });
  updateRun();
}

void PluginView::updateRun() {
  const bool valid = m_form && m_form->isValid() && (!isSimulator() || m_machine->isValid());
  m_machine->setModelFolder(trace() ? QString::fromStdString(trace()->trace->meta().modelPath)
                                    : QString());
  m_run->setEnabled(valid && trace());
  m_run->setToolTip(!trace() ? tr("Open a trace first")
                    : !valid ? tr("An option is not valid: see below its field")
                             : tr("Compute with these options"));
}

void PluginView::run() {
  updateRun();
  if (!m_run->isEnabled())
    return;
  m_arguments[plugin()] = m_form->arguments();
  if (isSimulator())
    m_ranOn = {m_machine->machine(), m_machine->stepTokens()};
  refresh();
}

jobs::AnalyzeOptions PluginView::options(const Item&) {
  jobs::AnalyzeOptions asked;
  updateRun();
  const auto ran = m_arguments.find(plugin());
  if (ran == m_arguments.end()) {
    // Nothing was run yet: an earlier result of the session is shown, or the form waits.
    forgetAnalysis();
    const Item* known =
        workbench().document().item(workbench().document().resultOf(traceKey(), plugin()));
    showNothing();
    clearState();
    if (known && known->analysis) {
      for (std::size_t i = 0; i < known->analysis->ids.size(); ++i)
        if (QString::fromStdString(known->analysis->ids[i]) == plugin()) {
          m_page->setResult(known->analysis, known->analysis->results[i]);
          setProvenance(QString::fromStdString(known->analysis->results[i].provenance.formula),
                        QString::fromStdString(known->analysis->command));
        }
    } else {
      showEmpty(tr("Not run yet"),
                tr("Choose the options at the left, then run %1 over %2.")
                    .arg(m_plugin->currentText(), trace()->name),
                {{tr("Run"), [this] { run(); }}});
    }
    return asked;
  }
  asked.with = {{plugin().toStdString(), ran->second}};
  if (isSimulator()) {
    asked.machine = m_ranOn.first;
    asked.stepTokens = m_ranOn.second;
    return asked;
  }
  if (const Item* reference = workbench().document().item(m_reference->currentData().toInt());
      reference && reference->trace)
    asked.reference = reference->trace->path();
  return asked;
}

jobs::AnalyzeOptions PluginView::previewOf(jobs::AnalyzeOptions asked) const {
  asked = AnalysisView::previewOf(std::move(asked));
  // All that a plugin knows is computed, of all layers; a simulator sees one row after the other
  // for each of the things that it compares.
  asked.rows.sample /= 2;
  if (const auto manifest = workbench().registry().find(plugin().toStdString(), std::nullopt))
    asked.with.front().options =
        previewArguments(manifest->options, std::move(asked.with.front().options));
  return asked;
}

QString PluginView::caution() const {
  const auto manifest = workbench().registry().find(plugin().toStdString(), std::nullopt);
  const auto ran = m_arguments.find(plugin());
  const bool fewer = isPreview() && manifest && ran != m_arguments.end() &&
                     previewArguments(manifest->options, ran->second) != ran->second;
  return fewer ? tr("Tests of the preview rest on %1 shuffles.").arg(kPreviewShuffles) : QString();
}

void PluginView::showAnalysis() {
  const trace::AnalysisResult* shown = result(plugin().toStdString());
  if (!shown)
    return;
  m_page->setResult(analysis(), *shown);
  setFormula(QString::fromStdString(shown->provenance.formula));
}

void PluginView::showNothing() {
  m_page->clear();
  setProvenance({});
  updateRun();
}

QString PluginView::csv() const {
  return m_page->csv();
}

std::vector<std::pair<std::string, const trace::AnalysisResult*>> PluginView::shownResults() const {
  if (!m_page->result())
    return {};
  return {{plugin().toStdString(), m_page->result()}};
}

std::optional<trace::Table> PluginView::shownTable() const {
  if (!m_page->showsTable() || !m_page->table()->model().source())
    return AnalysisView::shownTable();
  const auto& order = m_page->table()->model().order();
  return tableOf(*m_page->table()->model().source(), m_page->table()->accessibleName(),
                 order ? *order : std::vector<std::uint32_t>());
}

void PluginView::saveChoices(QVariantMap& choices) const {
  choices["plugin"] = plugin();
  QVariantMap options;
  for (const auto& [name, arguments] : m_edited) {
    QVariantMap values;
    for (const auto& [option, value] : arguments)
      values[QString::fromStdString(option)] = QString::fromStdString(value);
    options[name] = values;
  }
  choices["options"] = options;
  choices["machine"] = QString::fromStdString(jobs::toJson(m_machine->machine()));
  choices["step"] = m_machine->stepTokens();
}

void PluginView::restoreChoices(const QVariantMap& choices) {
  const QVariantMap options = choices.value("options").toMap();
  for (auto entry = options.begin(); entry != options.end(); ++entry) {
    const QVariantMap values = entry.value().toMap();
    plugin::OptionArguments arguments;
    for (auto value = values.begin(); value != values.end(); ++value)
      arguments.emplace_back(value.key().toStdString(), value.value().toString().toStdString());
    m_edited[entry.key()] = arguments;
  }
  if (const auto machine =
          jobs::parseMachine(choices.value("machine", "{}").toString().toStdString(), {}))
    m_machine->setMachine(*machine);
  m_machine->setStepTokens(choices.value("step", 1).toInt());
  setPlugin(choices.value("plugin").toString());
  showForm();
}

} // namespace switchyard::studio
