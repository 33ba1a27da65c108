#include "app/studio/theme/flash.h"

#include <QPainter>
#include <QTimer>
#include <QWidget>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr int kMilliseconds = 400;
constexpr double kWidth = 2;

/// Lies over what changed, and lets every click through.
class Outline : public QWidget {
public:
  explicit Outline(QWidget* over) : QWidget(over) {
    setObjectName("undoFlash");
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setFocusPolicy(Qt::NoFocus);
  }

protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(Theme::instance().color(Ink::Accent), kWidth));
    const double inset = kWidth / 2;
    painter.drawRoundedRect(QRectF(rect()).adjusted(inset, inset, -inset, -inset), 3, 3);
  }
};

} // namespace

void flash(QWidget* widget, const QRect& area) {
  for (QWidget* old : widget->findChildren<QWidget*>("undoFlash", Qt::FindDirectChildrenOnly))
    delete old;
  const int duration = Theme::instance().duration(kMilliseconds);
  const QRect shown = (area.isNull() ? widget->rect() : area) & widget->rect();
  if (duration == 0 || shown.isEmpty())
    return;
  auto* outline = new Outline(widget);
  outline->setGeometry(shown);
  outline->show();
  QTimer::singleShot(duration, outline, &QObject::deleteLater);
}

} // namespace switchyard::studio
