#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/tokenizer/bpe.h"
#include "core/tokenizer/fields.h"
#include "core/tokenizer/utf8.h"

namespace switchyard::tokenizer {

using base::ErrorCode;
using base::fail;
using base::Result;

Result<Bpe> Bpe::parse(const nlohmann::json& json) {
  if (json.is_object() && json.contains("type") && json["type"] != "BPE")
    return fail(ErrorCode::Unsupported,
                fmt::format("model: type {} is not supported, only \"BPE\" is",
                            json["type"].is_string() ? json["type"].dump() : "other than a text"));
  const Fields fields = SY_TRY(
      Fields::of(json, "model",
                 {"type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix",
                  "fuse_unk", "byte_fallback", "ignore_merges", "vocab", "merges"}));
  const nlohmann::json* dropout = fields.find("dropout");
  if (dropout && !(dropout->is_number() && dropout->get<double>() == 0))
    return fields.error(ErrorCode::Unsupported, "dropout is not supported");
  for (const std::string_view key : {"continuing_subword_prefix", "end_of_word_suffix"})
    if (!SY_TRY(fields.text(key, std::string())).empty())
      return fields.error(ErrorCode::Unsupported, fmt::format("{} is not supported", key));

  Bpe bpe;
  bpe.m_fuseUnknown = SY_TRY(fields.boolean("fuse_unk", false));
  bpe.m_byteFallback = SY_TRY(fields.boolean("byte_fallback", false));
  bpe.m_ignoreMerges = SY_TRY(fields.boolean("ignore_merges", false));
  const nlohmann::json* vocabulary = fields.find("vocab");
  if (!vocabulary || !vocabulary->is_object())
    return fields.error(ErrorCode::InvalidFormat, "\"vocab\" is not an object");
  SY_TRY(bpe.readVocabulary(*vocabulary));
  SY_TRY(bpe.readMerges(*SY_TRY(fields.array("merges"))));
  const std::string unknown = SY_TRY(fields.text("unk_token", std::string()));
  if (fields.find("unk_token")) {
    bpe.m_unknown = bpe.m_vocabulary.find(unknown);
    if (bpe.m_unknown < 0)
      return fields.error(ErrorCode::InvalidFormat,
                          fmt::format("unk_token \"{}\" is not in the vocabulary", unknown));
  }
  bpe.findJoints();
  return bpe;
}

Result<void> Bpe::readVocabulary(const nlohmann::json& vocabulary) {
  for (const auto& item : vocabulary.items()) {
    if (!item.value().is_number_unsigned())
      return fail(
          ErrorCode::InvalidFormat,
          fmt::format("model.vocab: the id of \"{}\" is not a whole number from 0", item.key()));
    if (item.key().empty())
      return fail(ErrorCode::InvalidFormat, "model.vocab: a token has an empty text");
    auto added = m_vocabulary.add(item.key(), item.value().get<std::uint64_t>());
    if (!added)
      return fail(added.error().code, "model.vocab: " + added.error().message);
  }
  for (std::size_t value = 0; value < m_characters.size(); ++value) {
    std::string character;
    appendCodePoint(character, static_cast<char32_t>(value));
    m_characters[value] = m_vocabulary.find(character);
  }
  for (std::size_t byte = 0; byte < m_bytes.size(); ++byte)
    m_bytes[byte] = m_vocabulary.find(fmt::format("<0x{:02X}>", byte));
  return {};
}

Result<void> Bpe::readMerges(const nlohmann::json& merges) {
  m_merges = MergeTable(merges.size());
  m_mergeList.reserve(merges.size());
  std::uint32_t rank = 0;
  for (const nlohmann::json& merge : merges) {
    if (merge.type() != merges.front().type())
      return fail(ErrorCode::InvalidFormat,
                  fmt::format("model.merges[{}]: texts and pairs are mixed in one list", rank));
    if (merge.is_array()) {
      if (merge.size() != 2 || !merge[0].is_string() || !merge[1].is_string())
        return fail(ErrorCode::InvalidFormat,
                    fmt::format("model.merges[{}] is not a pair of texts", rank));
      SY_TRY(addMerge(merge[0].get_ref<const std::string&>(),
                      merge[1].get_ref<const std::string&>(), rank));
    } else if (merge.is_string()) {
      const std::string_view text = merge.get_ref<const std::string&>();
      if (text.starts_with("#version"))
        continue;
      const std::size_t space = text.find(' ');
      if (space == std::string_view::npos || text.find(' ', space + 1) != std::string_view::npos)
        return fail(ErrorCode::InvalidFormat,
                    fmt::format("model.merges[{}]: \"{}\" is not two tokens with a space between",
                                rank, text));
      SY_TRY(addMerge(text.substr(0, space), text.substr(space + 1), rank));
    } else {
      return fail(ErrorCode::InvalidFormat,
                  fmt::format("model.merges[{}] is neither a text nor a pair", rank));
    }
    ++rank;
  }
  return {};
}

Result<void> Bpe::addMerge(std::string_view left, std::string_view right, std::uint32_t rank) {
  std::string both(left);
  both += right;
  const std::array<std::int32_t, 3> ids = {m_vocabulary.find(left), m_vocabulary.find(right),
                                           m_vocabulary.find(both)};
  const std::array<std::string_view, 3> texts = {left, right, both};
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (ids[i] < 0)
      return fail(ErrorCode::InvalidFormat,
                  fmt::format("model.merges[{}]: \"{}\" is not in the vocabulary", rank, texts[i]));
  m_merges.set(ids[0], ids[1], {rank, ids[2]});
  m_mergeList.push_back(ids);
  return {};
}

void Bpe::findJoints() {
  const auto isUnspelled = [&](std::int32_t token) {
    return token == m_unknown || byteOf(token).has_value();
  };
  m_joints = MergeTable(m_mergeList.size());
  m_hasJoints = true;
  for (const auto& [left, right, result] : m_mergeList) {
    // Unknown and byte tokens stand for characters that are not in their text. Merges of those do
    // not happen in practice; the shortcut is then left alone.
    if (isUnspelled(left) || isUnspelled(right))
      m_hasJoints = false;
    const std::string_view leftText = *m_vocabulary.text(left);
    const std::string_view rightText = *m_vocabulary.text(right);
    const CodePoint last = codePointBefore(leftText, leftText.size());
    const CodePoint first = codePointAt(rightText, 0);
    const std::int32_t lastToken =
        characterToken(leftText.substr(leftText.size() - last.bytes), last.value);
    const std::int32_t firstToken = characterToken(rightText.substr(0, first.bytes), first.value);
    if (lastToken >= 0 && firstToken >= 0) // else one of them can never be built
      m_joints.set(lastToken, firstToken, {0, 0});
  }
  m_mergeList = {};
}

} // namespace switchyard::tokenizer
