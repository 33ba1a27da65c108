#include <gtest/gtest.h>

#include "app/jobs/evaluate/task_file.h"
#include "tests/support/temp_folder.h"

namespace switchyard::jobs::evaluate {
namespace {

using tests::TempFolder;

TEST(TaskFile, RowsWithTheirScorers) {
  const TempFolder folder;
  const auto path = folder.write(
      "t.jsonl",
      R"({"id":"a","prompt":"1+1=","answer":2,"kind":"add","labels":{"level":1}})"
      "\n\n"
      R"({"prompt":"Is it?","answer":["yes","Yes"],"scorer":{"type":"exact","after":":"}})"
      "\n"
      R"({"prompt":"The sky is","choices":[" blue"," loud"],"answer":" blue"})"
      "\n"
      R"({"token_ids":[5,6],"choices":["a","b"],"answer":1,"scorer":"multiple-choice:by=length"})"
      "\n");
  const auto set = readTasks(path);
  ASSERT_TRUE(set) << set.error().describe();
  ASSERT_EQ(set->tasks.size(), 4u);
  EXPECT_EQ(set->measure, Measure::Accuracy);
  EXPECT_EQ(set->tasks[0].answers, std::vector<std::string>{"2"});
  EXPECT_EQ(set->tasks[0].scorer.kind, ScorerKind::Exact);
  EXPECT_EQ(set->tasks[0].prompt.labels.at("kind"), "add");
  EXPECT_EQ(set->tasks[0].prompt.labels.at("level"), "1");
  EXPECT_FALSE(set->tasks[0].prompt.labels.contains("answer"));
  EXPECT_EQ(set->tasks[1].prompt.id, "t-3");
  EXPECT_EQ(set->tasks[1].scorer.after, ":");
  EXPECT_EQ(set->tasks[2].scorer.kind, ScorerKind::MultipleChoice);
  EXPECT_EQ(set->tasks[2].rightChoice, 0u);
  EXPECT_EQ(set->tasks[3].rightChoice, 1u);
  EXPECT_TRUE(set->tasks[3].scorer.lengthNormalised);
  EXPECT_EQ(readTasks(path, {.limit = 2})->tasks.size(), 2u);

  const auto filtered = readTasks(path, {.label = "kind", .value = "add"});
  ASSERT_EQ(filtered->tasks.size(), 1u);
  EXPECT_EQ(filtered->file, set->file);
  EXPECT_NE(filtered->hash, set->hash);
  EXPECT_NE(readTasks(path, {.label = "kind", .value = "sub"}).error().message.find("kind=sub"),
            std::string::npos);
  const auto rest = readTasks(path, {.skip = 1, .limit = 2});
  ASSERT_EQ(rest->tasks.size(), 2u);
  EXPECT_EQ(rest->tasks[0].prompt.id, "t-3");
  EXPECT_NE(rest->hash, set->hash);
  EXPECT_NE(readTasks(path, {.skip = 4}).error().message.find("skipped"), std::string::npos);
  EXPECT_EQ(parseLabel("a=b=c").value(), std::pair(std::string("a"), std::string("b=c")));
  EXPECT_FALSE(parseLabel("ab"));
  EXPECT_FALSE(parseLabel("=b"));

  const auto numeric = parseScorer(std::string_view("numeric"));
  const auto other = readTasks(path, {.scorer = *numeric, .limit = 1});
  EXPECT_EQ(other->tasks[0].scorer.kind, ScorerKind::Numeric);
  EXPECT_NE(other->hash, set->hash);
  EXPECT_EQ(readTasks(path)->hash, set->hash);
}

TEST(TaskFile, TextWithoutAnswerIsRated) {
  const TempFolder folder;
  const auto set = readTasks(folder.write("t.jsonl", R"({"text":"The carriage","lang":"en"})"));
  ASSERT_TRUE(set);
  EXPECT_EQ(set->measure, Measure::Loss);
}

TEST(TaskFile, BadRowsAreRefusedInOneSentenceWithTheirLine) {
  const TempFolder folder;
  const std::string good = R"({"prompt":"1+1=","answer":2})";
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"{", ""},
      {"[1]", "not a JSON object"},
      {R"({"answer":"2"})", "neither"},
      {R"({"prompt":"","answer":"2"})", "empty"},
      {R"({"prompt":"a","answer":{"x":1}})", "answer"},
      {R"({"prompt":"a","answer":[true]})", "answer"},
      {R"({"prompt":"a","scorer":"exact"})", "needs an \"answer\""},
      {R"({"prompt":"a","answer":"b","scorer":"nope"})", "nope"},
      {R"({"prompt":"a","answer":"b","scorer":{"type":"regex","pattern":"["}})", "pattern"},
      {R"({"prompt":"a","answer":"b","scorer":"numeric"})", "no number"},
      {R"({"prompt":"a","answer":"  ","scorer":"contains"})", "empty answer"},
      {R"({"prompt":"a","answer":"c","choices":["a","b"]})", "choices"},
      {R"({"prompt":"a","answer":2,"choices":["a","b"]})", "0 to 1"},
      {R"({"prompt":"a","answer":0,"choices":["a"]})", "at least two"},
      {R"({"prompt":"a","choices":["a","b"]})", "\"answer\""},
      {R"({"prompt":"a","answer":"b","labels":3})", "labels"},
      {R"({"prompt":"a","answer":"b","x":[1]})", "label"},
      {R"({"messages":[{"role":"user","content":"hi"}],"answer":"b"})", "chat template"},
      {R"({"text":"a","scorer":"perplexity"})", "two files"},
      {R"({"id":"t-1","prompt":"a","answer":"b"})", "twice"}};
  for (const auto& [row, part] : bad) {
    const auto set = readTasks(folder.write("t.jsonl", good + "\n" + row + "\n"));
    ASSERT_FALSE(set) << row;
    const std::string message = set.error().describe();
    EXPECT_NE(message.find("t.jsonl:2: "), std::string::npos) << message;
    EXPECT_NE(message.find(part), std::string::npos) << message;
  }
  EXPECT_FALSE(readTasks(folder.write("empty.jsonl", "\n \n")));
  EXPECT_EQ(readTasks(folder / "none.jsonl").error().code, base::ErrorCode::NotFound);
}

TEST(TaskFile, TheShippedTasksAreRead) {
  const auto scorer = parseScorer(std::string_view("exact:after=A:"));
  const auto set = readTasks(SY_DATA "/tasks/arithmetic.jsonl", {.scorer = *scorer});
  ASSERT_TRUE(set) << set.error().describe();
  EXPECT_EQ(set->tasks.size(), 1000u);
}

} // namespace
} // namespace switchyard::jobs::evaluate
