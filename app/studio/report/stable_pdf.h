#pragma once

#include <QByteArray>

namespace switchyard::studio {

/// A PDF as QPdfWriter made it, without what differs from one run to the next: the date of creation
/// becomes blanks and the random identifier zeros, each in its place, so that offsets stay true.
QByteArray stablePdf(QByteArray pdf);

} // namespace switchyard::studio
