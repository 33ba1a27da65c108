#pragma once

#include <QString>

namespace switchyard::studio {

/// A count with thin spaces between thousands: "45 025".
QString grouped(qint64 count);

} // namespace switchyard::studio
