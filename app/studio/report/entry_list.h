#pragma once

#include <algorithm>

#include <QAbstractListModel>

#include "app/studio/report/report_edits.h"
#include "app/studio/shell/reorder_list.h"

namespace switchyard::studio {

/// The entries of the session's report as rows: title, and below it what the entry is and which
/// view it came from.
class EntryModel : public QAbstractListModel {
  Q_OBJECT
public:
  static constexpr int DetailRole = Qt::UserRole;
  static constexpr int GlyphRole = Qt::UserRole + 1; ///< name of an icon

  explicit EntryModel(Document& document, QObject* parent = nullptr);

  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;
  Qt::DropActions supportedDropActions() const override { return Qt::MoveAction; }
  /// The first row that the last change touched, or the last row if that took off the end; -1:
  /// none.
  int changedRow() const { return std::min(m_changedRow, rowCount() - 1); }

private:
  std::vector<ReportEntry> m_entries; ///< as the rows are now
  int m_changedRow = -1;
  Document& m_document;
};

/// Enter shows the entry in its view. The row that is current stays the same entry when others
/// change.
class EntryList : public ReorderList {
  Q_OBJECT
public:
  explicit EntryList(Document& document, QWidget* parent = nullptr);

  ReportEdits& edits() { return m_edits; }
  int currentId() const; ///< 0: none
  /// Whether the current entry changes because the report did, not by a choice.
  bool isFollowing() const { return m_following; }
  void setCurrentId(int id);
  void moveCurrent(int by) override;
  void removeCurrent() override;

Q_SIGNALS:
  void currentIdChanged();
  void showRequested(int id);

protected:
  void moveRow(int from, int to) override;
  void keyPressEvent(QKeyEvent* event) override;
  void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;

private:
  void follow();
  Document& m_document;
  ReportEdits m_edits;
  EntryModel m_model;
  int m_current = 0; ///< id
  int m_row = 0;     ///< where it was
  bool m_following = false;
};

} // namespace switchyard::studio
