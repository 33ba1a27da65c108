// A language model inside a multimodal checkpoint gives what it gives alone.

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/checkpoint/checkpoint.h"
#include "core/checkpoint/safetensors_writer.h"
#include "core/model/model.h"

namespace switchyard::model {
namespace {

const std::filesystem::path kAlone = SY_TEST_DATA "/golden/models/qwen3_moe";

class Wrapper : public ::testing::TestWithParam<std::pair<std::string, std::string>> {
protected:
  void SetUp() override {
    // Tests may run at the same time in processes of their own.
    m_folder = std::filesystem::path(::testing::TempDir()) / "wrapper_test" /
               ("under_" + GetParam().first + GetParam().second);
    std::filesystem::create_directories(m_folder);
    const auto source = checkpoint::Checkpoint::open(kAlone);
    ASSERT_TRUE(source);
    std::vector<checkpoint::TensorSpec> specs;
    for (const auto& info : source->tensors())
      specs.push_back({nested(info.name), info.dtype, info.shape});
    specs.push_back({"vision_tower.patch.weight", tensor::DType::F32, {1}});
    auto writer = checkpoint::SafetensorsWriter::create(m_folder / "model.safetensors", specs);
    ASSERT_TRUE(writer);
    for (const auto& info : source->tensors()) {
      std::vector<std::byte> bytes(info.bytes());
      ASSERT_TRUE(source->read(info, 0, bytes));
      ASSERT_TRUE(writer->write(bytes));
    }
    ASSERT_TRUE(writer->write(std::vector<std::byte>(4)));
    ASSERT_TRUE(writer->finish());
    std::ifstream file(kAlone / "config.json");
    const nlohmann::json config = {{"model_type", "some_vision_model"},
                                   {"architectures", {"SomeForConditionalGeneration"}},
                                   {"text_config", nlohmann::json::parse(file)}};
    std::ofstream(m_folder / "config.json") << config.dump();
  }
  void TearDown() override { std::filesystem::remove_all(m_folder); }

  std::string nested(const std::string& name) const {
    constexpr std::string_view kModel = "model.";
    return name.starts_with(kModel) ? GetParam().first + name.substr(kModel.size())
                                    : GetParam().second + name;
  }

  static std::vector<float> logits(const std::filesystem::path& folder) {
    const base::ThreadContext threads(1);
    const auto model = Model::load(folder, threads);
    EXPECT_TRUE(model) << model.error().describe();
    if (!model)
      return {};
    auto cache = KvCache::create((*model)->config(), 4);
    const std::vector<base::TokenId> tokens = {base::TokenId(5), base::TokenId(6)};
    const Segment segment{.cache = &*cache, .tokens = tokens, .logits = LogitsFor::All};
    Workspace work;
    EXPECT_TRUE((*model)->forward({&segment, 1}, {.threads = threads}, work));
    return work.logits;
  }

  std::filesystem::path m_folder;
};

TEST_P(Wrapper, GivesTheSameLogits) {
  const std::vector<float> alone = logits(kAlone);
  EXPECT_EQ(alone.size(), 2u * 320u);
  EXPECT_EQ(logits(m_folder), alone);
}

INSTANTIATE_TEST_SUITE_P(Prefixes, Wrapper,
                         ::testing::Values(std::pair{"language_model.model.", "language_model."},
                                           std::pair{"model.language_model.", ""},
                                           std::pair{"model.", ""}));

} // namespace
} // namespace switchyard::model
