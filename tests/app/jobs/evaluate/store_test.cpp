#include <gtest/gtest.h>

#include "app/jobs/evaluate/store.h"
#include "tests/support/temp_folder.h"

namespace switchyard::jobs::evaluate {
namespace {

using tests::TempFolder;

const RunIdentity kRun = {"model", "tasks", "{}", "file"};

TEST(EvaluationStore, KeepsOutcomesOfEachRunApart) {
  const TempFolder folder;
  Outcome outcome;
  outcome.score = 0.1;
  outcome.lengthScore = 1;
  outcome.tokens = 7;
  outcome.thinking = 3;
  outcome.stop = "eos";
  outcome.text = "x\ny";
  {
    auto store = Store::open(folder / "s.eval");
    ASSERT_TRUE(store) << store.error().describe();
    ASSERT_TRUE(store->select(kRun));
    EXPECT_EQ(store->variant("a").value(), 1);
    EXPECT_EQ(store->variant("b").value(), 2);
    EXPECT_EQ(store->variant("a").value(), 1);
    ASSERT_TRUE(store->add({1, 5, 0}, outcome));
    EXPECT_FALSE(store->add({1, 5, 0}, outcome)); // no item twice
    ASSERT_TRUE(store->add({2, 5, 0}, {}));
  }
  auto store = Store::open(folder / "s.eval");
  ASSERT_TRUE(store) << store.error().describe();
  ASSERT_TRUE(store->select({"model", "tasks", "{\"seed\":1}", "file"}));
  EXPECT_TRUE(store->outcomes()->empty());
  ASSERT_TRUE(store->select(kRun));
  const auto outcomes = store->outcomes();
  ASSERT_EQ(outcomes->size(), 2u);
  const Outcome& kept = outcomes->at({1, 5, 0});
  EXPECT_EQ(kept.score, 0.1);
  EXPECT_EQ(kept.lengthScore, 1);
  EXPECT_EQ(kept.tokens, 7);
  EXPECT_EQ(kept.thinking, 3);
  EXPECT_EQ(kept.stop, "eos");
  EXPECT_EQ(kept.text, "x\ny");
  EXPECT_EQ(outcomes->at({2, 5, 0}).lengthScore, std::nullopt);
}

TEST(EvaluationStore, CountsLooks) {
  const TempFolder folder;
  auto store = Store::open(folder / "s.eval");
  ASSERT_TRUE(store);
  ASSERT_TRUE(store->select(kRun));
  EXPECT_EQ(store->look("first", 2)->number, 1);
  EXPECT_EQ(store->look("second", 3)->number, 2);
  EXPECT_EQ(store->look("second", 3)->earlierVariants, 2);
  const auto third = store->look("third", 1);
  EXPECT_EQ(third->number, 3);
  EXPECT_EQ(third->earlierVariants, 5);
  // The first one again is still the first one.
  EXPECT_EQ(store->look("first", 2)->number, 1);
  EXPECT_EQ(store->look("first", 2)->earlierVariants, 0);
  ASSERT_TRUE(store->select({"model", "tasks", "{}", "other file"}));
  EXPECT_EQ(store->look("first", 2)->number, 1);
}

TEST(EvaluationStore, RefusesOtherFiles) {
  const TempFolder folder;
  EXPECT_EQ(Store::open(folder.write("text", std::string(5000, 'x'))).error().code,
            base::ErrorCode::InvalidFormat);
  EXPECT_FALSE(Store::open(folder / "no" / "such" / "folder"));
  {
    auto other = trace::sql::Database::open(folder / "other.db", trace::sql::OpenMode::Create);
    ASSERT_TRUE(other->exec("CREATE TABLE t(x)"));
  }
  EXPECT_EQ(Store::open(folder / "other.db").error().code, base::ErrorCode::InvalidFormat);
}

TEST(EvaluationStore, OneProcessAtATime) {
  const TempFolder folder;
  auto first = Store::open(folder / "s.eval");
  ASSERT_TRUE(first);
  const auto second = Store::open(folder / "s.eval");
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("in use"), std::string::npos) << second.error().message;
}

} // namespace
} // namespace switchyard::jobs::evaluate
