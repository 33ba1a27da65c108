#include "app/studio/views/option_form.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSpinBox>
#include <QVBoxLayout>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

using plugin::OptionSpec;
using plugin::OptionType;

/// Integers beyond int do not fit a spin box; they are typed.
bool fitsSpinBox(const OptionSpec& spec) {
  return spec.minimum && *spec.minimum >= std::numeric_limits<int>::min() &&
         (!spec.maximum || *spec.maximum <= std::numeric_limits<int>::max());
}

QString rangeText(const OptionSpec& spec) {
  if (!spec.minimum && !spec.maximum)
    return {};
  const auto bound = [](double value) { return QString::number(value, 'g', 12); };
  const QString low = spec.minimum
                          ? QString(spec.exclusiveMinimum ? "> " : QString(QChar(0x2265)) + " ") +
                                bound(*spec.minimum)
                          : QString();
  const QString high = spec.maximum
                           ? QString(spec.exclusiveMaximum ? "< " : QString(QChar(0x2264)) + " ") +
                                 bound(*spec.maximum)
                           : QString();
  return low.isEmpty() || high.isEmpty() ? low + high : low + ", " + high;
}

} // namespace

OptionForm::OptionForm(std::vector<OptionSpec> specs, const QString& owner, QWidget* parent)
    : QWidget(parent), m_owner(owner) {
  auto* form = new QFormLayout(this);
  form->setContentsMargins(10, 8, 10, 8);
  form->setRowWrapPolicy(QFormLayout::WrapAllRows);
  form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  for (OptionSpec& spec : specs) {
    Row row;
    row.spec = std::move(spec);
    row.field = makeField(row.spec);
    const QString title =
        QString::fromStdString(row.spec.title.empty() ? row.spec.name : row.spec.title);
    QString tip = QString::fromStdString(row.spec.help);
    if (const QString range = rangeText(row.spec); !range.isEmpty())
      tip +=
          "\n" + range + (row.spec.unit.empty() ? "" : " " + QString::fromStdString(row.spec.unit));
    row.field->setObjectName(QString::fromStdString(row.spec.name));
    row.field->setToolTip(tip);
    row.field->setAccessibleName(title);
    row.field->setAccessibleDescription(QString::fromStdString(row.spec.help));
    auto* cell = new QWidget;
    auto* column = new QVBoxLayout(cell);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    column->addWidget(row.field);
    row.error = new QLabel;
    row.error->setWordWrap(true);
    row.error->setProperty("note", true);
    row.error->hide();
    column->addWidget(row.error);
    if (qobject_cast<QCheckBox*>(row.field)) {
      form->addRow(cell);
    } else {
      auto* label = new QLabel(row.spec.required ? title + " *" : title);
      label->setProperty("muted", true);
      label->setToolTip(tip);
      label->setBuddy(row.field);
      form->addRow(label, cell);
    }
    m_rows.push_back(std::move(row));
  }
  const auto applyTheme = [this] {
    for (const Row& row : m_rows) {
      QPalette palette = row.error->palette();
      palette.setColor(QPalette::WindowText, Theme::instance().color(Ink::Error));
      row.error->setPalette(palette);
      row.error->setStyleSheet(
          QString("color: %1").arg(Theme::instance().color(Ink::Error).name()));
    }
  };
  connect(&Theme::instance(), &Theme::changed, this, applyTheme);
  applyTheme();
  validate();
}

QString OptionForm::defaultText(const OptionSpec& spec) {
  QStringList values;
  if (spec.defaults)
    for (const plugin::OptionScalar& value : *spec.defaults)
      values << QString::fromStdString(plugin::toText(value));
  return values.join(',');
}

QWidget* OptionForm::makeField(const OptionSpec& spec) {
  const QString initial = defaultText(spec);
  const QString unit = spec.unit.empty() ? QString() : " " + QString::fromStdString(spec.unit);
  // What need not be given and has no default must be able to stay away.
  const bool open = !spec.required && !spec.defaults;
  if (!spec.list && spec.type == OptionType::Boolean && open) {
    auto* combo = new QComboBox;
    combo->addItems({QString(), "true", "false"});
    connect(combo, &QComboBox::currentIndexChanged, this, &OptionForm::validate);
    return combo;
  }
  if (!spec.list && spec.type == OptionType::Boolean) {
    auto* box = new QCheckBox(QString::fromStdString(spec.title.empty() ? spec.name : spec.title));
    box->setChecked(initial == "true");
    connect(box, &QCheckBox::toggled, this, &OptionForm::validate);
    return box;
  }
  if (!spec.list && !spec.choices.empty()) {
    auto* combo = new QComboBox;
    if (open)
      combo->addItem({});
    for (const plugin::OptionScalar& choice : spec.choices)
      combo->addItem(QString::fromStdString(plugin::toText(choice)));
    combo->setCurrentText(initial);
    connect(combo, &QComboBox::currentIndexChanged, this, &OptionForm::validate);
    return combo;
  }
  if (!spec.list && !open && spec.type == OptionType::Integer && fitsSpinBox(spec)) {
    auto* spin = new QSpinBox;
    spin->setRange(static_cast<int>(spec.minimum.value_or(std::numeric_limits<int>::min())),
                   static_cast<int>(spec.maximum.value_or(std::numeric_limits<int>::max())));
    spin->setSuffix(unit);
    spin->setGroupSeparatorShown(false);
    spin->setValue(initial.toInt());
    connect(spin, &QSpinBox::valueChanged, this, &OptionForm::validate);
    return spin;
  }
  if (!spec.list && !open && spec.type == OptionType::Number) {
    auto* spin = new QDoubleSpinBox;
    spin->setDecimals(6);
    spin->setRange(spec.minimum.value_or(-1e12), spec.maximum.value_or(1e12));
    spin->setSingleStep(spec.maximum && *spec.maximum <= 1 ? 0.01 : 1);
    spin->setSuffix(unit);
    spin->setValue(initial.toDouble());
    connect(spin, &QDoubleSpinBox::valueChanged, this, &OptionForm::validate);
    return spin;
  }
  auto* line = new QLineEdit(initial);
  if (spec.list)
    line->setPlaceholderText(tr("values separated by commas"));
  else if (open)
    line->setPlaceholderText(tr("not given"));
  connect(line, &QLineEdit::textChanged, this, &OptionForm::validate);
  return line;
}

QString OptionForm::textOf(const Row& row) {
  if (const auto* box = qobject_cast<QCheckBox*>(row.field))
    return box->isChecked() ? "true" : "false";
  if (const auto* combo = qobject_cast<QComboBox*>(row.field))
    return combo->currentText();
  if (const auto* spin = qobject_cast<QSpinBox*>(row.field))
    return QString::number(spin->value());
  if (const auto* spin = qobject_cast<QDoubleSpinBox*>(row.field)) {
    // The default may have more digits than the box shows.
    const QString initial = defaultText(row.spec);
    return !initial.isEmpty() && std::fabs(spin->value() - initial.toDouble()) < 1e-6
               ? initial
               : QString::number(spin->value(), 'g', 12);
  }
  QString text = qobject_cast<QLineEdit*>(row.field)->text();
  // "5, 9" as people write it.
  return row.spec.list && row.spec.type != OptionType::String ? text.remove(' ') : text;
}

plugin::OptionArguments OptionForm::arguments() const {
  plugin::OptionArguments arguments;
  for (const Row& row : m_rows) {
    const QString text = textOf(row);
    if (text != defaultText(row.spec))
      arguments.emplace_back(row.spec.name, text.toStdString());
  }
  return arguments;
}

void OptionForm::setArguments(const plugin::OptionArguments& arguments) {
  for (const auto& [name, value] : arguments) {
    const QString text = QString::fromStdString(value);
    QWidget* target = field(QString::fromStdString(name));
    if (auto* box = qobject_cast<QCheckBox*>(target))
      box->setChecked(text != "false");
    else if (auto* combo = qobject_cast<QComboBox*>(target))
      combo->setCurrentText(text);
    else if (auto* spin = qobject_cast<QSpinBox*>(target))
      spin->setValue(text.toInt());
    else if (auto* number = qobject_cast<QDoubleSpinBox*>(target))
      number->setValue(text.toDouble());
    else if (auto* line = qobject_cast<QLineEdit*>(target))
      line->setText(text);
  }
}

QWidget* OptionForm::field(const QString& option) const {
  const auto found = std::ranges::find_if(
      m_rows, [&](const Row& row) { return option == QString::fromStdString(row.spec.name); });
  return found == m_rows.end() ? nullptr : found->field;
}

QString OptionForm::errorOf(const QString& option) const {
  const auto found = std::ranges::find_if(
      m_rows, [&](const Row& row) { return option == QString::fromStdString(row.spec.name); });
  return found == m_rows.end() || found->error->isHidden() ? QString() : found->error->text();
}

void OptionForm::validate() {
  m_valid = true;
  for (const Row& row : m_rows) {
    const QString text = textOf(row);
    plugin::OptionArguments given;
    if (text != defaultText(row.spec))
      given.emplace_back(row.spec.name, text.toStdString());
    const auto parsed = plugin::parseOptions(std::span(&row.spec, 1), given, m_owner.toStdString());
    row.error->setVisible(!parsed);
    row.error->setText(parsed ? QString() : QString::fromStdString(parsed.error().message));
    m_valid = m_valid && parsed;
  }
  Q_EMIT changed();
}

} // namespace switchyard::studio
