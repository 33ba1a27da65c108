#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/plugin/registry.h"
#include "core/routing/recipe.h"
#include "core/tokenizer/tokenizer.h"

namespace switchyard::jobs::evaluate {

/// One way to run a model: its routing and how tokens are chosen. Equal recipe, decoder and options
/// are the same variant, whatever it is called.
struct Variant {
  std::string name;    ///< in tables; unique in an evaluation
  std::string recipe;  ///< canonical JSON of a routing recipe; empty: the model's own routing
  std::string decoder; ///< short name of a decoder plugin; empty: the sampler alone
  std::string decoderOptions;        ///< JSON object of what was set; empty without a decoder
  plugin::OptionArguments arguments; ///< the same as a command line gives it
  std::string given;                 ///< flag of the command line that makes it; empty for the base
  /// "ID VERSION" of its decoder and of each step of its recipe, in order; see notePlugins.
  std::vector<std::string> plugins{};

  /// Text that is equal for equal variants.
  std::string key() const;
};

/// The model as it is.
Variant baseVariant();
/// Of a recipe file: named after the recipe, or else after the file. Errors: as readRecipe.
base::Result<Variant> recipeVariant(const std::filesystem::path& path);
/// Of "NAME" or "NAME:OPTION=VALUE,..." of a decoder plugin; `more` are options given elsewhere,
/// which those in `word` override. Errors: NotFound, InvalidArgument as parseOptions.
base::Result<Variant> decoderVariant(std::string_view word, const plugin::OptionArguments& more,
                                     const plugin::Registry& registry);

/// Of both at once: the decoder runs under the recipe. Named "RECIPE + DECODER". Errors: as above.
base::Result<Variant> pairVariant(const std::filesystem::path& recipe, std::string_view decoder,
                                  const plugin::OptionArguments& more,
                                  const plugin::Registry& registry);

/// Fills in Variant::plugins, so that outcomes of another version of a plugin are not taken for
/// those of this one. Errors: NotFound for a step or decoder that nobody provides.
base::Result<void> notePlugins(Variant& variant, const plugin::Registry& registry);

/// The base first, then the others with names made unique ("boost", "boost 2").
/// Errors: InvalidArgument for two variants that are the same.
base::Result<std::vector<Variant>> withBase(std::vector<Variant> variants);

} // namespace switchyard::jobs::evaluate
