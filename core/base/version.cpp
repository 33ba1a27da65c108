#include "core/base/version.h"

namespace switchyard::base {

std::string_view version() {
  return SY_VERSION;
}

} // namespace switchyard::base
