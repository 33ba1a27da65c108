#pragma once

#include <memory>

#include <QAbstractTableModel>
#include <QTableView>

#include "app/studio/steer/paired_run.h"

namespace switchyard::studio {

/// The problems that B answers otherwise than A, verdicts that changed first.
class ChangedProblems : public QAbstractTableModel {
  Q_OBJECT
public:
  enum Column { Problem, AnswerA, AnswerB, Verdict, kColumns };

  using QAbstractTableModel::QAbstractTableModel;
  void setOutcome(std::shared_ptr<const PairedOutcome> outcome);
  /// Null for cells that are plain text.
  const std::vector<DiffPiece>* pieces(const QModelIndex& index) const;
  QString promptOf(int row) const;

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
  std::shared_ptr<const PairedOutcome> m_outcome;
};

/// The list of them; Enter or a double click asks for one to be generated again.
class ChangedList : public QTableView {
  Q_OBJECT
public:
  explicit ChangedList(ChangedProblems& problems, QWidget* parent = nullptr);

Q_SIGNALS:
  void problemChosen(const QString& prompt);

protected:
  void resizeEvent(QResizeEvent* event) override;

private:
  void measure();
};

} // namespace switchyard::studio
