// A chat template and a conversation for it. Input: the template; from the first NUL byte on, if
// there is one, the messages as JSON instead of the fixed ones.

#include <cstdint>
#include <string_view>

#include "core/tokenizer/chat_template/chat_template.h"
#include "core/tokenizer/utf8.h"
#include "tests/fuzz/require.h"

using namespace switchyard;

namespace {

nlohmann::ordered_json conversation() {
  return {{{"role", "system"}, {"content", "Be brief."}},
          {{"role", "user"}, {"content", "Gr\u00f6\u00dfe \U0001F600?"}},
          {{"role", "assistant"},
           {"content", "<think>a</think>b"},
           {"tool_calls",
            {{{"type", "function"},
              {"function", {{"name", "f"}, {"arguments", {{"x", 1.5}, {"y", nullptr}}}}}}}}},
          {{"role", "tool"}, {"content", {{{"type", "text"}, {"text", "c"}}}}}};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view source = input.substr(0, input.find('\0'));
  const auto parsed = tokenizer::ChatTemplate::parse(source);
  if (!parsed) {
    tests::require(!parsed.error().message.empty(), "a refused template says why");
    return 0;
  }
  tokenizer::ChatInput chat;
  chat.messages = conversation();
  if (source.size() < input.size()) {
    auto own = nlohmann::ordered_json::parse(input.substr(source.size() + 1), nullptr, false);
    if (!own.is_discarded())
      chat.messages = std::move(own);
  }
  for (const bool generates : {false, true}) {
    chat.addGenerationPrompt = generates;
    const auto text = parsed->render(chat);
    if (text)
      tests::require(!tokenizer::firstInvalidByte(*text), "the text is well-formed UTF-8");
    else
      tests::require(!text.error().message.empty(), "a failed rendering says why");
  }
  return 0;
}
