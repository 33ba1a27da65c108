#pragma once

#include <QIcon>
#include <QString>

#include "app/studio/theme/tokens.h"

namespace switchyard::studio {

/// An icon of resources/icons ("play-fill") painted in the present theme's colours: `ink` normally,
/// textDisabled when disabled, accent when on. Follows the theme and any scale. GUI thread only.
/// A name without a file is a bug of ours: it asserts, and paints nothing.
QIcon icon(const QString& name, Ink ink = Ink::Text);

/// Names of all icons, for tests.
QStringList iconNames();

/// Forgets rendered pixels; called by the theme when its colours change.
void clearIconCache();

} // namespace switchyard::studio
