#pragma once

#include <string_view>

namespace switchyard::jobs::report {

/// Built into the program, for pages that must open offline. Empty when the build left the figure
/// libraries out (SY_REPORT_LIBRARIES=OFF); figures are then drawn without interaction.
std::string_view vegaLibrary();
std::string_view vegaLiteLibrary();
std::string_view vegaEmbedLibrary();
std::string_view pageStyle();
std::string_view pageScript();

} // namespace switchyard::jobs::report
