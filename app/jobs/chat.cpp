#include "app/jobs/chat.h"

#include <algorithm>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "core/base/file.h"
#include "core/base/json.h"

namespace switchyard::jobs {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using Json = nlohmann::ordered_json;

constexpr std::uint64_t kMaxBytes = 64u << 20;

/// The text of a template and the file that has it.
struct Source {
  std::string text;
  std::string file;
};

Result<Json> parseOrdered(const std::string& text, const std::string& file) {
  // The strict reader finds what is wrong and where; this one keeps the order.
  SY_TRY(base::parseJson(text, {}, {.file = file}));
  return Json::parse(text);
}

Result<Json> tokenizerConfig(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error))
    return Json::object();
  Json config = SY_TRY(parseOrdered(SY_TRY(base::readTextFile(path, kMaxBytes)), path.string()));
  if (!config.is_object())
    return fail(ErrorCode::InvalidFormat, "it is no JSON object", {.file = path.string()});
  return config;
}

Result<Source> findTemplate(const std::filesystem::path& folder, const Json& config) {
  std::error_code error;
  const std::filesystem::path own = folder / "chat_template.jinja";
  if (std::filesystem::exists(own, error))
    return Source{SY_TRY(base::readTextFile(own, tokenizer::ChatTemplate::kMaxBytes)),
                  own.string()};
  const std::string file = (folder / "tokenizer_config.json").string();
  const auto found = config.find("chat_template");
  if (found == config.end() || found->is_null())
    return fail(
        ErrorCode::NotFound,
        "this checkpoint has no chat template (chat_template.jinja, or \"chat_template\" in "
        "tokenizer_config.json); write the prompt as text instead of \"messages\"",
        {.file = folder.string()});
  if (found->is_string())
    return Source{found->get<std::string>(), file};
  if (found->is_array())
    for (const Json& named : *found)
      if (named.is_object() && named.value("name", Json()) == "default" &&
          named.contains("template") && named["template"].is_string())
        return Source{named["template"].get<std::string>(), file};
  return fail(ErrorCode::InvalidFormat,
              "\"chat_template\" is neither a text nor a list with a template named \"default\"",
              {.file = file});
}

/// bos_token and its like: texts, or objects with "content".
Json specialTokens(const Json& config) {
  Json tokens = Json::object();
  for (const char* name : {"bos_token", "eos_token", "unk_token", "sep_token", "pad_token",
                           "cls_token", "mask_token"}) {
    const auto found = config.find(name);
    if (found == config.end())
      continue;
    if (found->is_string())
      tokens[name] = *found;
    else if (found->is_object() && found->contains("content") && (*found)["content"].is_string())
      tokens[name] = (*found)["content"];
  }
  return tokens;
}

base::Error inFile(const tokenizer::chat::Fault& fault, const std::string& file) {
  base::Error error = tokenizer::describeFault(fault);
  error.where.file = file;
  return error;
}

Result<void> checkMessages(const Json& messages) {
  if (!messages.is_array() || messages.empty())
    return fail(ErrorCode::InvalidFormat, "\"messages\" is not a list of at least one message");
  for (const Json& message : messages)
    if (!message.is_object() || !message.contains("role") || !message["role"].is_string())
      return fail(ErrorCode::InvalidFormat,
                  "a message is not an object with a \"role\" and a \"content\"");
  return {};
}

Result<void> checkList(const Json& value, const char* name) {
  if (!value.is_array() && !value.is_null())
    return fail(ErrorCode::InvalidFormat, fmt::format("\"{}\" is not a list", name));
  return {};
}

} // namespace

Result<Chat> Chat::load(const std::filesystem::path& modelFolder) {
  const Json config = SY_TRY(tokenizerConfig(modelFolder / "tokenizer_config.json"));
  Source source = SY_TRY(findTemplate(modelFolder, config));
  auto parsed = tokenizer::ChatTemplate::parse(source.text);
  if (!parsed)
    return tl::unexpected<base::Error>(inFile(parsed.error(), source.file));
  return Chat(std::move(*parsed), specialTokens(config), std::move(source.file));
}

Result<std::string> Chat::render(const Json& chat) const {
  if (!chat.is_object() || !chat.contains("messages"))
    return fail(ErrorCode::InvalidFormat, "there are no \"messages\"");
  tokenizer::ChatInput input;
  input.messages = chat["messages"];
  SY_TRY(checkMessages(input.messages));
  input.tools = chat.value("tools", Json());
  input.documents = chat.value("documents", Json());
  SY_TRY(checkList(input.tools, "tools"));
  SY_TRY(checkList(input.documents, "documents"));
  const Json generates = chat.value("add_generation_prompt", Json());
  if (!generates.is_null() && !generates.is_boolean())
    return fail(ErrorCode::InvalidFormat, "\"add_generation_prompt\" is neither true nor false");
  input.addGenerationPrompt =
      generates.is_boolean() ? generates.get<bool>() : input.messages.back()["role"] != "assistant";
  input.variables = m_variables;
  const Json more = chat.value("chat_template_kwargs", Json::object());
  if (!more.is_object())
    return fail(ErrorCode::InvalidFormat, "\"chat_template_kwargs\" is not an object");
  for (const auto& item : more.items())
    input.variables[item.key()] = item.value();
  input.now = tokenizer::chat::LocalTime::current();
  auto text = m_template.render(input);
  if (!text)
    return tl::unexpected<base::Error>(inFile(text.error(), m_file));
  return std::move(*text);
}

ChatRenderer chatRenderer(std::filesystem::path modelFolder) {
  const auto loaded = std::make_shared<std::optional<Chat>>();
  return [folder = std::move(modelFolder), loaded](const Json& chat) -> Result<std::string> {
    if (!*loaded)
      *loaded = SY_TRY(Chat::load(folder));
    return (*loaded)->render(chat);
  };
}

Result<Json> readChat(const std::filesystem::path& path) {
  Json chat = SY_TRY(parseOrdered(SY_TRY(base::readTextFile(path, kMaxBytes)), path.string()));
  if (chat.is_array())
    return Json{{"messages", std::move(chat)}};
  if (!chat.is_object() || !chat.contains("messages"))
    return fail(ErrorCode::InvalidFormat,
                "it is neither a list of messages nor an object with \"messages\"",
                {.file = path.string()});
  for (const auto& item : chat.items())
    if (std::ranges::find(kChatKeys, item.key()) == std::end(kChatKeys))
      return fail(ErrorCode::InvalidFormat,
                  fmt::format("\"{}\" is no part of a conversation (messages, tools, documents, "
                              "add_generation_prompt, chat_template_kwargs)",
                              item.key()),
                  {.file = path.string()});
  return chat;
}

Result<std::string> renderChatFile(const std::filesystem::path& path, const ChatRenderer& render) {
  auto text = render(SY_TRY(readChat(path)));
  if (!text && text.error().where.file.empty())
    text.error().where.file = path.string();
  return text;
}

Json userMessage(const std::string& text) {
  return {{"messages", Json::array({{{"role", "user"}, {"content", text}}})}};
}

} // namespace switchyard::jobs
