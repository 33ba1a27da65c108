#include "app/jobs/decoders.h"

#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/jobs/command_line.h"
#include "app/jobs/recipes.h"
#include "core/session/plain_decoder.h"

namespace switchyard::jobs {

using base::Result;

Result<DecoderChoice> DecoderChoice::find(const DecoderRequest& request,
                                          std::shared_ptr<plugin::Registry> registry,
                                          const plugin::HostContext& context) {
  DecoderChoice choice;
  choice.m_name = session::PlainDecoder().id();
  if (request.name.empty())
    return choice;
  if (!registry)
    return base::fail(
        base::ErrorCode::InvalidArgument,
        fmt::format("decoder '{}' is a plugin, and no plugins can be used here", request.name));
  const plugin::Manifest manifest = SY_TRY(registry->find(request.name, plugin::Kind::Decoder));
  choice.m_id = manifest.id;
  choice.m_name = manifest.shortName();
  choice.m_version = manifest.version;
  choice.m_options = SY_TRY(plugin::parseOptions(manifest.options, request.options, choice.m_name));
  choice.m_registry = std::move(registry);
  choice.m_context = context;
  return choice;
}

Result<std::unique_ptr<session::Decoder>> DecoderChoice::make() const {
  if (isPlain())
    return std::unique_ptr<session::Decoder>(std::make_unique<session::PlainDecoder>());
  return m_registry->decoder(m_id, m_options, m_context);
}

Result<void> DecoderChoice::describe(const model::Model& model, trace::TraceMeta& meta) const {
  if (isPlain())
    return {};
  meta.options.emplace_back("decoder", m_id);
  meta.options.emplace_back("decoder-version", m_version);
  for (const auto& [option, value] : plugin::describe(m_options))
    meta.options.emplace_back(m_name + "." + option, value);
  const auto decoder = SY_TRY(make());
  meta.figures = SY_TRY(decoder->figures(model.layerFacts()));
  return {};
}

std::string DecoderChoice::flags() const {
  if (isPlain())
    return {};
  std::string flags = " --decoder " + shellQuoted(m_name);
  for (const plugin::OptionValue& option : m_options) {
    if (!option.set)
      continue;
    std::vector<std::string> values;
    for (const plugin::OptionScalar& value : option.values)
      values.push_back(plugin::toText(value));
    flags += fmt::format(" --{}.{} {}", m_name, option.name,
                         shellQuoted(fmt::format("{}", fmt::join(values, ","))));
  }
  return flags;
}

session::CompileRecipe recipeCompiler(plugin::Registry* registry,
                                      const tokenizer::Tokenizer* tokenizer, std::string under) {
  return [registry, tokenizer, under = std::move(under)](
             std::string_view json) -> Result<std::unique_ptr<routing::Policy>> {
    const routing::Recipe own = SY_TRY(routing::parseRecipe(json, {}));
    if (under.empty())
      return makePolicy(own, registry, tokenizer);
    routing::Recipe both = SY_TRY(routing::parseRecipe(under, {}));
    both.steps.insert(both.steps.end(), own.steps.begin(), own.steps.end());
    return makePolicy(both, registry, tokenizer);
  };
}

} // namespace switchyard::jobs
