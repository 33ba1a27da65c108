#include "app/studio/shell/boost_popup.h"

#include <QCursor>
#include <QDoubleSpinBox>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

void showBoostPopup(Workbench& workbench, const ExpertKey& expert, QWidget* parent) {
  const Theme& theme = Theme::instance();
  auto* popup = new QFrame(parent, Qt::Popup);
  popup->setObjectName("boostPopup");
  popup->setAttribute(Qt::WA_DeleteOnClose);
  auto* row = new QHBoxLayout(popup);
  row->setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8));
  auto* factor = new QDoubleSpinBox;
  factor->setRange(0, 1000);
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
  popup->move(QCursor::pos());
  popup->show();
  factor->setFocus();
  factor->selectAll();
}

} // namespace switchyard::studio
