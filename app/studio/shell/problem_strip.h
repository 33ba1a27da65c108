#pragma once

#include <QFrame>

#include "app/studio/shell/workbench.h"

namespace switchyard::studio {

/// A problem at the top of a view: what happened, facts, buttons. Stays until it is dismissed.
class ProblemStrip : public QFrame {
  Q_OBJECT
public:
  ProblemStrip(const Problem& problem, QWidget* parent);
  const QString& problemId() const { return m_id; }
  const QString& title() const { return m_title; }
  void dismiss();

Q_SIGNALS:
  void dismissed();

private:
  QString m_id, m_title;
};

} // namespace switchyard::studio
