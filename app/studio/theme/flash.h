#pragma once

#include <QRect>

class QWidget;

namespace switchyard::studio {

/// Outlines what undo or redo has just changed for 400 ms; not at all with reduced motion. area: of
/// the widget, or all of it. What is still flashing in the widget stops. GUI thread.
void flash(QWidget* widget, const QRect& area = {});

} // namespace switchyard::studio
