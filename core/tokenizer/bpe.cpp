#include "core/tokenizer/bpe.h"

#include <algorithm>
#include <functional>

#include "core/tokenizer/utf8.h"

namespace switchyard::tokenizer {

namespace {

/// Words up to this many symbols are merged by scanning for the lowest rank.
constexpr std::size_t kShort = 40;

} // namespace

std::int32_t Bpe::characterToken(std::string_view character, char32_t value) const {
  return value < m_characters.size() ? m_characters[value] : m_vocabulary.find(character);
}

std::optional<std::uint8_t> Bpe::byteOf(std::int32_t token) const {
  const auto text = m_vocabulary.text(token);
  if (!m_byteFallback || !text || text->size() != 6 || !text->starts_with("<0x"))
    return std::nullopt;
  const auto found = std::ranges::find(m_bytes, token);
  if (found == m_bytes.end())
    return std::nullopt;
  return static_cast<std::uint8_t>(found - m_bytes.begin());
}

void Bpe::split(std::string_view word, std::vector<std::int32_t>& tokens) const {
  std::int32_t pendingUnknowns = 0;
  const auto flushUnknown = [&] {
    tokens.insert(tokens.end(), static_cast<std::size_t>(pendingUnknowns), m_unknown);
    pendingUnknowns = 0;
  };
  for (std::size_t at = 0; at < word.size();) {
    const CodePoint c = codePointAt(word, at);
    const std::string_view character = word.substr(at, c.bytes);
    at += c.bytes;
    const std::int32_t token = characterToken(character, c.value);
    if (token >= 0) {
      flushUnknown();
      tokens.push_back(token);
      continue;
    }
    const auto byteToken = [&](char byte) { return m_bytes[static_cast<std::uint8_t>(byte)]; };
    if (m_byteFallback &&
        std::ranges::all_of(character, [&](char byte) { return byteToken(byte) >= 0; })) {
      // A waiting unknown stays behind these bytes: the order the reference writes them in.
      for (const char byte : character)
        tokens.push_back(byteToken(byte));
    } else if (m_unknown >= 0) {
      if (!m_fuseUnknown)
        flushUnknown();
      pendingUnknowns = 1;
    }
  }
  flushUnknown();
}

void Bpe::encode(std::string_view word, BpeWorkspace& work, std::vector<base::TokenId>& out) const {
  if (m_ignoreMerges) {
    const std::int32_t whole = m_vocabulary.find(word);
    if (whole >= 0) {
      out.push_back(base::TokenId(whole));
      return;
    }
  }
  work.tokens.clear();
  split(word, work.tokens);
  const std::size_t count = work.tokens.size();
  if (count <= kShort || !m_hasJoints) {
    mergeSegment(0, count, work, out);
    return;
  }
  std::size_t begin = 0;
  for (std::size_t i = 1; i <= count; ++i)
    if (i == count || m_joints.find(work.tokens[i - 1], work.tokens[i]).rank == MergeTable::kNone) {
      mergeSegment(begin, i, work, out);
      begin = i;
    }
}

void Bpe::mergeSegment(std::size_t begin, std::size_t end, BpeWorkspace& work,
                       std::vector<base::TokenId>& out) const {
  if (end - begin <= kShort)
    mergeShort(begin, end, work, out);
  else
    mergeLong(begin, end, work, out);
}

void Bpe::mergeShort(std::size_t begin, std::size_t end, BpeWorkspace& work,
                     std::vector<base::TokenId>& out) const {
  std::int32_t* tokens = work.tokens.data() + begin;
  std::size_t count = end - begin;
  auto& ranks = work.ranks;
  ranks.resize(std::max(count, ranks.size()));
  const auto rankAt = [&](std::size_t i) {
    return i + 1 < count ? m_merges.find(tokens[i], tokens[i + 1]).rank : MergeTable::kNone;
  };
  for (std::size_t i = 0; i < count; ++i)
    ranks[i] = rankAt(i);
  while (count > 1) {
    const auto lowest =
        std::min_element(ranks.begin(), ranks.begin() + static_cast<std::ptrdiff_t>(count));
    if (*lowest == MergeTable::kNone)
      break;
    const auto i = static_cast<std::size_t>(lowest - ranks.begin());
    tokens[i] = m_merges.find(tokens[i], tokens[i + 1]).token;
    std::copy(tokens + i + 2, tokens + count, tokens + i + 1);
    std::copy(ranks.begin() + static_cast<std::ptrdiff_t>(i) + 2,
              ranks.begin() + static_cast<std::ptrdiff_t>(count),
              ranks.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    --count;
    ranks[i] = rankAt(i);
    if (i > 0)
      ranks[i - 1] = rankAt(i - 1);
  }
  for (std::size_t i = 0; i < count; ++i)
    out.push_back(base::TokenId(tokens[i]));
}

void Bpe::mergeLong(std::size_t begin, std::size_t end, BpeWorkspace& work,
                    std::vector<base::TokenId>& out) const {
  auto& symbols = work.symbols;
  const auto count = static_cast<std::int32_t>(end - begin);
  symbols.resize(static_cast<std::size_t>(count));
  const auto mergeAt = [&](std::int32_t at) {
    const auto& left = symbols[static_cast<std::size_t>(at)];
    if (left.next < 0)
      return MergeTable::Merge{};
    return m_merges.find(left.token, symbols[static_cast<std::size_t>(left.next)].token);
  };
  // Candidates, lowest rank first, then leftmost: those of the start sorted, later ones in a heap.
  auto& sorted = work.candidates;
  auto& heap = work.newCandidates;
  sorted.clear();
  heap.clear();
  const auto candidate = [](std::uint32_t rank, std::int32_t at) {
    return (static_cast<std::uint64_t>(rank) << 32) | static_cast<std::uint32_t>(at);
  };
  for (std::int32_t i = 0; i < count; ++i)
    symbols[static_cast<std::size_t>(i)] = {work.tokens[begin + static_cast<std::size_t>(i)], i - 1,
                                            i + 1 < count ? i + 1 : -1, true};
  for (std::int32_t i = 0; i + 1 < count; ++i)
    if (const auto merge = mergeAt(i); merge.rank != MergeTable::kNone)
      sorted.push_back(candidate(merge.rank, i));
  std::ranges::sort(sorted);
  std::size_t next = 0;
  const auto offer = [&](std::int32_t at) {
    if (const auto merge = mergeAt(at); merge.rank != MergeTable::kNone) {
      heap.push_back(candidate(merge.rank, at));
      std::ranges::push_heap(heap, std::greater<>());
    }
  };
  while (next < sorted.size() || !heap.empty()) {
    std::uint64_t top = 0;
    if (heap.empty() || (next < sorted.size() && sorted[next] < heap.front())) {
      top = sorted[next++];
    } else {
      top = heap.front();
      std::ranges::pop_heap(heap, std::greater<>());
      heap.pop_back();
    }
    const auto at = static_cast<std::int32_t>(top & 0xFFFFFFFFu);
    auto& symbol = symbols[static_cast<std::size_t>(at)];
    if (!symbol.alive)
      continue;
    const auto merge = mergeAt(at);
    if (merge.rank != top >> 32)
      continue; // a neighbour has changed since
    auto& right = symbols[static_cast<std::size_t>(symbol.next)];
    symbol.token = merge.token;
    symbol.next = right.next;
    right.alive = false;
    if (symbol.next >= 0)
      symbols[static_cast<std::size_t>(symbol.next)].previous = at;
    if (symbol.previous >= 0)
      offer(symbol.previous);
    offer(at);
  }
  for (std::int32_t at = 0; at >= 0; at = symbols[static_cast<std::size_t>(at)].next)
    out.push_back(base::TokenId(symbols[static_cast<std::size_t>(at)].token));
}

} // namespace switchyard::tokenizer
