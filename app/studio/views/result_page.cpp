#include "app/studio/views/result_page.h"

#include <algorithm>
#include <map>

#include <QLabel>
#include <QListWidget>
#include <QRegularExpression>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

QString escaped(const std::string& text) {
  return QString::fromStdString(text).toHtmlEscaped();
}

/// "3, 5 to 8"
QString rangesOf(const std::vector<int>& ascending) {
  QStringList parts;
  for (std::size_t first = 0, last = 0; first < ascending.size(); first = last + 1) {
    last = first;
    while (last + 1 < ascending.size() && ascending[last + 1] == ascending[last] + 1)
      ++last;
    parts << (first == last
                  ? QString::number(ascending[first])
                  : ResultPage::tr("%1 to %2").arg(ascending[first]).arg(ascending[last]));
  }
  return parts.join(", ");
}

/// Warnings, in their order; what several layers have in common is said once.
QStringList shortened(const std::vector<std::string>& warnings) {
  static const QRegularExpression ofLayer("^layer (\\d+): ");
  std::map<QString, std::vector<int>> layers; // by what is said of them
  QStringList texts;
  for (const std::string& warning : warnings) {
    const QString text = QString::fromStdString(warning);
    const QRegularExpressionMatch match = ofLayer.match(text);
    const QString said = match.hasMatch() ? text.mid(match.capturedLength()) : text;
    if (match.hasMatch())
      layers[said].push_back(match.captured(1).toInt());
    if (!match.hasMatch() || layers[said].size() == 1)
      texts << said;
  }
  for (QString& text : texts)
    if (const auto found = layers.find(text); found != layers.end()) {
      std::ranges::sort(found->second);
      text = (found->second.size() == 1 ? ResultPage::tr("layer %1: %2")
                                        : ResultPage::tr("layers %1: %2"))
                 .arg(rangesOf(found->second), text);
    }
  return texts;
}

/// Findings, numbers and warnings as rich text: numbers with interval, n and formula.
QString summaryOf(const trace::AnalysisResult& result) {
  const Theme& theme = Theme::instance();
  const auto ink = [&](Ink which, const QString& text) {
    return QString("<span style=\"color:%1\">%2</span>").arg(theme.color(which).name(), text);
  };
  QString html;
  for (const QString& warning : shortened(result.warnings))
    html += QString("<p style=\"margin:0 0 4px 0\">%1 %2</p>")
                .arg(ink(Ink::Warning, QString(QChar(0x26A0))),
                     ink(Ink::Warning, warning.toHtmlEscaped()));
  for (const std::string& finding : result.findings)
    html += "<p style=\"margin:0 0 4px 0\">" + escaped(finding) + "</p>";
  if (!result.headlines.empty())
    html += "<table cellspacing=\"0\" cellpadding=\"1\">";
  for (const trace::Headline& headline : result.headlines) {
    const ValueFormat format = formatFor(headline.unit);
    const auto* number = std::get_if<double>(&headline.value);
    QString value = number && headline.interval ? valueText(*number, *headline.interval, format)
                                                : cellText(headline.value, format);
    if (format == ValueFormat::Plain && !headline.unit.empty())
      value += " " + QString::fromStdString(headline.unit);
    html += QString("<tr><td style=\"padding-right:16px\">%1</td><td align=\"right\" "
                    "style=\"padding-right:16px\"><b>%2</b></td><td>%3</td></tr>")
                .arg(escaped(headline.title), value.toHtmlEscaped(),
                     ink(Ink::TextMuted, escaped(headline.note)));
  }
  if (!result.headlines.empty())
    html += "</table>";
  return html;
}

} // namespace

ResultPage::ResultPage(View& view, FigurePanel* panel, QWidget* parent)
    : QWidget(parent), m_panel(panel), m_list(new QListWidget), m_summary(new QLabel),
      m_stack(new QStackedWidget), m_table(new ResultTableView(view.workbench())) {
  m_summary->setTextFormat(Qt::RichText);
  m_summary->setWordWrap(true);
  m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_summary->setMargin(10);
  m_summary->setAlignment(Qt::AlignTop);
  m_list->setAccessibleName(tr("Figures and tables"));
  m_list->setFrameShape(QFrame::NoFrame);
  m_list->setIconSize(QSize(14, 14));
  m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* scroll = new QScrollArea;
  scroll->setAccessibleName(tr("Summary"));
  scroll->setWidget(m_summary);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  m_stack->addWidget(panel);
  m_stack->addWidget(m_table);
  auto* top = new QSplitter(Qt::Horizontal);
  top->addWidget(m_list);
  top->addWidget(scroll);
  top->setStretchFactor(1, 1);
  top->setSizes({200, 500});
  auto* split = new QSplitter(Qt::Vertical);
  split->addWidget(top);
  split->addWidget(m_stack);
  split->setStretchFactor(1, 1);
  split->setSizes({130, 420});
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(split);
  connect(m_list, &QListWidget::currentRowChanged, this, &ResultPage::showCurrent);
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    if (m_result)
      m_summary->setText(summaryOf(*m_result));
  });
}

void ResultPage::setResult(std::shared_ptr<const void> owner, const trace::AnalysisResult& result) {
  const QString shown = shownPart();
  m_owner = std::move(owner);
  m_result = &result;
  m_summary->setText(summaryOf(result));
  m_list->clear();
  for (const trace::Figure& figure : result.figures) {
    const char* glyph =
        std::holds_alternative<trace::Flow>(figure.content) ? "diagram-3" : "grid-3x3";
    auto* entry = new QListWidgetItem(icon(glyph), QString::fromStdString(figure.title), m_list);
    entry->setData(Qt::UserRole, "figure/" + QString::fromStdString(figure.name));
    entry->setToolTip(QString::fromStdString(figure.title));
  }
  for (const trace::Table& table : result.tables) {
    auto* entry = new QListWidgetItem(icon("table"), QString::fromStdString(table.title), m_list);
    entry->setData(Qt::UserRole, "table/" + QString::fromStdString(table.name));
    entry->setToolTip(QString::fromStdString(table.title));
  }
  if (!showPart(shown))
    m_list->setCurrentRow(0);
}

void ResultPage::clear() {
  m_result = nullptr;
  m_owner.reset();
  m_list->clear();
  m_summary->clear();
  m_panel->showPlaceholder(6, 32);
  m_stack->setCurrentWidget(m_panel);
}

QStringList ResultPage::parts() const {
  QStringList names;
  for (int row = 0; row < m_list->count(); ++row)
    names << m_list->item(row)->data(Qt::UserRole).toString();
  return names;
}

QString ResultPage::shownPart() const {
  const QListWidgetItem* entry = m_list->currentItem();
  return entry ? entry->data(Qt::UserRole).toString() : QString();
}

QString ResultPage::summaryText() const {
  return m_summary->text();
}
bool ResultPage::showsTable() const {
  return m_stack->currentWidget() == m_table;
}

QString ResultPage::csv() const {
  return showsTable() ? m_table->csv() : m_panel->csv();
}

bool ResultPage::showPart(const QString& name) {
  const qsizetype row = name.isEmpty() ? -1 : parts().indexOf(name);
  if (row < 0)
    return false;
  m_list->setCurrentRow(static_cast<int>(row));
  return true;
}

void ResultPage::showCurrent() {
  const int row = m_list->currentRow();
  if (!m_result || row < 0)
    return;
  const auto figures = static_cast<int>(m_result->figures.size());
  if (row < figures) {
    m_panel->showFigure(m_result->figures[static_cast<std::size_t>(row)]);
    m_stack->setCurrentWidget(m_panel);
  } else {
    const trace::Table& table = m_result->tables[static_cast<std::size_t>(row - figures)];
    m_table->setSource(tableSource(m_owner, table), QString::fromStdString(table.title));
    m_stack->setCurrentWidget(m_table);
  }
  Q_EMIT partShown();
}

} // namespace switchyard::studio
