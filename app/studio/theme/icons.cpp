#include "app/studio/theme/icons.h"

#include <QDir>
#include <QFile>
#include <QHash>
#include <QIconEngine>
#include <QPainter>
#include <QPixmap>
#include <QSvgRenderer>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

QHash<QString, QPixmap>& cache() {
  static QHash<QString, QPixmap> pixmaps;
  return pixmaps;
}

QByteArray source(const QString& name) {
  themeTokens(); // the resources are there now
  QFile file(":/icons/" + name + ".svg");
  const bool opened = file.open(QIODevice::ReadOnly);
  Q_ASSERT_X(opened, "icon", qPrintable(name));
  return opened ? file.readAll() : QByteArray();
}

class SvgIconEngine : public QIconEngine {
public:
  SvgIconEngine(QString name, Ink ink) : m_name(std::move(name)), m_ink(ink) {}

  void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State state) override {
    QByteArray svg = source(m_name);
    svg.replace("currentColor", colorFor(mode, state).name().toLatin1());
    QSvgRenderer(svg).render(painter, rect);
  }

  QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
    return scaledPixmap(size, mode, state, 1.0);
  }

  QPixmap scaledPixmap(const QSize& size, QIcon::Mode mode, QIcon::State state,
                       qreal scale) override {
    const QString key = QString("%1 %2x%3 %4 %5")
                            .arg(m_name)
                            .arg(size.width())
                            .arg(size.height())
                            .arg(scale)
                            .arg(colorFor(mode, state).name());
    if (const auto found = cache().constFind(key); found != cache().constEnd())
      return *found;
    QPixmap pixmap(size);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    paint(&painter, QRect(QPoint(), size), mode, state);
    painter.end();
    cache().insert(key, pixmap);
    return pixmap;
  }

  QIconEngine* clone() const override { return new SvgIconEngine(*this); }
  QString key() const override { return "switchyard-svg"; }

private:
  QColor colorFor(QIcon::Mode mode, QIcon::State state) const {
    const Theme& theme = Theme::instance();
    if (mode == QIcon::Disabled)
      return theme.color(Ink::TextDisabled);
    return theme.color(state == QIcon::On && m_ink == Ink::Text ? Ink::Accent : m_ink);
  }

  QString m_name;
  Ink m_ink;
};

} // namespace

QIcon icon(const QString& name, Ink ink) {
  return QIcon(new SvgIconEngine(name, ink));
}

QStringList iconNames() {
  themeTokens();
  QStringList names = QDir(":/icons").entryList({"*.svg"}, QDir::Files, QDir::Name);
  for (QString& name : names)
    name.chop(4);
  return names;
}

void clearIconCache() {
  cache().clear();
}

} // namespace switchyard::studio
