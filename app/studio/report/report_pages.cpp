#include "app/studio/report/report_pages.h"

#include <algorithm>
#include <memory>

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QSvgRenderer>

#include "app/studio/report/figure_drawing.h"
#include "app/studio/report/page_table.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr double kMillimetre = 96 / 25.4;

QString tr(const char* text) {
  return QCoreApplication::translate("ReportPages", text);
}

} // namespace

PageSize reportPage(bool letter) {
  const QSizeF millimetres = letter ? QSizeF(215.9, 279.4) : QSizeF(210, 297);
  return {millimetres * kMillimetre, QMarginsF(18, 16, 18, 20) * kMillimetre};
}

ReportPages::ReportPages(const jobs::report::Description& description, const PageSize& size,
                         std::size_t rows)
    : m_flow(size), m_rows(rows), m_name(drawable(description.document.title)) {
  m_name.replace(QChar(QChar::LineSeparator), ' ');
  title(description);
  for (const jobs::report::Part& each : description.document.parts)
    part(each);
  if (description.document.parts.empty())
    muted(tr("This report has no entries yet."));
  method(description);
}

void ReportPages::title(const jobs::report::Description& description) {
  const Theme& theme = Theme::instance();
  const jobs::report::Document& document = description.document;
  m_flow.text(TextBlock(drawable(document.title),
                        theme.font(TextSize::StartTitle, TextWeight::Heading), m_flow.width()),
              theme.color(Ink::TextStrong));
  m_flow.space(4);
  if (!document.question.empty()) {
    m_flow.text(TextBlock(drawable(document.question), theme.font(TextSize::InspectorTitle),
                          m_flow.width()),
                theme.color(Ink::TextMuted));
    m_flow.space(8);
  }
  for (const std::string& note : document.notes)
    paragraph(note);
  if (!description.checks.empty()) {
    heading(tr("Checks").toStdString());
    std::vector<FactRow> rows;
    for (const jobs::report::Check& check : description.checks)
      rows.push_back({(check.passed ? tr("✓ passed: ") : tr("✕ failed: ")) + drawable(check.name),
                      drawable(check.sentence),
                      {},
                      theme.color(check.passed ? Ink::Good : Ink::Error)});
    placeFacts(m_flow, rows);
  }
  const std::vector<std::string> warnings = jobs::report::warningsOf(document);
  if (!warnings.empty())
    heading(tr("Warnings").toStdString());
  for (const std::string& each : warnings)
    warning(each);
}

void ReportPages::part(const jobs::report::Part& part) {
  const bool whole = !part.title.empty();
  if (whole)
    heading(part.title);
  if (!part.note.empty())
    paragraph(part.note);
  for (const jobs::report::Picture& each : part.pictures)
    picture(each, each.title != part.title);
  for (const auto& [plugin, result] : part.results) {
    if (!whole) {
      heading(plugin);
      if (jobs::report::showsNothing(result))
        muted(tr("This result has no figures, tables or numbers."));
    }
    content(result, part.title);
  }
}

void ReportPages::content(const trace::AnalysisResult& result, const std::string& heading) {
  const Theme& theme = Theme::instance();
  for (const std::string& finding : result.findings) {
    const TextBlock block(drawable(finding), theme.font(TextSize::Control), m_flow.width() - 14);
    m_flow.need(block.lineBottom(0));
    m_flow.place(0, [](QPainter& painter, PaintTarget) {
      painter.setRenderHint(QPainter::Antialiasing);
      painter.setPen(Qt::NoPen);
      painter.setBrush(Theme::instance().color(Ink::TextMuted));
      painter.drawEllipse(QPointF(4, 9), 1.8, 1.8);
    });
    m_flow.text(block, theme.color(Ink::Text), 14);
    m_flow.space(2);
  }
  if (!result.headlines.empty()) {
    std::vector<FactRow> rows;
    for (const trace::Headline& headline : result.headlines)
      rows.push_back({drawable(headline.title),
                      drawable(jobs::report::spoken(headline)),
                      drawable(headline.note),
                      {}});
    m_flow.space(6);
    placeFacts(m_flow, rows);
  }
  for (const trace::Figure& each : result.figures)
    figure(each, each.title != heading);
  for (const trace::Table& table : result.tables)
    placeTable(m_flow, table, m_rows, table.title != heading);
}

void ReportPages::method(const jobs::report::Description& description) {
  heading(tr("Methods").toStdString());
  for (const std::string& each : jobs::report::methodsOf(description.document))
    paragraph(each);
  muted(tr("Intervals are 95 % unless said otherwise. Undefined values are left empty."));
  const std::vector<std::string> lines =
      jobs::report::commandsOf(description.document, description.reproduce);
  if (!lines.empty())
    heading(tr("Run it again").toStdString());
  for (const std::string& line : lines)
    command(line);
}

void ReportPages::heading(const std::string& text) {
  const Theme& theme = Theme::instance();
  const TextBlock block(drawable(text), theme.font(TextSize::InspectorTitle, TextWeight::Heading),
                        m_flow.width());
  m_flow.space(22);
  m_flow.beginHeading();
  m_flow.place(9, [width = m_flow.width()](QPainter& painter, PaintTarget) {
    painter.setPen(QPen(Theme::instance().color(Ink::Line), 1));
    painter.drawLine(QPointF(0, 0), QPointF(width, 0));
  });
  m_flow.text(block, theme.color(Ink::TextStrong));
  m_flow.space(5);
  m_flow.endHeading();
}

void ReportPages::paragraph(const std::string& text) {
  const Theme& theme = Theme::instance();
  m_flow.text(TextBlock(drawable(text), theme.font(TextSize::Control), m_flow.width()),
              theme.color(Ink::Text));
  m_flow.space(6);
}

void ReportPages::muted(const QString& text) {
  const Theme& theme = Theme::instance();
  m_flow.text(TextBlock(text, theme.font(TextSize::Note), m_flow.width()),
              theme.color(Ink::TextMuted));
  m_flow.space(6);
}

void ReportPages::warning(const std::string& text) {
  const Theme& theme = Theme::instance();
  const TextBlock block(drawable(text), theme.font(TextSize::Note), m_flow.width() - 16);
  const double height = std::min(block.height() + 8, m_flow.pageHeight());
  m_flow.place(height, [block, height, width = m_flow.width()](QPainter& painter, PaintTarget) {
    const Theme& inks = Theme::instance();
    painter.fillRect(QRectF(0, 0, width, height), inks.color(Ink::Panel));
    painter.fillRect(QRectF(0, 0, 3, height), inks.color(Ink::Warning));
    block.paint(painter, {11, 4}, inks.color(Ink::Text));
  });
  m_flow.space(5);
}

void ReportPages::command(const std::string& line) {
  const Theme& theme = Theme::instance();
  const TextBlock block(drawable(line), theme.mono(TextSize::Note), m_flow.width() - 12);
  m_flow.space(2);
  m_flow.text(block, theme.color(Ink::Text), 6);
  m_flow.space(7);
}

void ReportPages::figure(const trace::Figure& given, bool titled) {
  const auto drawing = std::make_shared<FigureDrawing>(given, m_flow.width(), titled);
  m_flow.space(14);
  m_flow.place(drawing->size().height(), [drawing](QPainter& painter, PaintTarget target) {
    drawing->paint(painter, target);
  });
}

void ReportPages::picture(const jobs::report::Picture& given, bool titled) {
  const Theme& theme = Theme::instance();
  m_flow.space(14);
  const TextBlock title(drawable(given.title), theme.font(TextSize::Control, TextWeight::Heading),
                        m_flow.width());
  const auto renderer = std::make_shared<QSvgRenderer>(QByteArray::fromStdString(given.svg));
  const double scale = std::min(1.0, m_flow.width() / std::max(given.width, 1.0));
  const QRectF area(0, 0, given.width * scale,
                    std::min(given.height * scale, m_flow.pageHeight() - 40));
  m_flow.need(title.height() + area.height());
  if (titled)
    m_flow.text(title, theme.color(Ink::TextStrong));
  if (!given.note.empty())
    muted(drawable(given.note));
  m_flow.space(3);
  m_flow.place(area.height(), [renderer, area](QPainter& painter, PaintTarget) {
    renderer->render(&painter, area);
  });
}

void ReportPages::paint(QPainter& painter, int page, PaintTarget target) const {
  const Theme& theme = Theme::instance();
  m_flow.paint(painter, page, target);
  const QRectF content = size().content();
  const QRectF footer(content.left(), content.bottom() + 18, content.width(), 16);
  const QString number = tr("page %1 of %2").arg(page + 1).arg(count());
  const QFont font = theme.font(TextSize::Tick);
  const double numberWidth = QFontMetricsF(font).horizontalAdvance(number) + 16;
  painter.setFont(font);
  painter.setPen(theme.color(Ink::TextMuted));
  painter.drawText(footer, Qt::AlignRight | Qt::AlignVCenter, number);
  painter.drawText(
      footer, Qt::AlignLeft | Qt::AlignVCenter | Qt::AlignAbsolute,
      QFontMetricsF(font).elidedText(m_name, Qt::ElideRight, footer.width() - numberWidth));
}

} // namespace switchyard::studio
