#include "app/studio/shell/start_pictures.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPainter>
#include <QPainterPath>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

const QJsonObject& numbers() {
  static const QJsonObject object = [] {
    themeTokens(); // the resources are there now
    QFile file(":/start/examples.json");
    const bool opened = file.open(QIODevice::ReadOnly);
    Q_ASSERT(opened);
    Q_UNUSED(opened);
    return QJsonDocument::fromJson(file.readAll()).object();
  }();
  return object;
}

void paintCells(QPainter& painter, const QRectF& area, const QJsonArray& rows, double low,
                double high) {
  const ColorMap& map = Theme::instance().sequential();
  const double height = area.height() / static_cast<double>(rows.size());
  for (qsizetype y = 0; y < rows.size(); ++y) {
    const QJsonArray row = rows[y].toArray();
    const double width = area.width() / static_cast<double>(row.size());
    for (qsizetype x = 0; x < row.size(); ++x) {
      const QRectF cell(area.left() + width * static_cast<double>(x),
                        area.top() + height * static_cast<double>(y), width, height);
      painter.fillRect(cell, QColor(map.at((row[x].toDouble() - low) / (high - low))));
    }
  }
}

void paintInterval(QPainter& painter, const QRectF& area, const QJsonObject& effect) {
  const Theme& theme = Theme::instance();
  constexpr double kLow = -4, kHigh = 4;
  const auto at = [&](double value) {
    return area.left() + area.width() * (value - kLow) / (kHigh - kLow);
  };
  painter.setPen(QPen(theme.color(Ink::GridLine), 1));
  for (double value = kLow; value <= kHigh; value += 2)
    painter.drawLine(QPointF(at(value), area.top() + 8), QPointF(at(value), area.bottom() - 8));
  painter.setPen(QPen(theme.color(Ink::Text), 1));
  painter.drawLine(QPointF(at(0), area.top() + 8), QPointF(at(0), area.bottom() - 8));
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(theme.color(Ink::Accent), 2));
  const double y = area.center().y();
  const double low = at(effect["low"].toDouble());
  const double high = at(effect["high"].toDouble());
  painter.drawLine(QPointF(low, y), QPointF(high, y));
  for (const double x : {low, high})
    painter.drawLine(QPointF(x, y - 4), QPointF(x, y + 4));
  painter.setBrush(theme.color(Ink::Accent));
  painter.drawEllipse(QPointF(at(effect["value"].toDouble()), y), 4, 4);
}

} // namespace

StartPictureWidget::StartPictureWidget(StartPicture which, QWidget* parent)
    : QWidget(parent), m_which(which) {
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

QSize StartPictureWidget::sizeHint() const {
  return {Theme::instance().px(132), Theme::instance().px(66)};
}

void StartPictureWidget::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& theme = Theme::instance();
  const QRectF area = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
  painter.fillRect(rect(), theme.color(Ink::Canvas));
  switch (m_which) {
  case StartPicture::Raster:
    paintCells(painter, rect(), numbers()["top_gate"].toArray(), 0.25, 1.0);
    break;
  case StartPicture::Specialization:
    paintCells(painter, rect(), numbers()["specialization"].toArray(), 0.0, 0.8);
    break;
  case StartPicture::Interval:
    paintInterval(painter, area, numbers()["recipe"].toObject());
    break;
  }
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(theme.color(Ink::Line));
  painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

} // namespace switchyard::studio
