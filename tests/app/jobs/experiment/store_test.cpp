// The results file: cells kept once, failures replaced, foreign files refused.

#include <filesystem>
#include <limits>

#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/jobs/experiment/bundle.h"
#include "app/jobs/experiment/outcomes.h"
#include "app/jobs/experiment/store.h"
#include "core/trace/sqlite.h"
#include "tests/support/temp_folder.h"

namespace switchyard::tests {
namespace {

using namespace jobs::experiment;
using ::testing::HasSubstr;

Header header() {
  return {.name = "e",
          .title = "Title",
          .question = "Why?",
          .notes = {"one", "two"},
          .text = "{}",
          .path = "e.json",
          .overrides = "{}",
          .command = "switchyard run e.json",
          .program = "switchyard 0"};
}

class ResultsFile : public ::testing::Test {
protected:
  Store make() {
    auto store = Store::create(m_folder / "e.results");
    EXPECT_TRUE(store) << store.error().describe();
    EXPECT_TRUE(store->begin(header(), {{"key1", "capture/a"}, {"key2", "capture/b"}}));
    return std::move(*store);
  }
  TempFolder m_folder;
};

TEST_F(ResultsFile, KeepsEachCellOnceAndReplacesFailures) {
  Store store = make();
  ASSERT_TRUE(store.commitFailure("key1", "{}", "no disk"));
  auto cells = store.cells();
  ASSERT_TRUE(cells);
  ASSERT_EQ(cells->size(), 2u);
  EXPECT_EQ((*cells)[0].state, CellState::Failed);
  EXPECT_EQ((*cells)[0].error, "no disk");
  EXPECT_EQ((*cells)[1].state, CellState::Waiting);
  const CellResult result{{{"load", "{\"a\":1}"}, {"entropy", "{}"}}, "[]", {"now", 1.5, 20, 2}};
  ASSERT_TRUE(store.commit("key1", R"({"model":"m"})", result));
  EXPECT_FALSE(store.commit("key1", "{}", result)) << "a cell twice";
  const auto results = store.results("key1");
  ASSERT_TRUE(results);
  ASSERT_EQ(results->size(), 2u);
  EXPECT_EQ((*results)[0].name, "load");
  EXPECT_EQ((*results)[0].json, "{\"a\":1}");
  cells = store.cells();
  EXPECT_EQ((*cells)[0].state, CellState::Done);
  EXPECT_EQ((*cells)[0].inputs, R"({"model":"m"})");
  EXPECT_EQ((*cells)[0].machine.tokens, 20);
  const auto back = store.header();
  ASSERT_TRUE(back);
  EXPECT_EQ(back->notes, header().notes);
  EXPECT_EQ(back->command, header().command);
}

TEST_F(ResultsFile, ACellOfAnEarlierPlanStaysAndIsMarked) {
  Store store = make();
  ASSERT_TRUE(store.commit("key1", "{}", {}));
  ASSERT_TRUE(store.begin(header(), {{"key2", "capture/b"}}));
  const auto cells = store.cells();
  ASSERT_TRUE(cells);
  ASSERT_EQ(cells->size(), 2u);
  EXPECT_EQ((*cells)[0].key, "key2");
  EXPECT_FALSE((*cells)[1].planned);
  EXPECT_EQ((*cells)[1].name, "capture/a");
}

TEST_F(ResultsFile, HasOneWriterAndReadersBesideIt) {
  Store store = make();
  const auto second = Store::create(m_folder / "e.results");
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().describe(), HasSubstr("another process"));
  auto reader = Store::open(m_folder / "e.results");
  ASSERT_TRUE(reader) << reader.error().describe();
  ASSERT_TRUE(store.commit("key2", "{}", {}));
  const auto cells = reader->cells();
  ASSERT_TRUE(cells);
  EXPECT_EQ((*cells)[1].state, CellState::Done);
}

TEST_F(ResultsFile, WhatAKilledRunLeftHalfWrittenIsTakenBackByAReader) {
  { ASSERT_TRUE(make().close()); } // the journal of a file at rest, and of one that is being made
  const std::string path = m_folder / "e.results";
  if (const pid_t child = ::fork(); child == 0) {
    auto database = trace::sql::Database::open(path, trace::sql::OpenMode::Write);
    // More than its cache holds: pages go to the file before the end of the transaction.
    const bool begun =
        database &&
        database->exec("PRAGMA cache_size=1; BEGIN IMMEDIATE; DELETE FROM plan; "
                       "INSERT INTO machine WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
                       "SELECT i + 1 FROM n WHERE i < 3000) SELECT i, hex(zeroblob(500)) "
                       "FROM n");
    ::_exit(begun ? 0 : 1); // as killed: nothing is closed
  } else {
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
  }
  ASSERT_TRUE(std::filesystem::exists(path + "-journal"));
  auto store = Store::open(path);
  ASSERT_TRUE(store) << store.error().describe();
  const auto cells = store->cells();
  ASSERT_TRUE(cells) << cells.error().describe();
  EXPECT_EQ(cells->size(), 2u);
}

TEST_F(ResultsFile, OtherFilesAreRefused) {
  const auto text = m_folder.write("t.results", std::string(4096, 'x'));
  EXPECT_FALSE(Store::open(text));
  EXPECT_FALSE(Store::create(text));
  EXPECT_FALSE(Store::isStore(text));
  EXPECT_FALSE(Store::open(m_folder / "none.results"));
  {
    auto other = trace::sql::Database::open(m_folder / "o.results", trace::sql::OpenMode::Create);
    ASSERT_TRUE(other->exec("CREATE TABLE x(y)"));
  }
  const auto other = Store::open(m_folder / "o.results");
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().describe(), HasSubstr("no results of experiments"));
  EXPECT_FALSE(Store::create(m_folder / "o.results"));
  {
    Store store = make();
    ASSERT_TRUE(store.close());
  }
  EXPECT_TRUE(Store::isStore(m_folder / "e.results"));
  auto later = trace::sql::Database::open(m_folder / "e.results", trace::sql::OpenMode::Write);
  ASSERT_TRUE(later->exec("PRAGMA user_version=99"));
  const auto refused = Store::open(m_folder / "e.results");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().describe(), HasSubstr("version 99"));
}

TEST_F(ResultsFile, CellsAreNamedBehindTheFile) {
  {
    Store store = make();
    ASSERT_TRUE(store.commitFailure("key1", "{}", "why"));
  }
  const std::string file = (m_folder / "e.results").string();
  ASSERT_TRUE(resultsName(file));
  EXPECT_EQ(resultsName(file)->cell, "");
  ASSERT_TRUE(resultsName(file + ":evaluate/a:b=1"));
  EXPECT_EQ(resultsName(file + ":evaluate/a:b=1")->cell, "evaluate/a:b=1");
  EXPECT_FALSE(resultsName(m_folder / "none"));
  auto store = Store::open(file);
  ASSERT_TRUE(store);
  EXPECT_THAT(findCell(*store, "capture/a").error().message, HasSubstr("why"));
  EXPECT_THAT(findCell(*store, "capture/b").error().message, HasSubstr("not been run"));
  EXPECT_THAT(findCell(*store, "captre/b").error().message,
              HasSubstr("did you mean \"capture/b\""));
}

TEST(Outcomes, ComeBackAsTheyWere) {
  std::vector<jobs::evaluate::Outcome> outcomes(3);
  outcomes[0] = {1.0 / 3, 1.0, 7, 9, 4, "eos", "text \"quoted\"\n", 1.5};
  outcomes[1] = {
      std::numeric_limits<double>::infinity(), std::nullopt, 1, 2, std::nullopt, "", "", 0};
  outcomes[2].score = 1e-300;
  const auto back = outcomesFromJson(outcomesToJson(outcomes));
  ASSERT_TRUE(back);
  ASSERT_EQ(back->size(), 3u);
  EXPECT_EQ((*back)[0].score, 1.0 / 3);
  EXPECT_EQ((*back)[0].lengthScore, 1.0);
  EXPECT_EQ((*back)[0].thinking, 4);
  EXPECT_EQ((*back)[0].text, outcomes[0].text);
  EXPECT_EQ((*back)[1].score, outcomes[1].score);
  EXPECT_FALSE((*back)[1].thinking);
  EXPECT_EQ((*back)[2].score, 1e-300);
  for (const char* damaged : {"[[]]", "[3]", "{\"a\":1}", "[[1,null,\"x\",2,null,\"\",\"\"]]", "["})
    EXPECT_FALSE(outcomesFromJson(damaged)) << damaged;
}

} // namespace
} // namespace switchyard::tests
