#include "app/studio/steer/changed_problems.h"

#include <QHeaderView>
#include <QPainter>
#include <QStyledItemDelegate>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

QString textOf(const std::vector<DiffPiece>& pieces) {
  QString text;
  for (const DiffPiece& piece : pieces)
    text += piece.text;
  return text;
}

class PieceDelegate : public QStyledItemDelegate {
public:
  using QStyledItemDelegate::QStyledItemDelegate;

  void paint(QPainter* painter, const QStyleOptionViewItem& option,
             const QModelIndex& index) const override {
    const auto* problems = qobject_cast<const ChangedProblems*>(index.model());
    const std::vector<DiffPiece>* pieces = problems ? problems->pieces(index) : nullptr;
    if (!pieces) {
      QStyledItemDelegate::paint(painter, option, index);
      return;
    }
    const Theme& theme = Theme::instance();
    painter->save();
    painter->setClipRect(option.rect);
    if (option.state.testFlag(QStyle::State_Selected))
      painter->fillRect(option.rect, theme.color(Ink::AccentSoft));
    painter->setFont(theme.mono(TextSize::Control));
    paintPieces(*painter, option.rect.adjusted(theme.px(4), 0, -theme.px(4), 0), *pieces);
    painter->restore();
  }
};

} // namespace

void ChangedProblems::setOutcome(std::shared_ptr<const PairedOutcome> outcome) {
  beginResetModel();
  m_outcome = std::move(outcome);
  endResetModel();
}

const std::vector<DiffPiece>* ChangedProblems::pieces(const QModelIndex& index) const {
  if (index.row() >= rowCount())
    return nullptr;
  const ChangedProblem& problem = m_outcome->changed[static_cast<std::size_t>(index.row())];
  return index.column() == AnswerA ? &problem.a : index.column() == AnswerB ? &problem.b : nullptr;
}

QString ChangedProblems::promptOf(int row) const {
  return row >= 0 && row < rowCount() ? m_outcome->changed[static_cast<std::size_t>(row)].prompt
                                      : QString();
}

int ChangedProblems::rowCount(const QModelIndex& parent) const {
  return parent.isValid() || !m_outcome ? 0 : static_cast<int>(m_outcome->changed.size());
}

int ChangedProblems::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : kColumns;
}

QVariant ChangedProblems::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount())
    return {};
  const ChangedProblem& problem = m_outcome->changed[static_cast<std::size_t>(index.row())];
  if (role == Qt::DisplayRole || role == Qt::ToolTipRole)
    switch (index.column()) {
    case Problem:
      return problem.prompt;
    case AnswerA:
      return textOf(problem.a);
    case AnswerB:
      return textOf(problem.b);
    default: {
      const auto sign = [](bool right) { return right ? QString("✓") : QString("✕"); };
      if (role == Qt::ToolTipRole)
        return tr("A is %1, B is %2")
            .arg(problem.rightA ? tr("right") : tr("wrong"),
                 problem.rightB ? tr("right") : tr("wrong"));
      return sign(problem.rightA) + " → " + sign(problem.rightB);
    }
    }
  if (role == Qt::ForegroundRole && index.column() == Verdict && problem.rightA != problem.rightB)
    return Theme::instance().color(problem.rightB ? Ink::Good : Ink::Error);
  if (role == Qt::TextAlignmentRole && index.column() == Verdict)
    return static_cast<int>(Qt::AlignCenter);
  return {};
}

QVariant ChangedProblems::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal)
    return {};
  if (role == Qt::TextAlignmentRole)
    return static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter);
  if (role != Qt::DisplayRole)
    return {};
  switch (section) {
  case Problem:
    return tr("Other changed problems");
  case AnswerA:
    return tr("A, around the first difference");
  case AnswerB:
    return tr("B");
  default:
    return tr("verdict");
  }
}

ChangedList::ChangedList(ChangedProblems& problems, QWidget* parent) : QTableView(parent) {
  setModel(&problems);
  setItemDelegate(new PieceDelegate(this));
  setAccessibleName(tr("Changed problems"));
  setShowGrid(false);
  setWordWrap(false);
  setTextElideMode(Qt::ElideRight);
  setSelectionBehavior(SelectRows);
  setSelectionMode(SingleSelection);
  setEditTriggers(NoEditTriggers);
  setTabKeyNavigation(false);
  verticalHeader()->hide();
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  connect(this, &QTableView::activated, this, [this, &problems](const QModelIndex& index) {
    Q_EMIT problemChosen(problems.promptOf(index.row()));
  });
  connect(&Theme::instance(), &Theme::changed, this, &ChangedList::measure);
  measure();
}

void ChangedList::measure() {
  const Theme& theme = Theme::instance();
  verticalHeader()->setMinimumSectionSize(theme.px(20));
  verticalHeader()->setDefaultSectionSize(theme.px(20));
  horizontalHeader()->setFixedHeight(theme.px(22));
  const int verdict = theme.px(62);
  const int left = viewport()->width() - verdict;
  setColumnWidth(ChangedProblems::Problem, left * 34 / 100);
  setColumnWidth(ChangedProblems::AnswerA, left * 33 / 100);
  setColumnWidth(ChangedProblems::AnswerB, left - left * 34 / 100 - left * 33 / 100);
  setColumnWidth(ChangedProblems::Verdict, verdict);
}

void ChangedList::resizeEvent(QResizeEvent* event) {
  QTableView::resizeEvent(event);
  measure();
}

} // namespace switchyard::studio
