#pragma once

#include <vector>

#include <QAbstractTableModel>
#include <QDateTime>

#include "core/base/log.h"

namespace switchyard::studio {

/// The session's log: level, time, text. At most maxRows rows; when it is full the
/// oldest tenth goes. GUI thread, except
/// sink().
class LogModel : public QAbstractTableModel {
  Q_OBJECT
public:
  enum Columns { Level, Time, Text, kColumns };
  enum Roles { LevelRole = Qt::UserRole }; ///< int: base::LogLevel

  explicit LogModel(int maxRows = 10000, QObject* parent = nullptr)
      : QAbstractTableModel(parent), m_maxRows(maxRows) {}

  void add(base::LogLevel level, const QString& text);
  /// For core and jobs: may be called from any thread as long as this model lives.
  base::LogSink sink();
  int unreadErrors() const { return m_unread; }
  void markRead();
  void clear();

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

Q_SIGNALS:
  void unreadChanged(int errors);

private:
  struct Row {
    base::LogLevel level;
    QDateTime time;
    QString text;
  };
  std::vector<Row> m_rows;
  int m_maxRows;
  int m_unread = 0;
};

} // namespace switchyard::studio
