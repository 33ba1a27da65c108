#pragma once

#include <span>
#include <string_view>

namespace switchyard::plugin {

struct Template {
  std::string_view name; ///< "router.cpp.in"
  std::string_view text; ///< with @PLACEHOLDERS@
};

/// The files of core/plugin/templates, built in.
std::span<const Template> scaffoldTemplates();

} // namespace switchyard::plugin
