#include "app/studio/figures/scale_editor.h"

#include <cmath>
#include <memory>

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

/// What a field holds, in the scale's unit; `before` if it is that, rounded to the field's
/// decimals.
double entered(const QDoubleSpinBox& field, double unit, double before) {
  const bool same =
      std::abs(field.value() - before * unit) <= 0.5 * std::pow(10.0, -field.decimals());
  return same ? before : field.value() / unit;
}

bool inOrder(const ColorDomain& domain) {
  return domain.low < domain.high &&
         (!domain.centre || (domain.low < *domain.centre && *domain.centre < domain.high));
}

} // namespace

ScaleEditor::ScaleEditor(QWidget& legend)
    : QFrame(&legend, Qt::Popup), m_legend(legend), m_column(new QVBoxLayout(this)) {
  setAttribute(Qt::WA_DeleteOnClose);
  setObjectName("legendEditor");
  setFrameShape(QFrame::StyledPanel);
  setAccessibleName(tr("Colour scale"));
}

void ScaleEditor::add(const QString& name, const ColorDomain& domain, ValueFormat format,
                      const std::function<void(const ColorDomain&)>& edited,
                      const std::function<void()>& reset) {
  auto* form = new QFormLayout;
  if (!name.isEmpty()) {
    auto* heading = new QLabel(name);
    heading->setProperty("strong", true);
    form->addRow(heading);
  }
  const bool percent = format == ValueFormat::Percent;
  const double unit = percent ? 100 : 1;
  const auto field = [&](double value, const QString& label) {
    auto* spin = new QDoubleSpinBox;
    spin->setRange(domain.scale == ScaleKind::Log2 ? 1e-6 : -1e9, 1e9);
    spin->setDecimals(percent ? 2 : 4);
    spin->setSuffix(percent ? QString(" %") : QString());
    spin->setValue(value * unit);
    spin->setAccessibleName(name.isEmpty() ? label : QString("%1, %2").arg(name, label));
    form->addRow(label, spin);
    return spin;
  };
  auto* low = field(domain.low, tr("Low end"));
  auto* high = field(domain.high, tr("High end"));
  auto* wrong = new QLabel(domain.centre ? tr("The centre has to lie between the ends.")
                                         : tr("The low end has to be below the high end."));
  wrong->setProperty("note", true);
  wrong->setStyleSheet(QString("color: %1").arg(Theme::instance().color(Ink::Error).name()));
  wrong->hide();
  form->addRow(wrong);
  auto* inverted = new QCheckBox(tr("Inverted"));
  inverted->setChecked(domain.inverted);
  if (!name.isEmpty())
    inverted->setAccessibleName(QString("%1, %2").arg(name, inverted->text()));
  form->addRow(QString(), inverted);
  const auto apply = [=, this, now = std::make_shared<ColorDomain>(domain)] {
    ColorDomain next = *now;
    next.inverted = inverted->isChecked();
    ColorDomain ends = next;
    ends.low = entered(*low, unit, now->low);
    ends.high = entered(*high, unit, now->high);
    wrong->setVisible(!inOrder(ends));
    adjustSize();
    if (inOrder(ends))
      next = ends;
    if (next == *now)
      return;
    *now = next;
    edited(next);
  };
  connect(low, &QDoubleSpinBox::editingFinished, this, apply);
  connect(high, &QDoubleSpinBox::editingFinished, this, apply);
  connect(inverted, &QCheckBox::toggled, this, apply);
  auto* designed = new QPushButton(tr("As designed"));
  if (!name.isEmpty())
    designed->setAccessibleName(QString("%1, %2").arg(name, designed->text()));
  connect(designed, &QPushButton::clicked, this, [this, reset] {
    close();
    reset();
  });
  form->addRow(QString(), designed);
  m_column->addLayout(form);
}

void ScaleEditor::open() {
  adjustSize();
  move(m_legend.mapToGlobal(QPoint(m_legend.width() - width(), m_legend.height())));
  show();
  if (auto* first = findChild<QDoubleSpinBox*>())
    first->setFocus();
}

} // namespace switchyard::studio
