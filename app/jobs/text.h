#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/jobs/prompts.h"
#include "core/tokenizer/tokenizer.h"

namespace switchyard::jobs {

/// The tokenizer.json of a checkpoint folder. Error NotFound says that only token_ids can be run.
base::Result<tokenizer::Tokenizer> loadTokenizer(const std::filesystem::path& modelFolder);

/// A piece of a document that fits the context.
struct Window {
  std::size_t prompt = 0; ///< index in the prompt set
  std::string id;         ///< the document's id; "<id>#<n>" from its second window on
  std::string text;       ///< the document's text in its first window, else empty
  std::vector<base::TokenId> tokens;
};

/// Tokenizes prompts and cuts them into consecutive windows of at most `length` tokens. Nothing is
/// left out. tokenizer may be null if every prompt has token ids.
/// Errors: the tokenizer's; NotFound when text needs a tokenizer that is not there.
base::Result<std::vector<Window>> makeWindows(const std::vector<Prompt>& prompts,
                                              const tokenizer::Tokenizer* tokenizer,
                                              bool addTemplate, std::int64_t length);

/// Loads the tokenizer only if some prompt is text.
base::Result<std::optional<tokenizer::Tokenizer>>
tokenizerFor(const std::filesystem::path& modelFolder, const std::vector<Prompt>& prompts);

} // namespace switchyard::jobs
