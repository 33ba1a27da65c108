#include "app/studio/report/report_view.h"

#include <QApplication>
#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QPushButton>
#include <QSplitter>
#include <QTemporaryDir>

#include "app/jobs/report/report.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr int kPreviewDelayMs = 120;
constexpr int kPreviewPages = 12;

} // namespace

ReportView::ReportView(Workbench& workbench, const QString& id, const QString& title)
    : View(workbench, id, title), m_export(new QPushButton(tr("Export…"))), m_paper(new QComboBox),
      m_fields(new ReportFields(workbench)), m_preview(new PagePreview),
      m_doctor(std::make_shared<jobs::report::TraceDoctor>()) {
  m_export->setProperty("primary", true);
  m_export->setObjectName("exportReport");
  m_export->setToolTip(tr("Write the report as HTML, PDF or Markdown (Ctrl+Shift+E)"));
  m_paper->addItem("A4", false);
  m_paper->addItem(tr("Letter"), true);
  addControl(m_export);
  addControl(tr("Paper"), m_paper);
  addControlStretch();
  auto* hint = new QLabel(tr("Ctrl+D adds what any other view shows"));
  hint->setProperty("muted", true);
  addControl(hint);
  auto* split = new QSplitter(Qt::Horizontal);
  split->addWidget(m_fields);
  split->addWidget(m_preview);
  split->setStretchFactor(1, 1);
  split->setSizes({Theme::instance().px(300), Theme::instance().px(520)});
  split->setAccessibleName(title);
  setCanvas(split);
  split->setFocusProxy(&m_fields->list());
  m_previewDelay.setSingleShot(true);
  m_previewDelay.setInterval(kPreviewDelayMs);
  connect(&m_previewDelay, &QTimer::timeout, this, &ReportView::startPreview);
  connect(m_export, &QPushButton::clicked, this, &ReportView::chooseExport);
  connect(m_paper, &QComboBox::activated, this, [this] { follow(); });
  connect(m_fields, &ReportFields::showRequested, this, &ReportView::showInView);
  connect(&workbench.document(), &Document::reportChanged, this, &ReportView::follow);
  follow();
}

void ReportView::follow() {
  m_fields->follow();
  const bool empty = workbench().document().report()->entries.empty();
  m_export->setEnabled(!empty);
  m_previewIsOld = true;
  if (empty) {
    m_previewDelay.stop();
    workbench().jobs().cancel(m_previewJob);
    m_preview->setHint(
        tr("The report is empty. In any view, Ctrl+D adds the figure or table that it shows; "
           "Ctrl+Alt+D adds its headline numbers."));
    m_preview->setPages({}, 0);
  } else {
    m_preview->setHint(tr("Drawing the pages…"));
    if (isVisible())
      m_previewDelay.start();
  }
  Q_EMIT capabilitiesChanged();
}

void ReportView::refresh() {
  if (m_previewIsOld && !workbench().document().report()->entries.empty())
    m_previewDelay.start();
}

bool ReportView::isLetter() const {
  return m_paper->currentData().toBool();
}

void ReportView::startPreview() {
  m_previewIsOld = false;
  m_previewJob = workbench().jobs().run<Rendered>(
      {tr("Draw the report"), "preview"}, this,
      [draft = workbench().document().report(), letter = isLetter(),
       doctor = m_doctor](const JobContext& context) -> base::Result<Rendered> {
        const QTemporaryDir folder;
        jobs::report::Description description;
        description.document = toDocument(*draft);
        SY_TRY(doctor->consult(description.document, context.threads, context.control));
        jobs::report::NativeOutput output;
        output.pages = folder.path().toStdString();
        output.mostPages = kPreviewPages;
        output.paper = letter ? jobs::report::Paper::Letter : jobs::report::Paper::A4;
        const auto drawn =
            SY_TRY(jobs::report::renderNatively(description, output, context.control));
        Rendered rendered;
        rendered.total = static_cast<int>(drawn.pages);
        for (const auto& file : drawn.files)
          rendered.pages.emplace_back(QString::fromStdString(file.string()));
        return rendered;
      },
      [this](base::Result<std::shared_ptr<const Rendered>> rendered) {
        m_previewJob = 0;
        if (rendered) {
          m_preview->setPages((*rendered)->pages, (*rendered)->total);
        } else {
          m_preview->setPages({}, 0);
          m_preview->setHint(rendered.error().code == base::ErrorCode::Cancelled
                                 ? tr("Cancelled by you.")
                                 : QString::fromStdString(rendered.error().describe()));
        }
      });
}

void ReportView::chooseExport() {
  m_fields->commit();
  auto* dialog = new QFileDialog(this, tr("Export the report"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setNameFilters(
      {tr("Web page (*.html)"), tr("PDF document (*.pdf)"), tr("Markdown (*.md)")});
  dialog->setDefaultSuffix("html");
  dialog->selectFile("report.html");
  connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString& filter) {
    dialog->setDefaultSuffix(filter.contains("pdf")  ? "pdf"
                             : filter.contains("md") ? "md"
                                                     : "html");
  });
  connect(dialog, &QFileDialog::fileSelected, this, &ReportView::exportTo);
  dialog->open();
}

void ReportView::exportTo(const QString& path) {
  m_fields->commit();
  workbench().jobs().run<jobs::report::ReportSummary>(
      {tr("Write %1").arg(QFileInfo(path).fileName()), "export"}, this,
      [draft = workbench().document().report(), letter = isLetter(), doctor = m_doctor,
       path](const JobContext& context) -> base::Result<jobs::report::ReportSummary> {
        jobs::report::Description description;
        description.document = toDocument(*draft);
        SY_TRY(doctor->consult(description.document, context.threads, context.control));
        jobs::report::ReportOutput output;
        output.file = path.toStdString();
        output.paper = letter ? jobs::report::Paper::Letter : jobs::report::Paper::A4;
        return jobs::report::writeReport(description, output, context.control);
      },
      [this, path](base::Result<std::shared_ptr<const jobs::report::ReportSummary>> written) {
        if (written) {
          workbench().notify(tr("Report written to %1").arg(path));
          return;
        }
        if (written.error().code != base::ErrorCode::Cancelled)
          workbench().report({tr("The report could not be written."),
                              QString::fromStdString(written.error().describe()),
                              {},
                              {{tr("Try again"), [this, path] { exportTo(path); }},
                               {tr("Choose another place…"), [this] { chooseExport(); }}},
                              "report-export"});
      });
}

void ReportView::showInView(int id) {
  const int row = m_fields->list().edits().rowOf(id);
  if (row < 0)
    return;
  const ReportEntry entry = workbench().document().report()->entries[static_cast<std::size_t>(row)];
  workbench().showView(entry.view);
  for (QWidget* top : QApplication::topLevelWidgets())
    for (View* view : top->findChildren<View*>(entry.view))
      if (&view->workbench() == &workbench() && !entry.state.isEmpty())
        view->restoreState(entry.state);
}

QString ReportView::saveState() const {
  return QString::fromUtf8(
      QJsonDocument(QJsonObject{{"letter", isLetter()}, {"entry", m_fields->list().currentId()}})
          .toJson(QJsonDocument::Compact));
}

void ReportView::restoreState(const QString& json) {
  const QJsonObject state = QJsonDocument::fromJson(json.toUtf8()).object();
  m_paper->setCurrentIndex(state.value("letter").toBool() ? 1 : 0);
  m_fields->list().setCurrentId(state.value("entry").toInt());
}

} // namespace switchyard::studio
