#include "app/jobs/text.h"

#include <algorithm>

#include <fmt/format.h>

namespace switchyard::jobs {

using base::ErrorCode;
using base::Result;

Result<tokenizer::Tokenizer> loadTokenizer(const std::filesystem::path& modelFolder) {
  const std::filesystem::path path = modelFolder / "tokenizer.json";
  std::error_code error;
  if (!std::filesystem::exists(path, error))
    return base::fail(ErrorCode::NotFound,
                      "the checkpoint has no tokenizer.json; without it only rows with "
                      "\"token_ids\" can be run",
                      {.file = path.string()});
  return tokenizer::Tokenizer::load(path);
}

Result<std::optional<tokenizer::Tokenizer>> tokenizerFor(const std::filesystem::path& modelFolder,
                                                         const std::vector<Prompt>& prompts) {
  if (std::ranges::all_of(prompts, [](const Prompt& prompt) { return prompt.hasTokens; }))
    return std::optional<tokenizer::Tokenizer>();
  return std::optional<tokenizer::Tokenizer>(SY_TRY(loadTokenizer(modelFolder)));
}

Result<std::vector<Window>> makeWindows(const std::vector<Prompt>& prompts,
                                        const tokenizer::Tokenizer* tokenizer, bool addTemplate,
                                        std::int64_t length) {
  std::vector<Window> windows;
  for (std::size_t index = 0; index < prompts.size(); ++index) {
    const Prompt& prompt = prompts[index];
    std::vector<base::TokenId> tokens = prompt.tokens;
    if (!prompt.hasTokens) {
      if (!tokenizer)
        return base::fail(ErrorCode::NotFound, "this text needs a tokenizer, and there is none",
                          {.file = prompt.source});
      auto encoded = tokenizer->encode(prompt.text, {.addTemplate = addTemplate && !prompt.isChat});
      if (!encoded) {
        encoded.error().where.file = prompt.source;
        return tl::unexpected<base::Error>(std::move(encoded).error());
      }
      tokens = std::move(*encoded);
    }
    if (tokens.empty())
      return base::fail(ErrorCode::InvalidFormat, "the text gives no tokens",
                        {.file = prompt.source});
    const auto total = static_cast<std::int64_t>(tokens.size());
    for (std::int64_t begin = 0; begin < total; begin += length) {
      const std::int64_t end = std::min(total, begin + length);
      Window window;
      window.prompt = index;
      window.id = begin == 0 ? prompt.id : fmt::format("{}#{}", prompt.id, begin / length);
      window.text = begin == 0 ? prompt.text : std::string();
      window.tokens.assign(tokens.begin() + begin, tokens.begin() + end);
      windows.push_back(std::move(window));
    }
  }
  return windows;
}

} // namespace switchyard::jobs
