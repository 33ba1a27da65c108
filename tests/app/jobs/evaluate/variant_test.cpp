// What makes two variants of an evaluation the same.

#include <gtest/gtest.h>

#include "app/jobs/evaluate/variant.h"

namespace switchyard::jobs::evaluate {
namespace {

TEST(EvaluationVariant, AnotherVersionOfAPluginIsAnotherVariant) {
  const auto registry = plugin::Registry::scan({.folders = {{SY_BUILT_PLUGINS, "build"}}});
  Variant variant;
  variant.decoder = "self-contrast";
  variant.recipe = R"({"steps":[{"plugin":"mask","options":{"experts":["1"]}},
                                {"plugin":"boost","options":{"experts":["2"]},"enabled":false}]})";
  ASSERT_TRUE(notePlugins(variant, *registry));
  const auto decoder = registry->find("self-contrast", plugin::Kind::Decoder);
  const auto mask = registry->find("mask", plugin::Kind::Router);
  ASSERT_TRUE(decoder && mask);
  EXPECT_EQ(variant.plugins, (std::vector<std::string>{decoder->id + " " + decoder->version,
                                                       mask->id + " " + mask->version}));
  Variant newer = variant;
  newer.plugins.back() += ".1";
  EXPECT_NE(newer.key(), variant.key());
  variant.decoder = "nothing";
  EXPECT_FALSE(notePlugins(variant, *registry));
}

} // namespace
} // namespace switchyard::jobs::evaluate
