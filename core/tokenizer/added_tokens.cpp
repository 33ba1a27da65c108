#include "core/tokenizer/added_tokens.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/tokenizer/fields.h"
#include "core/tokenizer/unicode_class.h"
#include "core/tokenizer/utf8.h"

namespace switchyard::tokenizer {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kMaxContent = 512;

Result<AddedToken> parseToken(const nlohmann::json& json, const std::string& path) {
  const Fields fields = SY_TRY(Fields::of(
      json, path, {"id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"}));
  AddedToken token;
  token.content = SY_TRY(fields.text("content"));
  token.special = SY_TRY(fields.boolean("special", false));
  token.singleWord = SY_TRY(fields.boolean("single_word", false));
  token.lstrip = SY_TRY(fields.boolean("lstrip", false));
  token.rstrip = SY_TRY(fields.boolean("rstrip", false));
  token.normalized = SY_TRY(fields.boolean("normalized", !token.special));
  return token;
}

} // namespace

Result<TextSet> TextSet::of(const std::vector<std::pair<std::string, std::int32_t>>& items) {
  TextSet set;
  set.m_items = items;
  for (const auto& item : items)
    if (item.first.size() > kMaxContent)
      return fail(ErrorCode::LimitExceeded,
                  fmt::format("an added token of {} bytes; at most {} are accepted",
                              item.first.size(), kMaxContent));
  std::ranges::stable_sort(set.m_items, {}, &std::pair<std::string, std::int32_t>::first);
  const auto repeated =
      std::unique(set.m_items.begin(), set.m_items.end(),
                  [](const auto& a, const auto& b) { return a.first == b.first; });
  set.m_items.erase(repeated, set.m_items.end());
  std::uint32_t next = 0;
  for (std::size_t byte = 0; byte < 256; ++byte) {
    set.m_first[byte] = next;
    while (next < set.m_items.size() &&
           static_cast<std::uint8_t>(set.m_items[next].first[0]) == byte)
      ++next;
  }
  set.m_first[256] = next;
  return set;
}

TextSet::Hit TextSet::find(std::string_view text, std::size_t from) const {
  if (m_items.empty())
    return {};
  for (std::size_t begin = from; begin < text.size(); ++begin) {
    const auto byte = static_cast<std::uint8_t>(text[begin]);
    // [low, high): the items that agree with the text so far; sorted, so the shortest is first.
    std::size_t low = m_first[byte];
    std::size_t high = m_first[byte + 1u];
    Hit hit;
    for (std::size_t length = 1; low < high; ++length) {
      if (m_items[low].first.size() == length) {
        hit = {begin, begin + length, m_items[low].second};
        ++low;
      }
      if (begin + length >= text.size())
        break;
      const auto next = static_cast<std::uint8_t>(text[begin + length]);
      const auto byteOf = [&](const auto& item) {
        return static_cast<std::uint8_t>(item.first[length]);
      };
      const auto first = m_items.begin() + static_cast<std::ptrdiff_t>(low);
      const auto last = m_items.begin() + static_cast<std::ptrdiff_t>(high);
      low = static_cast<std::size_t>(
          std::ranges::lower_bound(first, last, next, std::ranges::less(), byteOf) -
          m_items.begin());
      high = static_cast<std::size_t>(
          std::ranges::upper_bound(first, last, next, std::ranges::less(), byteOf) -
          m_items.begin());
    }
    if (hit.value >= 0)
      return hit;
  }
  return {};
}

Result<AddedTokens> AddedTokens::parse(const nlohmann::json& json, const Vocabulary& vocabulary,
                                       const Normalizers& normalizers) {
  AddedTokens added;
  if (json.is_null())
    return added;
  if (!json.is_array())
    return fail(ErrorCode::InvalidFormat, "added_tokens is not a list");

  std::vector<AddedToken> entries;
  EncodeBudget budget(json.size() * kMaxContent);
  std::set<std::string, std::less<>> specials;
  for (std::size_t i = 0; i < json.size(); ++i) {
    entries.push_back(SY_TRY(parseToken(json[i], fmt::format("added_tokens[{}]", i))));
    AddedToken& entry = entries.back();
    if (entry.content.empty()) {
      entries.pop_back();
      continue;
    }
    NormalizedText pattern{entry.content, true};
    if (entry.normalized)
      SY_TRY(normalize(normalizers, pattern, budget));
    if (pattern.text.empty())
      return fail(ErrorCode::Unsupported,
                  fmt::format("added_tokens[{}]: the normalizer leaves nothing of \"{}\"", i,
                              entry.content));
    entry.pattern = std::move(pattern.text);
    if (entry.special)
      specials.insert(entry.content);
  }

  std::map<std::string, std::size_t, std::less<>> known; // content -> index in m_tokens
  const auto size = static_cast<std::int64_t>(vocabulary.size());
  std::int64_t highest = -1; // of all ids given so far
  for (AddedToken& entry : entries) {
    entry.special = specials.contains(entry.content);
    const auto earlier = known.find(entry.content);
    if (earlier != known.end()) {
      entry.id = added.m_tokens[earlier->second].id;
      added.m_tokens[earlier->second] = entry;
      continue;
    }
    entry.id = vocabulary.find(entry.content);
    if (entry.id < 0) {
      entry.id = static_cast<std::int32_t>(std::max(size, highest + 1));
      if (entry.id >= Vocabulary::kMaxIds)
        return fail(ErrorCode::LimitExceeded,
                    fmt::format("added_tokens: more than {} tokens", Vocabulary::kMaxIds));
      if (const auto taken = vocabulary.text(entry.id))
        return fail(ErrorCode::InvalidFormat,
                    fmt::format("added_tokens: \"{}\" gets id {}, which the vocabulary gives to "
                                "\"{}\": its ids have gaps",
                                entry.content, entry.id, *taken));
    }
    highest = std::max<std::int64_t>(highest, entry.id);
    known.emplace(entry.content, added.m_tokens.size());
    added.m_tokens.push_back(entry);
  }

  added.m_indexById.assign(static_cast<std::size_t>(highest + 1), -1);
  for (std::size_t i = 0; i < added.m_tokens.size(); ++i)
    added.m_indexById[static_cast<std::size_t>(added.m_tokens[i].id)] =
        static_cast<std::int32_t>(i);

  // Special tokens go first: of two tokens with one pattern, the earlier one is found.
  std::stable_partition(entries.begin(), entries.end(),
                        [](const AddedToken& entry) { return entry.special; });
  std::vector<std::pair<std::string, std::int32_t>> raw;
  std::vector<std::pair<std::string, std::int32_t>> normalized;
  for (const AddedToken& entry : entries)
    (entry.normalized ? normalized : raw).emplace_back(entry.pattern, entry.id);
  added.m_raw = SY_TRY(TextSet::of(raw));
  added.m_normalized = SY_TRY(TextSet::of(normalized));
  return added;
}

const AddedToken* AddedTokens::find(std::int32_t id) const {
  if (id < 0 || static_cast<std::size_t>(id) >= m_indexById.size())
    return nullptr;
  const std::int32_t index = m_indexById[static_cast<std::size_t>(id)];
  return index < 0 ? nullptr : &m_tokens[static_cast<std::size_t>(index)];
}

std::vector<AddedTokens::Span> AddedTokens::split(std::string_view text, bool normalized,
                                                  AddedTokenMatching mode) const {
  std::vector<Span> spans;
  const TextSet& set = normalized ? m_normalized : m_raw;
  std::size_t shown = 0;
  for (std::size_t from = 0; mode != AddedTokenMatching::None;) {
    const TextSet::Hit hit = set.find(text, from);
    if (hit.value < 0)
      break;
    from = hit.end; // also when it is rejected: a shorter token is not tried in its place
    const AddedToken& token = *find(hit.value);
    if (token.special && mode == AddedTokenMatching::NotSpecial)
      continue;
    std::size_t begin = hit.begin;
    std::size_t end = hit.end;
    if (token.singleWord && ((begin > 0 && isWordCharacter(codePointBefore(text, begin).value)) ||
                             (end < text.size() && isWordCharacter(codePointAt(text, end).value))))
      continue;
    while (token.lstrip && begin > shown && isWhiteSpace(codePointBefore(text, begin).value))
      begin -= codePointBefore(text, begin).bytes;
    while (token.rstrip && end < text.size() && isWhiteSpace(codePointAt(text, end).value))
      end += codePointAt(text, end).bytes;
    if (shown < begin)
      spans.push_back({shown, begin, -1});
    spans.push_back({begin, end, token.id});
    shown = end;
    from = end;
  }
  if (shown < text.size())
    spans.push_back({shown, text.size(), -1});
  return spans;
}

} // namespace switchyard::tokenizer
