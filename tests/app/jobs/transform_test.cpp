#include "app/jobs/transform.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/model.h"
#include "core/plugin/registry.h"

namespace switchyard::jobs {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::shared_ptr<plugin::Registry> builtIn() {
  return plugin::Registry::scan({.folders = {{SY_BUILT_PLUGINS, "build tree"}}});
}

/// Names three experts of each layer of the demo model as least used.
class WithUsage final : public model::Transform {
public:
  explicit WithUsage(std::unique_ptr<model::Transform> inner) : m_inner(std::move(inner)) {}
  std::string_view id() const override { return m_inner->id(); }
  base::Result<std::vector<std::string>> run(const model::TransformSource& source,
                                             model::TransformSink& sink,
                                             const base::RunControl& control) override {
    const Usage with(source);
    return m_inner->run(with, sink, control);
  }

private:
  class Usage final : public model::TransformSource {
  public:
    explicit Usage(const model::TransformSource& source) : m_source(source) {
      for (int layer = 0; layer < 6; ++layer) {
        m_usage.push_back({layer, std::vector<std::int64_t>(32, 100)});
        for (const std::size_t expert : {1u, 17u, 31u})
          m_usage.back().assignments[expert] = layer;
      }
    }
    const std::string& config() const override { return m_source.config(); }
    std::span<const model::StoredTensor> tensors() const override { return m_source.tensors(); }
    base::Result<void> read(std::size_t index, std::uint64_t offset,
                            std::span<std::byte> out) const override {
      return m_source.read(index, offset, out);
    }
    std::span<const model::ExpertUsage> usage() const override { return m_usage; }

  private:
    const model::TransformSource& m_source;
    std::vector<model::ExpertUsage> m_usage;
  };
  std::unique_ptr<model::Transform> m_inner;
};

TEST(TransformJob, DroppingExpertsWritesACheckpointThatLoads) {
  const auto registry = builtIn();
  const auto manifest = registry->find("drop-experts", plugin::Kind::Transform).value();
  const auto values =
      plugin::parseOptions(manifest.options, plugin::OptionArguments{{"drop", "3"}}, "drop-experts")
          .value();
  WithUsage drop(registry->transform("drop-experts", values, {}).value());
  const fs::path out = fs::path(::testing::TempDir()) / "switchyard-dropped";
  fs::remove_all(out);
  const base::ThreadContext threads(2);
  const TransformOptions options{.model = fs::path(SY_DATA) / "demo-model", .out = out};
  const auto outcome = transform(drop, options, threads, {});
  ASSERT_TRUE(outcome) << outcome.error().describe();
  ASSERT_EQ(outcome->summary.size(), 6u);
  EXPECT_THAT(outcome->summary[2], HasSubstr("layer 2: dropped experts 1, 17, 31"));

  const auto model = model::Model::load(out, threads);
  ASSERT_TRUE(model) << model.error().describe();
  EXPECT_EQ((*model)->config().moe.gate.experts, 29);
  EXPECT_TRUE(fs::exists(out / "tokenizer.json"));

  EXPECT_THAT(transform(drop, options, threads, {}).error().message, HasSubstr("not empty"));
  fs::remove_all(out);
}

TEST(TransformJob, WithoutATraceOrTooManyIsRefused) {
  const auto registry = builtIn();
  const auto manifest = registry->find("drop-experts", plugin::Kind::Transform).value();
  const base::ThreadContext threads(1);
  const fs::path out = fs::path(::testing::TempDir()) / "switchyard-refused";
  fs::remove_all(out);
  const TransformOptions options{.model = fs::path(SY_DATA) / "demo-model", .out = out};
  const auto run = [&](const char* count) {
    const auto values =
        plugin::parseOptions(manifest.options, plugin::OptionArguments{{"drop", count}}, "d")
            .value();
    const auto made = registry->transform("drop-experts", values, {}).value();
    return transform(*made, options, threads, {}).error().message;
  };
  EXPECT_THAT(run("1"), HasSubstr("a trace of this model is needed"));
  EXPECT_THAT(run("29"), HasSubstr("4 must stay"));
  EXPECT_FALSE(fs::exists(out / "config.json"));
  fs::remove_all(out);
}

} // namespace
} // namespace switchyard::jobs
