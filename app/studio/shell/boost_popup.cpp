#include "app/studio/shell/boost_popup.h"

#include <QCursor>
#include <QDialog>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

void showBoostPopup(Workbench& workbench, const ExpertKey& expert, QWidget* parent) {
  const Theme& theme = Theme::instance();
  auto* popup = new QDialog(parent, Qt::Popup); // shown, not modal: Enter and Esc work
  popup->setObjectName("boostPopup");
  popup->setAttribute(Qt::WA_DeleteOnClose);
  auto* row = new QHBoxLayout(popup);
  row->setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8));
  auto* factor = new QDoubleSpinBox;
  factor->setRange(0, 1e6); // the step's own bounds
  factor->setValue(4);
  factor->setSingleStep(1);
  factor->setAccessibleName(Workbench::tr("Factor"));
  auto* boost = new QPushButton(Workbench::tr("Boost"));
  boost->setProperty("primary", true);
  boost->setDefault(true);
  row->addWidget(new QLabel(Workbench::tr("Gate weight of %1 ×").arg(toText(expert))));
  row->addWidget(factor);
  row->addWidget(boost);
  Workbench* bench = &workbench;
  const auto run = [popup, bench, expert, factor] {
    const double value = factor->value();
    popup->close();
    bench->steer(SteerStep::Boost, expert, value);
  };
  QObject::connect(boost, &QPushButton::clicked, popup, run);
  popup->adjustSize();
  // Who came by keyboard may have the pointer elsewhere.
  const QRect window = parent->window()->frameGeometry();
  popup->move(window.contains(QCursor::pos()) ? QCursor::pos()
                                              : window.center() - popup->rect().center());
  popup->show();
  factor->setFocus();
  factor->selectAll();
}

} // namespace switchyard::studio
