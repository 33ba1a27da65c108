#include "app/jobs/prompts.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace switchyard::jobs {
namespace {

using base::ErrorCode;

class PromptsTest : public ::testing::Test {
protected:
  void SetUp() override {
    m_folder = std::filesystem::path(::testing::TempDir()) / "prompts_test" /
               ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(m_folder);
  }
  void TearDown() override { std::filesystem::remove_all(m_folder); }

  std::filesystem::path write(const std::string& name, const std::string& content) {
    std::ofstream(m_folder / name) << content;
    return m_folder / name;
  }
  base::Error failure(const std::string& content) {
    const auto set = readPrompts(write("x.jsonl", content));
    EXPECT_FALSE(set) << content;
    return set ? base::Error{} : set.error();
  }

  std::filesystem::path m_folder;
};

TEST_F(PromptsTest, RowsCarryTextOrIdsAndLabels) {
  const auto set =
      readPrompts(write("p.jsonl", R"({"id":"a","text":"hello","domain":"x","level":3,"good":true})"
                                   "\n\n"
                                   R"({"token_ids":[1,2,3]})"
                                   "\r\n"
                                   R"({"prompt":"what?","answer":"42"})"));
  ASSERT_TRUE(set) << set.error().describe();
  ASSERT_EQ(set->prompts.size(), 3u);
  EXPECT_EQ(set->prompts[0].id, "a");
  EXPECT_EQ(set->prompts[0].text, "hello");
  EXPECT_EQ(set->prompts[0].labels, (std::map<std::string, std::string>{
                                        {"domain", "x"}, {"level", "3"}, {"good", "true"}}));
  EXPECT_EQ(set->prompts[1].id, "p-3");
  EXPECT_TRUE(set->prompts[1].hasTokens);
  EXPECT_EQ(set->prompts[1].tokens.size(), 3u);
  EXPECT_EQ(set->prompts[2].text, "what?");
  EXPECT_EQ(set->prompts[2].labels.at("answer"), "42");
  EXPECT_EQ(set->prompts[2].source, "p.jsonl:4");
}

TEST_F(PromptsTest, AFolderIsReadByNameAndTextFilesAreDocuments) {
  write("b.txt", "second");
  write("a.jsonl", R"({"text":"first"})");
  write("c.md", "not read");
  const auto set = readPrompts(m_folder);
  ASSERT_TRUE(set);
  ASSERT_EQ(set->prompts.size(), 2u);
  EXPECT_EQ(set->prompts[0].text, "first");
  EXPECT_EQ(set->prompts[1].id, "b");
}

TEST_F(PromptsTest, TheHashFollowsTheBytes) {
  const auto one = readPrompts(write("p.txt", "abc"));
  const auto two = readPrompts(write("p.txt", "abd"));
  const auto again = readPrompts(write("p.txt", "abc"));
  EXPECT_NE(one->hash, two->hash);
  EXPECT_EQ(one->hash, again->hash);
}

TEST_F(PromptsTest, BadRowsAreRefusedWithTheirLine) {
  EXPECT_EQ(failure("{\"text\":\"a\"}\n{\"text\":5}").where.file,
            (m_folder / "x.jsonl").string() + ":2");
  EXPECT_EQ(failure("{}").code, ErrorCode::InvalidFormat);
  EXPECT_EQ(failure("[1]").code, ErrorCode::InvalidFormat);
  EXPECT_EQ(failure("{\"text\":\"\"}").code, ErrorCode::InvalidFormat);
  EXPECT_EQ(failure("{\"text\":\"a\",\"token_ids\":[1]}").code, ErrorCode::InvalidFormat);
  EXPECT_EQ(failure("{\"token_ids\":[]}").code, ErrorCode::InvalidFormat);
  EXPECT_EQ(failure("{\"token_ids\":[-1]}").code, ErrorCode::InvalidFormat);
  EXPECT_EQ(failure("{\"token_ids\":[1.5]}").code, ErrorCode::InvalidFormat);
  EXPECT_EQ(failure("{\"token_ids\":[4294967296]}").code, ErrorCode::InvalidFormat);
  EXPECT_EQ(failure("{\"text\":\"a\",\"label\":[1]}").code, ErrorCode::InvalidFormat);
  EXPECT_EQ(failure("{\"text\":\"a\",\"text\":\"b\"}").code, ErrorCode::InvalidFormat);
  EXPECT_EQ(failure("{\"id\":\"a\",\"text\":\"1\"}\n{\"id\":\"a\",\"text\":\"2\"}").code,
            ErrorCode::InvalidFormat);
  EXPECT_EQ(failure("").code, ErrorCode::InvalidFormat);
  EXPECT_EQ(readPrompts(m_folder / "absent.jsonl").error().code, ErrorCode::NotFound);
}

} // namespace
} // namespace switchyard::jobs
