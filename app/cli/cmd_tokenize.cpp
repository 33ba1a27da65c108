#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/verb.h"
#include "app/jobs/chat.h"
#include "app/jobs/prompts.h"
#include "app/jobs/text.h"
#include "core/base/file.h"
#include "core/tokenizer/tokenizer.h"

namespace switchyard::cli {

namespace {

constexpr std::uint64_t kMaxTextBytes = 1u << 30;

struct Options {
  CommonOptions common;
  std::string tokenizer;
  std::string text;
  std::string file;
  std::string jsonl;
  std::string chat;
  bool specialAsText = false;
  bool addTemplate = false;
};

base::Result<tokenizer::Tokenizer> open(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    return jobs::loadTokenizer(path);
  return tokenizer::Tokenizer::load(path);
}

base::Result<std::vector<jobs::Prompt>> readTexts(const Options& options, bool textGiven) {
  std::error_code error;
  jobs::ChatRenderer render;
  if (std::filesystem::is_directory(options.tokenizer, error))
    render = jobs::chatRenderer(options.tokenizer);
  if (!options.chat.empty()) {
    if (!render)
      return base::fail(base::ErrorCode::InvalidArgument,
                        "--chat needs a checkpoint folder, whose chat template it uses");
    jobs::Prompt prompt;
    prompt.id = std::filesystem::path(options.chat).stem().string();
    prompt.source = options.chat;
    prompt.text = SY_TRY(jobs::renderChatFile(options.chat, render));
    prompt.isChat = true;
    return std::vector{std::move(prompt)};
  }
  if (!options.jsonl.empty()) {
    jobs::PromptSet set = SY_TRY(jobs::readPrompts(options.jsonl, render));
    for (const jobs::Prompt& prompt : set.prompts)
      if (prompt.hasTokens)
        return base::fail(base::ErrorCode::InvalidFormat, "the row has token_ids, there is no text",
                          {.file = prompt.source});
    return std::move(set.prompts);
  }
  jobs::Prompt prompt;
  prompt.id = "text";
  prompt.text = options.text;
  if (!textGiven) {
    prompt.id = std::filesystem::path(options.file).stem().string();
    prompt.source = options.file;
    prompt.text = SY_TRY(base::readTextFile(options.file, kMaxTextBytes));
  }
  return std::vector{std::move(prompt)};
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes)
    text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

/// Bytes for a terminal: printable ASCII and valid UTF-8 as they are, the rest as \xNN.
std::string visible(std::string_view bytes) {
  const std::string quoted = nlohmann::json(std::string(bytes))
                                 .dump(-1, ' ', false, nlohmann::json::error_handler_t::ignore);
  if (nlohmann::json::parse(quoted) == std::string(bytes))
    return quoted;
  std::string text = "<";
  for (const char byte : bytes)
    text += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
  return text + ">";
}

void print(const jobs::Prompt& prompt, const std::vector<base::TokenId>& ids,
           const tokenizer::Tokenizer& tokenizer, bool json) {
  if (json) {
    nlohmann::json row = {
        {"id", prompt.id}, {"ids", nlohmann::json::array()}, {"bytes", nlohmann::json::array()}};
    if (prompt.isChat)
      row["text"] = prompt.text;
    for (const base::TokenId id : ids) {
      row["ids"].push_back(id.value);
      row["bytes"].push_back(hex(tokenizer.bytes(id)));
    }
    fmt::print("{}\n", row.dump());
    return;
  }
  fmt::print("{}: {} tokens\n", prompt.id, ids.size());
  for (const base::TokenId id : ids)
    fmt::print("{:>8}  {}{}\n", id.value, visible(tokenizer.bytes(id)),
               tokenizer.isSpecial(id) ? "  (special)" : "");
}

base::Result<int> run(const Options& options, bool textGiven, const Run& run) {
  if (textGiven + !options.file.empty() + !options.jsonl.empty() + !options.chat.empty() != 1)
    return base::fail(base::ErrorCode::InvalidArgument,
                      "give one of --text, a text FILE, --chat FILE, or --jsonl FILE");
  const tokenizer::Tokenizer tokenizer = SY_TRY(open(options.tokenizer));
  tokenizer::EncodeOptions encode{.addTemplate = options.addTemplate,
                                  .addedTokens = options.specialAsText
                                                     ? tokenizer::AddedTokenMatching::NotSpecial
                                                     : tokenizer::AddedTokenMatching::All};
  for (const jobs::Prompt& prompt : SY_TRY(readTexts(options, textGiven))) {
    if (run.stop.stop_requested())
      return base::fail(base::ErrorCode::Cancelled, "stopped on request");
    encode.addTemplate = options.addTemplate && !prompt.isChat;
    auto ids = tokenizer.encode(prompt.text, encode);
    if (!ids) {
      ids.error().where.file = prompt.source.empty() ? prompt.id : prompt.source;
      return tl::unexpected<base::Error>(std::move(ids).error());
    }
    print(prompt, *ids, tokenizer, options.common.json);
  }
  return kOk;
}

} // namespace

void addTokenize(VerbSet& verbs) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      verbs.add("tokenize", "Token ids and byte-exact pieces of a text",
                "  switchyard tokenize data/demo-model --text 'Q: 47+85=? A:'\n"
                "  switchyard tokenize tokenizer.json notes.txt\n"
                "  switchyard tokenize data/demo-model --jsonl data/prompts/domains.jsonl --json");
  verb->add_option("tokenizer", options->tokenizer, "Checkpoint folder or tokenizer.json")
      ->required();
  verb->add_option("file", options->file, "Text file");
  const CLI::Option* text = verb->add_option("--text", options->text, "The text itself");
  verb->add_option("--chat", options->chat,
                   "JSON file with a conversation, written by the checkpoint's chat template");
  verb->add_option("--jsonl", options->jsonl,
                   "JSONL file with a \"text\" or \"messages\" in each row");
  verb->add_flag("--special-as-text", options->specialAsText,
                 "Do not recognise control tokens in the text");
  verb->add_flag("--template", options->addTemplate, "Add the tokenizer's BOS and EOS");
  verb->add_flag(
      "--json", options->common.json,
      "One JSON object a text: id, ids, bytes (hexadecimal), the text of a conversation");
  verbs.body(verb, [options, text](const Run& r) { return run(*options, text->count() > 0, r); });
}

} // namespace switchyard::cli
