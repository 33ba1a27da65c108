#include "app/studio/steer/evaluation_numbers.h"

#include <algorithm>
#include <cmath>

#include <QCoreApplication>

#include "app/studio/document/numbers.h"
#include "app/studio/figures/value_text.h"

namespace switchyard::studio {

namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("Evaluation", text);
}

const QChar kMinus(0x2212);

QString signedText(double value, int decimals) {
  QString text = QString::number(std::abs(value), 'f', decimals);
  const bool zero = text.toDouble() == 0;
  return value < 0 && !zero ? kMinus + text : text;
}

/// Two significant digits of the interval's width decide the decimals.
int decimalsFor(double width) {
  return width <= 0 ? 1 : std::clamp(1 - static_cast<int>(std::floor(std::log10(width))), 0, 6);
}

IntervalRow rowOf(const QString& title, const PairedNumbers& numbers, bool accuracy) {
  const double scale = accuracy ? 100 : 1;
  IntervalRow row;
  row.title = title;
  row.difference = numbers.difference * scale;
  row.low = numbers.interval.first * scale;
  row.high = numbers.interval.second * scale;
  const int decimals = decimalsFor(row.high - row.low);
  row.value = tr("%1 %2 [%3, %4]")
                  .arg(signedText(row.difference, decimals), accuracy ? tr("points") : tr("nats"),
                       signedText(row.low, decimals), signedText(row.high, decimals));
  return row;
}

} // namespace

std::vector<IntervalRow> intervalRows(const PairedOutcome* outcome) {
  std::vector<IntervalRow> rows(2);
  const bool accuracy = !outcome || outcome->accuracy;
  rows[0].title = accuracy ? tr("B − A, right answers") : tr("B − A, loss");
  rows[1].title = tr("Matched random control");
  if (!outcome)
    return rows;
  rows[0] = rowOf(rows[0].title, outcome->recipe, accuracy);
  if (outcome->control)
    rows[1] = rowOf(rows[1].title, *outcome->control, accuracy);
  rows[1].muted = true;
  return rows;
}

QString testText(const PairedOutcome& outcome) {
  return tr("%1 p = %2")
      .arg(outcome.accuracy ? tr("McNemar exact") : tr("Sign flips"), pText(outcome.recipe.p))
      .replace("= <", "<");
}

void showFourfold(TextTable& fourfold, const PairedOutcome& outcome) {
  if (!outcome.accuracy) {
    fourfold.setCells({}, {}, {});
    return;
  }
  const auto& table = outcome.table;
  const auto count = [&](int a, int b) {
    return TextTable::Cell{grouped(table[static_cast<std::size_t>(a)][static_cast<std::size_t>(b)]),
                           a != b};
  };
  fourfold.setCells({tr("A right"), tr("A wrong")}, {tr("B right"), tr("B wrong")},
                    {{count(1, 1), count(1, 0)}, {count(0, 1), count(0, 0)}});
}

void showKinds(TextTable& table, const PairedOutcome& outcome) {
  const bool accuracy = outcome.accuracy;
  QStringList columns;
  std::vector<std::vector<TextTable::Cell>> cells(3);
  KindRow all{"all", 0, 0, 0};
  const auto addKind = [&](const KindRow& kind) {
    const auto shown = [&](double sum) {
      return accuracy ? grouped(qRound64(sum))
                      : QString::number(sum / static_cast<double>(kind.problems), 'f', 3);
    };
    columns << QString::fromStdString(kind.kind);
    cells[0].push_back({grouped(kind.problems)});
    cells[1].push_back({shown(kind.a)});
    cells[2].push_back({shown(kind.b), shown(kind.a) != shown(kind.b)});
  };
  for (const KindRow& kind : outcome.kinds) {
    if (outcome.kinds.size() > 1)
      addKind(kind);
    all.problems += kind.problems;
    all.a += kind.a;
    all.b += kind.b;
  }
  all.kind = tr("all").toStdString();
  addKind(all);
  table.setCells(
      {tr("n"), accuracy ? tr("A right") : tr("A loss"), accuracy ? tr("B right") : tr("B loss")},
      columns, std::move(cells));
}

QString kindsCsv(const PairedOutcome& outcome) {
  QString text = "kind,problems,a,b\n";
  for (const KindRow& kind : outcome.kinds)
    text += QString("\"%1\",%2,%3,%4\n")
                .arg(QString::fromStdString(kind.kind).replace('"', "\"\""))
                .arg(kind.problems)
                .arg(kind.a)
                .arg(kind.b);
  return text;
}

} // namespace switchyard::studio
