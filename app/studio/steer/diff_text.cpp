#include "app/studio/steer/diff_text.h"

#include <algorithm>

#include <QApplication>
#include <QClipboard>
#include <QFontMetrics>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr double kPadding = 10;
constexpr double kLine = 22;
const QChar kReturn(0x23CE);

void paintPiece(QPainter& painter, const QRect& place, const DiffPiece& piece, TextSize size) {
  const Theme& theme = Theme::instance();
  if (piece.differs) {
    const int line = theme.px(2);
    painter.fillRect(place, theme.color(Ink::DiffFill));
    painter.fillRect(QRect(place.left(), place.bottom() + 1 - line, place.width(), line),
                     theme.color(Ink::Pin));
  }
  painter.setPen(theme.color(Ink::Text));
  painter.setFont(theme.pieceFont(piece.text, size));
  painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter, piece.text);
}

} // namespace

void paintPieces(QPainter& painter, const QRect& area, const std::vector<DiffPiece>& pieces) {
  const QFontMetrics metrics = painter.fontMetrics();
  const int height = std::min(area.height(), Theme::instance().px(18));
  int x = area.left();
  for (const DiffPiece& piece : pieces) {
    const int width = metrics.horizontalAdvance(piece.text);
    if (x + width > area.right()) {
      painter.setPen(Theme::instance().color(Ink::TextMuted));
      painter.drawText(QRect(x, area.top(), area.right() - x + 1, area.height()), Qt::AlignVCenter,
                       QString(QChar(0x2026)));
      return;
    }
    paintPiece(painter, QRect(x, area.center().y() - height / 2 + 1, width, height), piece,
               TextSize::Control);
    x += width;
  }
}

DiffText::DiffText(const QString& name, QWidget* parent) : QAbstractScrollArea(parent) {
  setFrameShape(NoFrame);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(name);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    layOut();
    viewport()->update();
  });
}

void DiffText::setPieces(std::vector<DiffPiece> pieces) {
  m_pieces = std::move(pieces);
  layOut();
  setAccessibleDescription(text());
  viewport()->update();
}

QString DiffText::text() const {
  QString text;
  for (const DiffPiece& piece : m_pieces)
    text += piece.text;
  return text.replace(kReturn, '\n');
}

QRect DiffText::pieceRect(std::size_t piece) const {
  return m_places[piece].translated(0, -verticalScrollBar()->value());
}

void DiffText::layOut() {
  const Theme& theme = Theme::instance();
  const QFontMetrics metrics(theme.mono());
  const int left = theme.px(kPadding);
  const int right = viewport()->width() - left;
  const int line = theme.px(kLine);
  int x = left;
  int y = theme.px(8);
  m_places.clear();
  for (const DiffPiece& piece : m_pieces) {
    const int width = metrics.horizontalAdvance(piece.text);
    if (x + width > right && x > left) {
      x = left;
      y += line;
    }
    m_places.emplace_back(x, y, width, theme.px(18));
    x += width;
    if (piece.text.contains(kReturn)) {
      x = left;
      y += line;
    }
  }
  verticalScrollBar()->setRange(0, std::max(0, y + line + theme.px(4) - viewport()->height()));
  verticalScrollBar()->setPageStep(viewport()->height());
  verticalScrollBar()->setSingleStep(line);
}

void DiffText::paintEvent(QPaintEvent*) {
  const Theme& theme = Theme::instance();
  QPainter painter(viewport());
  painter.fillRect(viewport()->rect(), theme.color(Ink::Canvas));
  for (std::size_t i = 0; i < m_pieces.size(); ++i)
    paintPiece(painter, pieceRect(i), m_pieces[i], TextSize::Base);
}

void DiffText::resizeEvent(QResizeEvent* event) {
  QAbstractScrollArea::resizeEvent(event);
  layOut();
}

void DiffText::keyPressEvent(QKeyEvent* event) {
  if (event->matches(QKeySequence::Copy)) {
    QApplication::clipboard()->setText(text());
    event->accept();
    return;
  }
  QAbstractScrollArea::keyPressEvent(event);
}

} // namespace switchyard::studio
