#pragma once

#include <functional>
#include <utility>

#include <QUndoCommand>

namespace switchyard::studio {

/// One scale in place of another, undoable under a name; `put` shows a scale.
template <class Scale> class ScaleCommand : public QUndoCommand {
public:
  ScaleCommand(const QString& what, Scale before, Scale after,
               std::function<void(const Scale&)> put)
      : QUndoCommand(what), m_before(std::move(before)), m_after(std::move(after)),
        m_put(std::move(put)) {}
  void undo() override { m_put(m_before); }
  void redo() override { m_put(m_after); }

private:
  Scale m_before, m_after;
  std::function<void(const Scale&)> m_put;
};

} // namespace switchyard::studio
