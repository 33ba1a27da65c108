// The chat templates against transformers and Jinja2: tests/golden/chat-templates.

#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/tokenizer/chat_template/chat_template.h"
#include "core/tokenizer/tokenizer.h"

namespace switchyard::tokenizer {
namespace {

using Json = nlohmann::ordered_json;
const std::filesystem::path kGolden = std::filesystem::path(SY_TEST_DATA) / "golden/chat-templates";

Json readGolden(const std::string& name) {
  return Json::parse(std::ifstream(kGolden / (name + ".json")));
}

ChatInput inputOf(const Json& row) {
  ChatInput input;
  input.messages = row.value("messages", Json::array());
  input.tools = row.value("tools", Json());
  input.documents = row.value("documents", Json());
  input.addGenerationPrompt = row.value("add_generation_prompt", false);
  input.variables = row.value("variables", Json::object());
  input.now = {2031, 7, 4, 9, 5, 3};
  return input;
}

tl::expected<std::string, chat::Fault> render(const std::string& source, const ChatInput& input) {
  const auto parsed = ChatTemplate::parse(source);
  if (!parsed)
    return tl::unexpected<chat::Fault>(parsed.error());
  return parsed->render(input);
}

/// Expressions that this version refuses, as the vectors allow of rare ones.
const std::set<std::string> kRefused = {
    "{{ '<p>a <b>b</b></p>' | striptags }}",
    "{{ 1000000 | filesizeformat }}",
    "{{ [1, [2, 'x']] | pprint }}",
    "{{ 'one two three four' | wordwrap(9) }}",
    "{{ 'ß'.casefold() }}",
    "{{ 'a\\tb'.expandtabs(4) }}",
    "{{ 'é'.encode('utf-8') | length }}",
};

/// Likewise: a variable of this case is a whole number beyond 64 bits, which JSON readers make a
/// float of.
bool hasHugeNumber(const Json& row) {
  return row.at("name") == "control_characters";
}

void expectCase(const Json& row, const std::string& source, std::set<std::string>& refused) {
  SCOPED_TRACE(row.at("name").get<std::string>() + ": " + source.substr(0, 200));
  const auto text = render(source, inputOf(row));
  if (kRefused.contains(source) || hasHugeNumber(row)) {
    ASSERT_FALSE(text) << "it is rendered now; take it from the list";
    EXPECT_EQ(text.error().kind, chat::FaultKind::Unsupported);
    refused.insert(source);
    return;
  }
  if (row.contains("error")) {
    const Json& error = row.at("error");
    ASSERT_FALSE(text) << "rendered: " << *text;
    EXPECT_EQ(chat::name(text.error().kind), error.at("kind").get<std::string>())
        << text.error().message;
    if (error.at("kind") == "raised") {
      EXPECT_EQ(text.error().message, error.at("message").get<std::string>());
    }
    return;
  }
  ASSERT_TRUE(text) << chat::name(text.error().kind) << " at line " << text.error().line << ": "
                    << text.error().message;
  EXPECT_EQ(*text, row.at("expected").get<std::string>());
}

class ChatTemplateGolden : public ::testing::TestWithParam<const char*> {};

TEST_P(ChatTemplateGolden, EqualsTheReference) {
  const Json golden = readGolden(GetParam());
  ASSERT_FALSE(golden.at("cases").empty());
  std::set<std::string> refused;
  for (const Json& row : golden.at("cases"))
    expectCase(row, (row.contains("template") ? row : golden).at("template"), refused);
}

INSTANTIATE_TEST_SUITE_P(All, ChatTemplateGolden,
                         ::testing::Values("channels", "chatml-dashes", "chatml-default-system",
                                           "content-parts", "dates", "deepseek", "demo-model",
                                           "documents", "errors", "filters", "generation", "inst",
                                           "llama3-headers", "loops", "macros", "strings",
                                           "tests-operators", "think-strip", "tool-json",
                                           "whitespace"));

TEST(ChatTemplate, RefusesOnlyTheListed) {
  std::set<std::string> refused;
  for (const char* name : {"filters", "strings"}) {
    const Json golden = readGolden(name);
    for (const Json& row : golden.at("cases"))
      if (kRefused.contains(row.at("template").get<std::string>()))
        expectCase(row, row.at("template"), refused);
  }
  EXPECT_EQ(refused, kRefused);
}

TEST(ChatTemplate, EveryGoldenFileIsTested) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kGolden))
    if (entry.path().extension() == ".json")
      names.insert(entry.path().stem());
  EXPECT_EQ(names.size(), 21u) << "20 above, and hostile";
}

TEST(ChatTemplate, HostileTemplatesStop) {
  const Json golden = readGolden("hostile");
  ASSERT_EQ(golden.at("cases").size(), 22u);
  for (const Json& row : golden.at("cases")) {
    SCOPED_TRACE(row.at("name").get<std::string>());
    std::string source;
    for (const Json& part : row.at("template_parts"))
      for (int i = 0; i < part.at(1).get<int>(); ++i)
        source += part.at(0).get<std::string>();
    const auto start = std::chrono::steady_clock::now();
    const auto text = render(source, inputOf(row));
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    EXPECT_LT(seconds.count(), 30.0);
    if (!text) {
      EXPECT_FALSE(text.error().message.empty());
    }
  }
}

TEST(ChatTemplate, HostileTemplatesFailByTheirLimit) {
  const auto faultOf = [](const std::string& source) {
    const auto text = render(source, {});
    return text ? "rendered: " + *text : std::string(chat::name(text.error().kind));
  };
  EXPECT_EQ(faultOf("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}"
                    "{% endfor %}"),
            "limit");
  EXPECT_EQ(faultOf("{{ 'x' * 10000000000 }}"), "limit");
  EXPECT_EQ(faultOf("{{ 10 ** 10 ** 9 }}"), "limit");
  EXPECT_EQ(faultOf("{{ 'x' | center(10000000000) }}"), "limit");
  EXPECT_EQ(faultOf("{{ '%10000000000d' % 1 }}"), "limit");
  EXPECT_EQ(faultOf("{{ " + std::string(20000, '(') + "1" + std::string(20000, ')') + " }}"),
            "limit");
  // A list in a list, a hundred thousand times: neither built nor taken apart by recursion.
  EXPECT_EQ(faultOf("{% set ns = namespace(s=[]) %}{% for i in range(100000) %}"
                    "{% set ns.s = [ns.s] %}{% endfor %}"),
            "limit");
}

TEST(ChatTemplate, NamespacesThatHoldEachOtherAreFreed) {
  const auto text = render("{% set a = namespace() %}{% set b = namespace(a=a) %}"
                           "{% set a.b = b %}{% set a.self = a %}{{ a.b.a.b is defined }}",
                           {});
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "True");
}

TEST(ChatTemplate, WhatEscapesItsLoopStaysUsable) {
  const auto text = render("{% set ns = namespace() %}{% for i in [1, 2] %}{% set x = i * 10 %}"
                           "{% macro m() %}{{ x }}{% endmacro %}{% set ns.m = m %}"
                           "{% set ns.loop = loop %}{% set ns.cycle = loop.cycle %}{% endfor %}"
                           "{{ ns.m() }} {{ ns.loop.length }} {{ ns.cycle('a', 'b') }}",
                           {});
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_EQ(text->substr(0, 5), "20 2 ");
}

TEST(ChatTemplate, SaysTheLine) {
  const auto unknown = ChatTemplate::parse("a\nb\n{% teleport %}");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().line, 3);
  const auto raised = render("a\n{{ 'x' }}\n\n{{ nothing.at.all }}", {});
  ASSERT_FALSE(raised);
  EXPECT_EQ(raised.error().line, 4);
  EXPECT_EQ(describeFault(raised.error()).message, "chat template, line 4: 'nothing' is undefined");
}

TEST(ChatTemplate, DemoModelsIdsAreThoseOfTheReference) {
  const auto tokenizer =
      Tokenizer::load(std::filesystem::path(SY_DATA) / "demo-model/tokenizer.json");
  ASSERT_TRUE(tokenizer) << tokenizer.error().describe();
  const Json golden = readGolden("demo-model");
  for (const Json& row : golden.at("cases")) {
    SCOPED_TRACE(row.at("name").get<std::string>());
    const auto text = render(golden.at("template"), inputOf(row));
    ASSERT_TRUE(text);
    const auto ids = tokenizer->encode(*text);
    ASSERT_TRUE(ids);
    std::vector<std::int32_t> values;
    for (const base::TokenId id : *ids)
      values.push_back(id.value);
    EXPECT_EQ(values, row.at("ids").get<std::vector<std::int32_t>>());
  }
}

} // namespace
} // namespace switchyard::tokenizer
