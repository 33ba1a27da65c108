#pragma once

#include <functional>
#include <utility>

#include <QPointer>
#include <QUndoCommand>
#include <QWidget>

#include "app/studio/theme/flash.h"

namespace switchyard::studio {

/// One scale in place of another, undoable under a name; `put` shows a scale, in `figure`.
template <class Scale> class ScaleCommand : public QUndoCommand {
public:
  ScaleCommand(const QString& what, Scale before, Scale after,
               std::function<void(const Scale&)> put, QWidget* figure)
      : QUndoCommand(what), m_before(std::move(before)), m_after(std::move(after)),
        m_put(std::move(put)), m_figure(figure) {}
  void undo() override { show(m_before, true); }
  void redo() override { show(m_after, std::exchange(m_isDone, true)); }

private:
  void show(const Scale& scale, bool again) {
    m_put(scale);
    if (again && m_figure)
      flash(m_figure);
  }

  Scale m_before, m_after;
  std::function<void(const Scale&)> m_put;
  QPointer<QWidget> m_figure;
  bool m_isDone = false;
};

} // namespace switchyard::studio
