#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/tokenizer/byte_alphabet.h"
#include "core/tokenizer/fields.h"
#include "core/tokenizer/tokenizer.h"
#include "core/tokenizer/tokenizer_parts.h"
#include "core/tokenizer/utf8.h"

namespace switchyard::tokenizer {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

/// Fills in what Tokenizer::bytes() gives out.
void makeDisplay(TokenizerParts& parts) {
  std::int32_t limit = parts.model.vocabulary().idLimit();
  parts.size = parts.model.vocabulary().size();
  for (const AddedToken& token : parts.added.tokens()) {
    limit = std::max(limit, token.id + 1);
    parts.size += parts.model.vocabulary().text(token.id) ? 0 : 1;
  }
  const bool byteLevel = parts.preTokenizers.byteLevel || parts.decoder.byteLevel();
  const std::u32string spaces =
      parts.preTokenizers.spaceReplacements + parts.decoder.spaceReplacements();
  std::string& out = parts.displayBytes;
  for (std::int32_t id = 0; id < limit; ++id) {
    parts.displayOffsets.push_back(static_cast<std::uint32_t>(out.size()));
    const std::string_view token = parts.token(id);
    const auto byte = parts.model.byteOf(id);
    if (parts.added.find(id))
      out += token;
    else if (byteLevel)
      appendBehindByteCharacters(out, token);
    else if (byte)
      out.push_back(static_cast<char>(*byte));
    else
      for (std::size_t at = 0; at < token.size();) {
        const CodePoint c = codePointAt(token, at);
        at += c.bytes;
        appendCodePoint(out, spaces.find(c.value) != std::u32string::npos ? U' ' : c.value);
      }
  }
  parts.displayOffsets.push_back(static_cast<std::uint32_t>(out.size()));
}

Result<void> checkTemplate(const TokenizerParts& parts) {
  for (const auto* side : {&parts.postProcessor.before, &parts.postProcessor.behind})
    for (const base::TokenId id : *side)
      if (parts.token(id.value).empty())
        return fail(ErrorCode::InvalidFormat,
                    fmt::format("post_processor: there is no token with id {}", id.value));
  return {};
}

Result<std::shared_ptr<const TokenizerParts>> parse(const nlohmann::json& json) {
  const Fields fields =
      SY_TRY(Fields::of(json, "tokenizer.json",
                        {"version", "truncation", "padding", "added_tokens", "normalizer",
                         "pre_tokenizer", "post_processor", "decoder", "model"}));
  const std::string version = SY_TRY(fields.text("version"));
  if (version != "1.0")
    return fields.error(ErrorCode::Unsupported,
                        fmt::format("version \"{}\" is not supported, only \"1.0\" is", version));
  for (const std::string_view key : {"truncation", "padding"})
    if (fields.find(key))
      return fields.error(ErrorCode::Unsupported,
                          fmt::format("option \"{}\" is not supported, set it to null", key));
  const nlohmann::json none;
  const auto part = [&](std::string_view key) -> const nlohmann::json& {
    const nlohmann::json* found = fields.find(key);
    return found ? *found : none;
  };
  auto parts = std::make_shared<TokenizerParts>();
  parts->model = SY_TRY(Bpe::parse(part("model")));
  parts->normalizers = SY_TRY(parseNormalizers(part("normalizer")));
  parts->preTokenizers = SY_TRY(parsePreTokenizers(part("pre_tokenizer")));
  parts->postProcessor = SY_TRY(parseTemplate(part("post_processor")));
  parts->decoder = SY_TRY(Decoder::parse(part("decoder")));
  parts->added = SY_TRY(
      AddedTokens::parse(part("added_tokens"), parts->model.vocabulary(), parts->normalizers));
  makeDisplay(*parts);
  SY_TRY(checkTemplate(*parts));
  return std::shared_ptr<const TokenizerParts>(std::move(parts));
}

} // namespace

Result<Tokenizer> Tokenizer::load(const std::filesystem::path& path) {
  const std::string text = SY_TRY(base::readTextFile(path, kMaxFileBytes));
  return fromJson(text, path.string());
}

Result<Tokenizer> Tokenizer::fromJson(std::string_view json, std::string source) {
  const nlohmann::json document =
      SY_TRY(base::parseJson(json, {.maxBytes = kMaxFileBytes}, {.file = source}));
  auto parts = parse(document);
  if (!parts) {
    parts.error().where.file = std::move(source);
    return tl::unexpected<base::Error>(std::move(parts).error());
  }
  return Tokenizer(std::move(*parts));
}

} // namespace switchyard::tokenizer
