// A plugin's sidecar. Input: its text.

#include <cstdint>
#include <string_view>

#include "core/plugin/manifest.h"
#include "tests/fuzz/require.h"

using namespace switchyard;

namespace {

void checkPromises(const plugin::Manifest& manifest) {
  tests::require(!manifest.kinds.empty() && !manifest.shortName().empty(), "kinds and a name");
  tests::require(manifest.library.find('/') == std::string::npos, "no folder in the library");
  plugin::OptionArguments given;
  for (const plugin::OptionSpec& spec : manifest.options) {
    tests::require(!spec.help.empty() && spec.minItems <= spec.maxItems, "option");
    tests::require(!spec.defaults || spec.list || spec.defaults->size() == 1, "one default");
    if (spec.defaults && !spec.list)
      given.emplace_back(spec.name, plugin::toText(spec.defaults->front()));
  }
  // Defaults are complete, and what they print is what they read.
  const auto byDefault = plugin::parseOptions(manifest.options, plugin::OptionArguments(), "x");
  const auto byText = plugin::parseOptions(manifest.options, given, "x");
  tests::require(byDefault.has_value() == byText.has_value(), "defaults can be given");
  if (byDefault)
    for (std::size_t i = 0; i < byDefault->size(); ++i)
      tests::require((*byDefault)[i].values == (*byText)[i].values, "defaults read back");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto manifest =
      plugin::parseManifest({reinterpret_cast<const char*>(data), size}, "fuzz.plugin.json");
  if (manifest)
    checkPromises(*manifest);
  return 0;
}
