#include "app/studio/report/stable_pdf.h"

namespace switchyard::studio {

namespace {

/// Overwrites what stands between `begin` (kept if `keep`) and the next `end`.
void blank(QByteArray& pdf, const QByteArray& begin, char end, char with, bool keep) {
  for (qsizetype at = pdf.indexOf(begin); at >= 0; at = pdf.indexOf(begin, at + 1)) {
    const qsizetype from = keep ? at + begin.size() : at;
    const qsizetype to = pdf.indexOf(end, at + begin.size());
    if (to < 0)
      return;
    for (qsizetype i = from; i < (keep ? to : to + 1); ++i)
      pdf[i] = with;
  }
}

} // namespace

QByteArray stablePdf(QByteArray pdf) {
  blank(pdf, "/CreationDate (D:", ')', ' ', false);
  blank(pdf, "/ID [ <", '>', '0', true);
  return pdf;
}

} // namespace switchyard::studio
