#include <filesystem>
#include <map>

#include "app/jobs/recipes.h"
#include "core/plugin/conformance.h"
#include "core/routing/policies/catalog.h"
#include "tests/core/routing/policy_bench.h"

namespace switchyard::routing::testing {

namespace {

plugin::Registry& builtPlugins() {
  static const auto registry =
      plugin::Registry::scan({.folders = {{SY_BUILT_PLUGINS, "build tree"}}});
  return *registry;
}

} // namespace

base::Result<std::unique_ptr<Policy>> makeStep(std::string_view id, const nlohmann::json& options) {
  RecipeStep step;
  step.plugin = id;
  step.options = options.dump();
  const jobs::ResolvedStep resolved = SY_TRY(jobs::resolveStep(step, builtPlugins()));
  return builtPlugins().policy(resolved.manifest.id, resolved.options, {});
}

namespace {

TEST(RouterPlugins, ThereIsOneForEveryBuiltInStep) {
  for (const StepInfo& step : builtInSteps()) {
    const auto manifest = builtPlugins().find(step.id, plugin::Kind::Router);
    ASSERT_TRUE(manifest) << manifest.error().describe();
    EXPECT_EQ(manifest->id, "org.switchyard." + std::string(step.id));
    EXPECT_EQ(manifest->licence, "Apache-2.0");
    for (const plugin::OptionSpec& option : manifest->options) {
      EXPECT_FALSE(option.title.empty()) << step.id << " " << option.name;
      EXPECT_FALSE(option.help.empty()) << step.id << " " << option.name;
    }
    const bool hasExperts = std::ranges::find(manifest->options, "experts",
                                              &plugin::OptionSpec::name) != manifest->options.end();
    EXPECT_EQ(hasExperts, step.actsOnExperts) << step.id;
  }
}

/// The fewest options that a step can be made of.
nlohmann::json required(std::string_view step) {
  static const std::map<std::string, nlohmann::json, std::less<>> all = {
      {"ban", {{"experts", {1}}}},
      {"bias", {{"experts", {1}}, {"value", 2}}},
      {"boost", {{"experts", {1}}, {"multiplier", 4}}},
      {"force", {{"experts", {1}}}},
      {"hash", {{"table", {0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3}}}},
      {"mask", {{"experts", {1}}}},
      {"npmi-steer", {{"experts", {1}}}},
      {"null-experts", {{"count", 2}, {"k", 3}}},
      {"rank-r", {{"rank", 2}}},
      {"threshold", {{"threshold", 0.6}}},
      {"top-k", {{"k", 3}}},
      {"top-p", {{"p", 0.6}}},
  };
  const auto found = all.find(step);
  return found == all.end() ? nlohmann::json::object() : found->second;
}

// What a sidecar calls a default is what the step does without the option.
TEST(RouterPlugins, DefaultsOfSidecarsAreThoseOfTheSteps) {
  std::vector<float> logits;
  for (int i = 0; i < 160; ++i)
    logits.push_back(static_cast<float>((i * 37) % 41) * 0.11f - 1.3f);
  const Bench bench(softmaxGate(8, 2, Renorm::Sum), logits);
  int defaults = 0;
  for (const StepInfo& step : builtInSteps()) {
    const auto manifest = builtPlugins().find(step.id, plugin::Kind::Router);
    ASSERT_TRUE(manifest);
    for (const plugin::OptionSpec& option : manifest->options) {
      if (!option.defaults)
        continue;
      ++defaults;
      nlohmann::json options = required(step.id);
      if (option.name == "t") // belongs to another rule than the default one
        options = {{"rule", "adapmoe"}, {"sensitivity", 0.02}};
      const auto plain = bench.run(step.id, options);
      ASSERT_TRUE(plain) << step.id << ": " << plain.error().describe();
      options[option.name] = std::visit([](const auto& value) { return nlohmann::json(value); },
                                        option.defaults->front());
      const auto given = bench.run(step.id, options);
      ASSERT_TRUE(given) << step.id << " " << options << ": " << given.error().describe();
      EXPECT_EQ(given->assignment.ids, plain->assignment.ids) << step.id << " " << option.name;
      EXPECT_EQ(given->assignment.weights, plain->assignment.weights)
          << step.id << " " << option.name;
    }
  }
  EXPECT_GT(defaults, 15);
}

TEST(RouterPlugins, EachPassesTheConformanceSuite) {
  for (const StepInfo& step : builtInSteps()) {
    plugin::ConformanceOptions options;
    const nlohmann::json values = required(step.id);
    for (const auto& [name, value] : values.items())
      options.arguments.emplace_back(name, value.is_array() ? value[0].dump() : value.dump());
    if (step.id == "hash")
      options.arguments = {{"method", "modulo"}};
    const auto sidecar =
        std::filesystem::path(SY_BUILT_PLUGINS) / (std::string(step.id) + ".plugin.json");
    const auto report = plugin::checkPlugin(sidecar, options);
    ASSERT_TRUE(report) << report.error().describe();
    for (const plugin::Check& check : report->checks)
      EXPECT_NE(check.verdict, plugin::Verdict::Failed)
          << step.id << ": " << check.name << ": " << check.detail;
  }
}

} // namespace
} // namespace switchyard::routing::testing
