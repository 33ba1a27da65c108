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
                       std::vector<Prompt>& prompts) {
  return forEachRow(path, content,
                    [&](const nlohmann::json& row, std::size_t line,
                        const base::Where& where) -> Result<void> {
                      Prompt prompt = SY_TRY(promptOfRow(row, where));
                      prompt.source = fmt::format("{}:{}", path.filename().string(), line);
                      if (prompt.id.empty())
                        prompt.id = fmt::format("{}-{}", path.stem().string(), line);
                      prompts.push_back(std::move(prompt));
                      return {};
                    });
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

Result<Prompt> promptOfRow(const nlohmann::json& row, const base::Where& where) {
  if (!row.is_object())
    return fail(ErrorCode::InvalidFormat, "the row is not a JSON object", where);
  Prompt prompt;
  prompt.source = where.file;
  const std::string textKey = row.contains("text") ? "text" : "prompt";
  for (const auto& item : row.items()) {
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
  if (row.contains(textKey) == prompt.hasTokens)
    return fail(ErrorCode::InvalidFormat,
                prompt.hasTokens ? "the row has both text and \"token_ids\"; give one of them"
                                 : "the row has neither \"text\" nor \"token_ids\"",
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
    SY_TRY(visit(row, number, where));
  }
  return {};
}

Result<PromptSet> readPrompts(const std::filesystem::path& path) {
  PromptSet set;
  Fingerprint fingerprint;
  std::uint64_t budget = kMaxBytes;
  for (const std::filesystem::path& file : SY_TRY(filesOf(path))) {
    const std::string content = SY_TRY(base::readTextFile(file, budget));
    budget -= content.size();
    fingerprint.add(file.filename().string());
    fingerprint.add(content);
    if (file.extension() == ".jsonl") {
      SY_TRY(readJsonl(file, content, set.prompts));
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
  set.hash = fingerprint.hex();
  return set;
}

Result<PromptSet> readAllPrompts(const std::vector<std::string>& paths) {
  PromptSet all;
  Fingerprint fingerprint;
  std::unordered_set<std::string> ids;
  for (const std::string& path : paths) {
    PromptSet set = SY_TRY(readPrompts(path));
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
