#include "tests/plugins/decoding.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "core/plugin/registry.h"
#include "core/routing/recipe.h"
#include "core/session/sampler.h"

namespace switchyard::tests {

const base::ThreadContext& demoThreads() {
  static const base::ThreadContext context(2);
  return context;
}

std::shared_ptr<const model::Model> demoModel() {
  static const std::shared_ptr<const model::Model> model = [] {
    auto loaded = model::Model::load(SY_DATA "/demo-model", demoThreads());
    EXPECT_TRUE(loaded) << loaded.error().describe();
    return *loaded;
  }();
  return model;
}

base::Result<std::shared_ptr<const model::Model>> goldenModel(const std::string& family) {
  return model::Model::load(SY_TEST_DATA "/golden/models/" + family, demoThreads());
}

base::Result<std::unique_ptr<session::Decoder>> decoderOf(const std::string& name,
                                                          const plugin::OptionArguments& options) {
  static const std::shared_ptr<plugin::Registry> registry =
      plugin::Registry::scan({.folders = {{SY_BUILT_PLUGINS, "build"}}});
  const plugin::Manifest manifest = SY_TRY(registry->find(name, plugin::Kind::Decoder));
  return registry->decoder(
      name, SY_TRY(plugin::parseOptions(manifest.options, options, manifest.shortName())), {});
}

std::vector<base::TokenId> tokenIds(const std::vector<std::int64_t>& ids) {
  std::vector<base::TokenId> tokens;
  for (const std::int64_t id : ids)
    tokens.emplace_back(static_cast<std::int32_t>(id));
  return tokens;
}

base::Result<Decoding> decode(const std::shared_ptr<const model::Model>& model,
                              const std::vector<std::int64_t>& prompt,
                              const DecodingOptions& options) {
  Decoding out;
  const auto choose = [&](std::span<const float> scores,
                          std::span<const base::TokenId>) -> base::Result<base::TokenId> {
    const std::size_t at = out.scores.size();
    out.scores.emplace_back(scores.begin(), scores.end());
    if (at < options.forced.size())
      return base::TokenId(static_cast<std::int32_t>(options.forced[at]));
    return session::argmax(scores);
  };
  const auto host = SY_TRY(session::ModelDecodeHost::create(
      model, demoThreads(),
      {.choose = choose,
       .compile = [](std::string_view json) -> base::Result<std::unique_ptr<routing::Policy>> {
         return routing::buildRecipe(SY_TRY(routing::parseRecipe(json, {})));
       },
       .policy = options.policy,
       .keepsRecords = options.keepsRecords}));
  const std::vector<base::TokenId> tokens = tokenIds(prompt);
  SY_TRY(host->start(tokens));
  const auto decoder = SY_TRY(decoderOf(options.decoder, options.options));
  SY_TRY(decoder->figures(model->layerFacts()));
  SY_TRY(decoder->begin(*host, tokens));
  while (out.tokens.size() < options.count) {
    auto token = SY_TRY(decoder->next(*host, host->text().back()));
    host->emit(token.token);
    out.tokens.push_back(token.token.value);
    out.records.push_back(std::move(token.record));
  }
  SY_TRY(host->finish());
  return out;
}

double figure(const std::vector<std::pair<std::string, double>>& record, const std::string& name) {
  for (const auto& [each, value] : record)
    if (each == name)
      return value;
  return std::numeric_limits<double>::quiet_NaN();
}

} // namespace switchyard::tests
