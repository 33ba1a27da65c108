#include "app/studio/shell/model_csv.h"

namespace switchyard::studio {

namespace {

QString field(const QString& text) {
  if (!text.contains(QChar('"')) && !text.contains(QChar(',')) && !text.contains(QChar('\n')) &&
      !text.contains(QChar('\r')))
    return text;
  QString quoted = text;
  quoted.replace("\"", "\"\"");
  return "\"" + quoted + "\"";
}

} // namespace

QString modelToCsv(const QAbstractItemModel& model) {
  QString csv;
  const int columns = model.columnCount();
  for (int column = 0; column < columns; ++column)
    csv += (column ? "," : "") +
           field(model.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
  csv += "\n";
  for (int row = 0; row < model.rowCount(); ++row) {
    for (int column = 0; column < columns; ++column) {
      const QModelIndex index = model.index(row, column);
      const QVariant raw = index.data(Qt::UserRole);
      csv += (column ? "," : "") + field(raw.isValid() ? raw.toString() : index.data().toString());
    }
    csv += "\n";
  }
  return csv;
}

} // namespace switchyard::studio
