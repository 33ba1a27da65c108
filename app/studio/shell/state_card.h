#pragma once

#include <QFrame>

#include "app/studio/shell/view.h"

class QLabel;

namespace switchyard::studio {

/// The card in the middle of a view that has nothing to draw, or works on it.
class StateCard : public QFrame {
  Q_OBJECT
public:
  StateCard(const QString& title, const QString& text, const std::vector<StateAction>& actions,
            QWidget* parent);
  void setText(const QString& text);

private:
  QLabel* m_text;
};

} // namespace switchyard::studio
