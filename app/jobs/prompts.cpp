#include "app/jobs/prompts.h"

#include <algorithm>
#include <limits>
#include <unordered_set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/jobs/fingerprint.h"
#include "core/base/file.h"
#include "core/base/json.h"

namespace switchyard::jobs {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

constexpr std::uint64_t kMaxBytes = 1u << 30;

Result<std::vector<base::TokenId>> readTokenIds(const nlohmann::json& value,
                                                const base::Where& where) {
  if (!value.is_array())
    return fail(ErrorCode::InvalidFormat, "\"token_ids\" is not a list of numbers", where);
  std::vector<base::TokenId> tokens;
  tokens.reserve(value.size());
  for (const auto& item : value) {
    if (!item.is_number_integer() || item < 0 || item > std::numeric_limits<std::int32_t>::max())
      return fail(ErrorCode::InvalidFormat,
                  fmt::format("\"token_ids\" holds {}, which is no token id", item.dump()), where);
    tokens.emplace_back(item.get<std::int32_t>());
  }
  return tokens;
}

Result<void> readJsonl(const std::filesystem::path& path, const std::string& content,
                       const ChatRenderer& render, std::vector<Prompt>& prompts) {
  return forEachRow(path, content, [&](const JsonlRow& row) -> Result<void> {
    Prompt prompt = SY_TRY(promptOfRow(row.json, row, render));
    prompt.source = fmt::format("{}:{}", path.filename().string(), row.line);
    if (prompt.id.empty())
      prompt.id = fmt::format("{}-{}", path.stem().string(), row.line);
    prompts.push_back(std::move(prompt));
    return {};
  });
}

/// The text of a row's conversation. Its keys leave `fields`.
Result<std::string> renderRow(const JsonlRow& row, const ChatRenderer& render,
                              nlohmann::json& fields) {
  if (!render)
    return fail(ErrorCode::Unsupported,
                "\"messages\" need a model's chat template, and none is used here; write the text "
                "that the template makes as \"text\"",
                row.where);
  const auto ordered = nlohmann::ordered_json::parse(row.text);
  nlohmann::ordered_json chat = nlohmann::ordered_json::object();
  for (const std::string_view key : kChatKeys)
    if (const auto found = ordered.find(std::string(key)); found != ordered.end()) {
      chat[std::string(key)] = *found;
      fields.erase(std::string(key));
    }
  auto text = render(chat);
  if (text)
    return std::move(*text);
  base::Error error = std::move(text).error();
  const std::string inner = error.where.describe();
  if (!inner.empty())
    error.message = inner + ": " + error.message;
  error.where = row.where;
  return tl::unexpected<base::Error>(std::move(error));
}

Result<std::vector<std::filesystem::path>> filesOf(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error))
    return std::vector{path};
  std::vector<std::filesystem::path> files;
  for (auto it = std::filesystem::directory_iterator(path, error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    const auto suffix = it->path().extension();
    if (suffix == ".jsonl" || suffix == ".txt")
      files.push_back(it->path());
  }
  if (error)
    return fail(ErrorCode::Io, fmt::format("cannot list the folder: {}", error.message()),
                {.file = path.string()});
  if (files.empty())
    return fail(ErrorCode::NotFound, "the folder holds no *.jsonl or *.txt file",
                {.file = path.string()});
  std::ranges::sort(files);
  return files;
}

} // namespace

Result<void> filterPrompts(PromptSet& set, const PromptFilter& filter, const base::Where& where) {
  if (filter.isEmpty())
    return {};
  std::size_t passed = 0;
  std::vector<Prompt> kept;
  for (Prompt& prompt : set.prompts) {
    if (!filter.label.empty()) {
      const auto label = prompt.labels.find(filter.label);
      if (label == prompt.labels.end() || label->second != filter.value)
        continue;
    }
    if (passed++ >= filter.skip && (filter.limit == 0 || kept.size() < filter.limit))
      kept.push_back(std::move(prompt));
  }
  if (kept.empty())
    return fail(ErrorCode::InvalidFormat,
                passed > 0 ? fmt::format("all {} documents are skipped", passed)
                           : fmt::format("no document in it has {}={}", filter.label, filter.value),
                where);
  set.prompts = std::move(kept);
  Fingerprint fingerprint;
  fingerprint.add(set.hash);
  fingerprint.add(filter.label);
  fingerprint.add(filter.value);
  fingerprint.add(fmt::format("{} {}", filter.skip, filter.limit));
  set.hash = fingerprint.hex();
  return {};
}

Result<Prompt> promptOfRow(const nlohmann::json& given, const JsonlRow& row,
                           const ChatRenderer& render) {
  const base::Where& where = row.where;
  if (!given.is_object())
    return fail(ErrorCode::InvalidFormat, "the row is not a JSON object", where);
  Prompt prompt;
  prompt.source = where.file;
  nlohmann::json fields = given;
  const std::string textKey = fields.contains("text") ? "text" : "prompt";
  if (fields.contains("messages")) {
    if (fields.contains(textKey) || fields.contains("token_ids"))
      return fail(ErrorCode::InvalidFormat,
                  "the row has \"messages\" besides text or \"token_ids\"; give one of them",
                  where);
    prompt.text = SY_TRY(renderRow(row, render, fields));
    prompt.isChat = true;
  }
  for (const auto& item : fields.items()) {
    const std::string& key = item.key();
    const nlohmann::json& value = item.value();
    if (key == "token_ids") {
      prompt.tokens = SY_TRY(readTokenIds(value, where));
      prompt.hasTokens = true;
    } else if (key == textKey || key == "id") {
      if (!value.is_string())
        return fail(ErrorCode::InvalidFormat, fmt::format("\"{}\" is not a string", key), where);
      (key == "id" ? prompt.id : prompt.text) = value.get<std::string>();
    } else if (value.is_string()) {
      prompt.labels[key] = value.get<std::string>();
    } else if (value.is_number() || value.is_boolean()) {
      prompt.labels[key] = value.dump();
    } else {
      return fail(ErrorCode::InvalidFormat,
                  fmt::format("label \"{}\" is neither a string nor a number nor a boolean", key),
                  where);
    }
  }
  if (!prompt.isChat && fields.contains(textKey) == prompt.hasTokens)
    return fail(ErrorCode::InvalidFormat,
                prompt.hasTokens
                    ? "the row has both text and \"token_ids\"; give one of them"
                    : "the row has neither \"text\" nor \"messages\" nor \"token_ids\"",
                where);
  if (prompt.hasTokens && prompt.tokens.empty())
    return fail(ErrorCode::InvalidFormat, "\"token_ids\" is empty", where);
  if (!prompt.hasTokens && prompt.text.empty())
    return fail(ErrorCode::InvalidFormat, "the text is empty", where);
  return prompt;
}

Result<void> forEachRow(const std::filesystem::path& path, const std::string& content,
                        const RowVisitor& visit) {
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < content.size();) {
    const std::size_t end = std::min(content.find('\n', begin), content.size());
    const std::string line = content.substr(begin, end - begin);
    begin = end + 1;
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos)
      continue;
    base::Where where;
    where.file = fmt::format("{}:{}", path.string(), number);
    const nlohmann::json row = SY_TRY(base::parseJson(line, {}, where));
    SY_TRY(visit({row, line, number, where}));
  }
  return {};
}

Result<PromptSet> readPrompts(const std::filesystem::path& path, const ChatRenderer& render) {
  PromptSet set;
  Fingerprint fingerprint;
  std::uint64_t budget = kMaxBytes;
  for (const std::filesystem::path& file : SY_TRY(filesOf(path))) {
    const std::string content = SY_TRY(base::readTextFile(file, budget));
    budget -= content.size();
    fingerprint.add(file.filename().string());
    fingerprint.add(content);
    if (file.extension() == ".jsonl") {
      SY_TRY(readJsonl(file, content, render, set.prompts));
    } else if (!content.empty()) {
      Prompt prompt;
      prompt.id = file.stem().string();
      prompt.source = file.filename().string();
      prompt.text = content;
      set.prompts.push_back(std::move(prompt));
    }
  }
  if (set.prompts.empty())
    return fail(ErrorCode::InvalidFormat, "there is no text in it", {.file = path.string()});
  std::unordered_set<std::string> ids;
  for (const Prompt& prompt : set.prompts)
    if (!ids.insert(prompt.id).second)
      return fail(ErrorCode::InvalidFormat,
                  fmt::format("id \"{}\" appears twice; ids tell sequences apart", prompt.id),
                  {.file = path.string()});
  for (const Prompt& prompt : set.prompts)
    if (prompt.isChat) // the same rows make other texts with another template
      fingerprint.add(prompt.text);
  set.hash = fingerprint.hex();
  return set;
}

Result<PromptSet> readAllPrompts(const std::vector<std::string>& paths,
                                 const ChatRenderer& render) {
  PromptSet all;
  Fingerprint fingerprint;
  std::unordered_set<std::string> ids;
  for (const std::string& path : paths) {
    PromptSet set = SY_TRY(readPrompts(path, render));
    fingerprint.add(set.hash);
    for (Prompt& prompt : set.prompts) {
      if (!ids.insert(prompt.id).second) {
        prompt.id = fmt::format("{}:{}", path, prompt.id);
        if (!ids.insert(prompt.id).second)
          return fail(ErrorCode::InvalidArgument, "the file is named twice", {.file = path});
      }
      all.prompts.push_back(std::move(prompt));
    }
  }
  all.hash = fingerprint.hex();
  return all;
}

} // namespace switchyard::jobs
