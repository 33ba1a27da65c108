#pragma once

#include <QString>

#include "app/studio/shell/start_pictures.h"

class QFrame;
class QLabel;
class QPushButton;

namespace switchyard::studio::start {

QLabel* heading(const QString& text);
QLabel* muted(const QString& text, bool wraps = false);
QFrame* line();
QPushButton* link(const QString& text);

// Whole rows that can be clicked and reached by Tab; the first text is their accessible name.

/// A sign, what it opens with a note below, and the keys.
QPushButton* openRow(const QString& title, const QString& detail, const QString& keys,
                     const char* image);
/// A name, and where it is at the right.
QPushButton* recentRow(const QString& name, const QString& folder);
/// A picture, and what it is.
QPushButton* exampleRow(const QString& title, const QString& detail, StartPicture picture);

} // namespace switchyard::studio::start
