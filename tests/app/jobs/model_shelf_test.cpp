#include "app/jobs/model_shelf.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace switchyard::jobs {
namespace {

const std::filesystem::path kDemo = SY_DATA "/demo-model";
const std::filesystem::path kOther = SY_TEST_DATA "/golden/models/mixtral";

class Shelf : public ::testing::Test {
protected:
  std::shared_ptr<const model::Model> take(const std::filesystem::path& folder) {
    const auto taken = m_shelf.take(folder, m_threads, {});
    EXPECT_TRUE(taken) << taken.error().describe();
    return taken.value_or(nullptr);
  }
  base::ThreadContext m_threads{1};
  ModelShelf m_shelf;
};

TEST_F(Shelf, TheLastModelIsKeptAndOthersOnlyWhileHeld) {
  const std::weak_ptr<const model::Model> demo = take(kDemo);
  EXPECT_EQ(take(kDemo), demo.lock()) << "loaded again";
  EXPECT_FALSE(demo.expired());
  const auto other = take(kOther);
  EXPECT_NE(other->config().hidden, 0);
  EXPECT_TRUE(demo.expired()) << "kept for nobody";
  const auto held = take(kDemo);
  EXPECT_EQ(take(kOther), other) << "somebody holds it";
  EXPECT_EQ(take(kDemo), held);
}

TEST_F(Shelf, JobsSideBySideShareOneCopy) {
  std::vector<std::shared_ptr<const model::Model>> taken(4);
  {
    std::vector<std::jthread> jobs;
    for (auto& model : taken)
      jobs.emplace_back([&] { model = take(kDemo); });
  }
  for (const auto& model : taken)
    EXPECT_EQ(model, taken.front());
  EXPECT_NE(taken.front(), nullptr);
}

TEST_F(Shelf, AModelThatCannotBeLoadedIsAskedForAgain) {
  for (int i = 0; i < 2; ++i) {
    const auto none = m_shelf.take(SY_DATA "/prompts", m_threads, {});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, model::Model::load(SY_DATA "/prompts", m_threads).error().code);
  }
  EXPECT_NE(take(kDemo), nullptr);
}

} // namespace
} // namespace switchyard::jobs
