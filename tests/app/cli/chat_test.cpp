// Conversations: --chat, --messages and rows with "messages", written by a model's chat template.

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/cli/cli_runner.h"
#include "tests/support/temp_folder.h"

namespace switchyard::tests {
namespace {

using ::testing::HasSubstr;

/// Vectors of transformers for the demo model's own template.
nlohmann::json demoVectors() {
  return nlohmann::json::parse(
      std::ifstream(SY_TEST_DATA "/golden/chat-templates/demo-model.json"));
}

std::string messagesOf(const nlohmann::json& row) {
  return nlohmann::json{{"messages", row["messages"]},
                        {"add_generation_prompt", row["add_generation_prompt"]}}
      .dump();
}

TEST(Chat, TokensOfConversationsAreThoseOfTheReference) {
  const TempFolder folder;
  std::string rows;
  std::vector<nlohmann::json> expected;
  const nlohmann::json vectors = demoVectors();
  for (const nlohmann::json& row : vectors["cases"]) {
    if (row["messages"].empty())
      continue; // the template renders it, the command line wants a message
    const auto file = folder.write("chat.json", messagesOf(row));
    const nlohmann::json one = cliJson({"tokenize", kDemoModel, "--chat", file});
    EXPECT_EQ(one["text"], row["expected"]) << row["name"];
    EXPECT_EQ(one["ids"], row["ids"]) << row["name"];
    rows += messagesOf(row) + "\n";
    expected.push_back(row["ids"]);
  }
  const auto file = folder.write("rows.jsonl", rows);
  std::istringstream all(cli({"tokenize", kDemoModel, "--jsonl", file, "--json"}).out);
  std::size_t count = 0;
  for (std::string line; std::getline(all, line); ++count)
    EXPECT_EQ(nlohmann::json::parse(line)["ids"], expected.at(count));
  EXPECT_EQ(count, expected.size());
}

TEST(Chat, GenerateContinuesAConversation) {
  const TempFolder folder;
  const auto file = folder.write("chat.json", R"([{"role":"user","content":"47+85=?"}])");
  const std::vector<std::string> rest = {"--max-tokens", "4", "--quiet"};
  const auto run = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"generate", kDemoModel});
    more.insert(more.end(), rest.begin(), rest.end());
    return cliJson(more);
  };
  const nlohmann::json chat = run({"--chat", "47+85=?"});
  EXPECT_EQ(chat["prompt_ids"], demoVectors()["cases"][0]["ids"]);
  EXPECT_EQ(run({"--messages", file})["ids"], chat["ids"]);
  EXPECT_EQ(run({"--prompt", "<|user|>47+85=?<|assistant|>"})["ids"], chat["ids"]);
  EXPECT_NE(cli({"generate", kDemoModel, "--chat", "a", "--prompt", "b"}).exitCode, 0);
}

TEST(Chat, CaptureAndEvaluateTakeRowsWithMessages) {
  const TempFolder folder;
  const auto chat = folder.write(
      "chat.jsonl",
      R"({"id":"a","messages":[{"role":"user","content":"6*7=?"}],"answer":"42","kind":"mul"})"
      "\n");
  const auto text = folder.write(
      "text.jsonl", R"({"id":"a","prompt":"<|user|>6*7=?<|assistant|>","answer":"42","kind":"mul"})"
                    "\n");
  const auto evaluate = [&](const std::string& tasks, const std::string& store) {
    return cliJson({"evaluate", kDemoModel, "--tasks", tasks, "--store", folder / store,
                    "--max-tokens", "6", "--quiet"});
  };
  const nlohmann::json left = evaluate(chat, "c.eval"), right = evaluate(text, "t.eval");
  const auto items = [](const nlohmann::json& result) {
    for (const nlohmann::json& table : result["result"]["tables"])
      if (table["name"] == "items")
        return table["rows"];
    return nlohmann::json();
  };
  EXPECT_EQ(items(left).size(), 1u);
  EXPECT_EQ(items(left), items(right));
  const auto prompts = folder.write(
      "p.jsonl", R"({"id":"a","messages":[{"role":"user","content":"6*7=?"}],"kind":"mul"})"
                 "\n");
  ASSERT_EQ(cli({"capture", kDemoModel, "--prompts", prompts, "--out", folder / "t.swy", "--quiet"})
                .exitCode,
            0);
  const nlohmann::json first = nlohmann::json::parse(
      cli({"trace", "cat", folder / "t.swy", "--tokens", "0:1", "--limit", "1", "--json"}).out);
  EXPECT_EQ(first["token"], 4094); // <|user|>
}

TEST(Chat, BadInputIsRefusedWithAReason) {
  const TempFolder folder;
  const auto refused = [&](const std::filesystem::path& model, const std::string& chat,
                           const std::string& reason) {
    const auto file = folder.write("chat.json", chat);
    const ProcessResult result = cli({"tokenize", model, "--chat", file});
    EXPECT_NE(result.exitCode, 0) << chat;
    EXPECT_THAT(result.err, HasSubstr(reason));
  };
  refused(kDemoModel, "[]", "at least one message");
  refused(kDemoModel, "[{}]", "\"role\"");
  refused(kDemoModel, "{}", "\"messages\"");
  refused(kDemoModel, R"({"messages":[{"role":"user","content":"a"}],"tolls":[]})", "tolls");
  refused(kDemoModel, R"({"messages":[{"role":"user","content":"a"}],"tools":1})", "tools");
  refused(kDemoModel, "[", "chat.json");
  // A checkpoint without a template, and templates that fail.
  const std::string hello = R"([{"role":"user","content":"a"}])";
  const std::filesystem::path bare = folder / "bare";
  std::filesystem::create_directories(bare);
  std::filesystem::copy(std::filesystem::path(kDemoModel) / "tokenizer.json",
                        bare / "tokenizer.json");
  refused(bare, hello, "no chat template");
  const auto withTemplate = [&](const std::string& text) {
    folder.write("bare/chat_template.jinja", text);
  };
  withTemplate("{{ raise_exception('Only one turn, please') }}");
  refused(bare, hello, "Only one turn, please");
  withTemplate("a\n{% if %}");
  refused(bare, hello, "chat_template.jinja: chat template, line 2");
  withTemplate("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}");
  refused(bare, hello, "too many steps");
  withTemplate("{{ bos_token is defined }} {{ messages[0].content }}{{ style }}");
  const nlohmann::json fine =
      cliJson({"tokenize", bare, "--chat",
               folder.write("fine.json", R"({"messages":[{"role":"user","content":"a"}],)"
                                         R"("chat_template_kwargs":{"style":"b"}})")});
  EXPECT_EQ(fine["text"], "False ab");
  const auto rows = folder.write("r.jsonl", R"({"messages":[{"role":"user"}],"text":"b"})"
                                            "\n");
  EXPECT_THAT(cli({"tokenize", kDemoModel, "--jsonl", rows}).err, HasSubstr("give one of them"));
  EXPECT_THAT(cli({"tokenize", std::filesystem::path(kDemoModel) / "tokenizer.json", "--jsonl",
                   folder.write("m.jsonl", R"({"messages":[{"role":"user"}]})"
                                           "\n")})
                  .err,
              HasSubstr("chat template"));
}

} // namespace
} // namespace switchyard::tests
