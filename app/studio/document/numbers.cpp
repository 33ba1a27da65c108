#include "app/studio/document/numbers.h"

namespace switchyard::studio {

QString grouped(qint64 count) {
  QString digits = QString::number(count);
  const qsizetype first = count < 0 ? 1 : 0;
  for (qsizetype place = digits.size() - 3; place > first; place -= 3)
    digits.insert(place, QChar(0x2009));
  if (count < 0)
    digits[0] = QChar(0x2212);
  return digits;
}

} // namespace switchyard::studio
