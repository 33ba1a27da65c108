#include "app/studio/shell/log_model.h"

#include <QMetaObject>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

void LogModel::add(base::LogLevel level, const QString& text) {
  if (rowCount() == m_maxRows) {
    beginRemoveRows({}, 0, m_maxRows / 10 - 1);
    m_rows.erase(m_rows.begin(), m_rows.begin() + m_maxRows / 10);
    endRemoveRows();
  }
  const int row = rowCount();
  beginInsertRows({}, row, row);
  m_rows.push_back({level, QDateTime::currentDateTime(), text});
  endInsertRows();
  if (level == base::LogLevel::Error)
    Q_EMIT unreadChanged(++m_unread);
}

base::LogSink LogModel::sink() {
  return [this](base::LogLevel level, std::string_view category, std::string_view message) {
    const QString text =
        QString::fromUtf8(category.data(), static_cast<qsizetype>(category.size())) + ": " +
        QString::fromUtf8(message.data(), static_cast<qsizetype>(message.size()));
    QMetaObject::invokeMethod(
        this, [this, level, text] { add(level, text); }, Qt::QueuedConnection);
  };
}

void LogModel::markRead() {
  if (m_unread == 0)
    return;
  m_unread = 0;
  Q_EMIT unreadChanged(0);
}

void LogModel::clear() {
  beginResetModel();
  m_rows.clear();
  endResetModel();
  markRead();
}

int LogModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int LogModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : kColumns;
}

QVariant LogModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid))
    return {};
  const Row& row = m_rows[static_cast<std::size_t>(index.row())];
  if (role == LevelRole)
    return static_cast<int>(row.level);
  const bool isError = row.level == base::LogLevel::Error;
  if (role == Qt::ForegroundRole && isError && index.column() == Level)
    return Theme::instance().color(Ink::Error);
  if (role == Qt::ForegroundRole && index.column() != Text)
    return Theme::instance().color(Ink::TextMuted);
  if (role == Qt::FontRole)
    return Theme::instance().mono(TextSize::Control);
  if (role != Qt::DisplayRole)
    return {};
  switch (index.column()) {
  case Level:
    switch (row.level) {
    case base::LogLevel::Debug:
      return tr("debug");
    case base::LogLevel::Info:
      return tr("info");
    case base::LogLevel::Warning:
      return tr("warning");
    case base::LogLevel::Error:
      return tr("error");
    }
    return {};
  case Time:
    return row.time.toString("hh:mm:ss");
  default:
    return row.text;
  }
}

QVariant LogModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
    return {};
  switch (section) {
  case Level:
    return tr("Level");
  case Time:
    return tr("Time");
  case Text:
    return tr("Message");
  default:
    return {};
  }
}

} // namespace switchyard::studio
