#include "app/studio/report/page_table.h"

#include <algorithm>
#include <cmath>

#include <QFontMetricsF>
#include <QObject>
#include <QRegularExpression>

#include "app/studio/figures/value_text.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr double kPadding = 5;    ///< left and right in a cell
constexpr double kNarrowest = 36; ///< a column, without padding
constexpr double kWidest = 240;
constexpr int kMostLines = 4;          ///< of a cell
constexpr std::size_t kMeasured = 400; ///< rows that decide the widths

struct ColumnLook {
  QString name;
  ValueFormat format = ValueFormat::Plain;
  bool number = false;
  double width = 0; ///< with padding
};

QString shown(const trace::Cell& cell, ValueFormat format) {
  if (const auto* text = std::get_if<std::string>(&cell))
    return drawable(*text);
  return std::holds_alternative<std::monostate>(cell) ? QString() : cellText(cell, format);
}

std::vector<ColumnLook> looksOf(const trace::Table& table, std::size_t rows, const QFont& font,
                                const QFont& headFont) {
  const QFontMetricsF metrics(font), head(headFont);
  std::vector<ColumnLook> looks;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const trace::Column& column = table.columns[c];
    ColumnLook look;
    look.name =
        drawable(column.unit.empty() ? column.name : column.name + " (" + column.unit + ")");
    look.format = formatFor(column.unit);
    double widest = 0;
    for (const QString& word : look.name.split(QRegularExpression("[ _]")))
      widest = std::max(widest, head.horizontalAdvance(word + "_"));
    for (std::size_t r = 0; r < std::min(rows, kMeasured); ++r) {
      const trace::Cell& cell = table.rows[r][c];
      look.number = look.number || std::holds_alternative<double>(cell) ||
                    std::holds_alternative<std::int64_t>(cell);
      widest = std::max(widest, metrics.horizontalAdvance(shown(cell, look.format)));
    }
    look.width = std::ceil(std::clamp(widest, kNarrowest, kWidest)) + 2 * kPadding + 1;
    if (head.horizontalAdvance(look.name) > look.width - 2 * kPadding)
      look.name.replace('_', QString("_") + QChar(0x200B)); // may break there
    looks.push_back(look);
  }
  return looks;
}

/// Columns that stand beside each other; the first column is in every group.
std::vector<std::vector<std::size_t>> groupsOf(const std::vector<ColumnLook>& looks, double width) {
  std::vector<std::vector<std::size_t>> groups(1);
  double used = 0;
  for (std::size_t c = 0; c < looks.size(); ++c) {
    if (groups.back().size() > (groups.size() > 1 ? 1u : 0u) && used + looks[c].width > width) {
      groups.push_back({0});
      used = looks[0].width;
    }
    groups.back().push_back(c);
    used += looks[c].width;
  }
  return groups;
}

/// A row of cells, ready to be painted.
struct RowBlock {
  std::vector<TextBlock> cells;
  std::vector<double> lefts;
  double height = 0;
};

RowBlock makeRow(const std::vector<QString>& texts, const std::vector<std::size_t>& columns,
                 const std::vector<ColumnLook>& looks, const QFont& font) {
  RowBlock row;
  double x = 0;
  for (const std::size_t c : columns) {
    const ColumnLook& look = looks[c];
    row.cells.emplace_back(texts[c], font, look.width - 2 * kPadding,
                           look.number ? Qt::AlignRight : Qt::AlignLeft, kMostLines);
    row.lefts.push_back(x + kPadding);
    row.height = std::max(row.height, row.cells.back().height() + 4);
    x += look.width;
  }
  return row;
}

PageFlow::Paint painted(RowBlock row, double width, bool head) {
  return [row = std::move(row), width, head](QPainter& painter, PaintTarget) {
    const Theme& theme = Theme::instance();
    if (head)
      painter.fillRect(QRectF(0, 0, width, row.height), theme.color(Ink::Panel));
    for (std::size_t i = 0; i < row.cells.size(); ++i)
      row.cells[i].paint(painter, {row.lefts[i], 2},
                         theme.color(head ? Ink::TextStrong : Ink::Text));
    painter.setPen(QPen(theme.color(head ? Ink::LineStrong : Ink::Line), head ? 1 : 0.5));
    painter.drawLine(QPointF(0, row.height), QPointF(width, row.height));
  };
}

} // namespace

void placeTable(PageFlow& flow, const trace::Table& table, std::size_t most, bool titled) {
  const Theme& theme = Theme::instance();
  const QFont font = theme.font(TextSize::Tick),
              headFont = theme.font(TextSize::Tick, TextWeight::Heading);
  const std::size_t rows = most == 0 ? table.rows.size() : std::min(most, table.rows.size());
  const TextBlock title(drawable(table.title), theme.font(TextSize::Control, TextWeight::Heading),
                        flow.width());
  flow.space(14);
  flow.need(title.height() + 80); // never a title alone
  if (titled)
    flow.text(title, theme.color(Ink::TextStrong));
  flow.space(3);
  std::vector<ColumnLook> looks = looksOf(table, rows, font, headFont);
  if (looks.empty())
    return;
  std::vector<QString> names;
  for (const ColumnLook& look : looks)
    names.push_back(look.name);
  for (const std::vector<std::size_t>& columns : groupsOf(looks, flow.width())) {
    double width = 0;
    for (const std::size_t c : columns)
      width += looks[c].width;
    const RowBlock head = makeRow(names, columns, looks, headFont);
    const auto placeHead = [&] { flow.place(head.height, painted(head, width, true)); };
    flow.need(head.height * 3);
    placeHead();
    for (std::size_t r = 0; r < rows; ++r) {
      std::vector<QString> texts;
      for (std::size_t c = 0; c < looks.size(); ++c)
        texts.push_back(shown(table.rows[r][c], looks[c].format));
      RowBlock row = makeRow(texts, columns, looks, font);
      if (row.height > flow.left()) {
        flow.newPage();
        placeHead();
      }
      const double height = row.height;
      flow.place(height, painted(std::move(row), width, false));
    }
    flow.space(8);
  }
  if (rows < table.rows.size())
    flow.text(TextBlock(QObject::tr("The first %1 of %2 rows.").arg(rows).arg(table.rows.size()),
                        theme.font(TextSize::Note), flow.width()),
              theme.color(Ink::TextMuted));
  else if (table.rows.empty())
    flow.text(TextBlock(QObject::tr("No rows."), theme.font(TextSize::Note), flow.width()),
              theme.color(Ink::TextMuted));
}

void placeFacts(PageFlow& flow, const std::vector<FactRow>& rows) {
  const Theme& theme = Theme::instance();
  const QFont font = theme.font(TextSize::Note),
              strong = theme.font(TextSize::Note, TextWeight::Heading);
  const QFontMetricsF metrics(strong);
  double value = 40;
  for (const FactRow& row : rows)
    value = std::max(value, std::min(220.0, metrics.horizontalAdvance(row.value)));
  const bool notes =
      std::ranges::any_of(rows, [](const FactRow& row) { return !row.note.isEmpty(); });
  const double label = notes ? (flow.width() - value - 32) * 0.5 : flow.width() - value - 16;
  const double note = flow.width() - value - 32 - label;
  for (const FactRow& row : rows) {
    const TextBlock left(row.label, font, label),
        middle(row.value, strong, value + 1, Qt::AlignRight);
    const TextBlock right(row.note, font, std::max(note, 10.0));
    const double height =
        std::max({left.height(), middle.height(), notes ? right.height() : 0}) + 6;
    flow.place(height, [=, ink = row.ink, width = flow.width()](QPainter& painter, PaintTarget) {
      const Theme& inks = Theme::instance();
      left.paint(painter, {0, 3}, ink.isValid() ? ink : inks.color(Ink::Text));
      middle.paint(painter, {label + 16, 3}, inks.color(Ink::TextStrong));
      if (notes)
        right.paint(painter, {label + value + 32, 3}, inks.color(Ink::TextMuted));
      painter.setPen(QPen(inks.color(Ink::Line), 0.5));
      painter.drawLine(QPointF(0, height), QPointF(width, height));
    });
  }
}

} // namespace switchyard::studio
