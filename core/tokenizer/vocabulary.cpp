#include "core/tokenizer/vocabulary.h"

#include <functional>

#include <fmt/format.h>

namespace switchyard::tokenizer {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {
constexpr std::size_t kMaxTextBytes = std::size_t{1} << 30;
}

std::size_t Vocabulary::slotOf(std::string_view text) const {
  const std::size_t mask = m_slots.size() - 1;
  std::size_t slot = std::hash<std::string_view>{}(text)&mask;
  while (m_slots[slot] >= 0 && view(m_entries[static_cast<std::size_t>(m_slots[slot])]) != text)
    slot = (slot + 1) & mask;
  return slot;
}

void Vocabulary::grow() {
  m_slots.assign(m_slots.empty() ? 1024 : 2 * m_slots.size(), -1);
  for (std::size_t id = 0; id < m_entries.size(); ++id)
    if (m_entries[id].used)
      m_slots[slotOf(view(m_entries[id]))] = static_cast<std::int32_t>(id);
}

Result<void> Vocabulary::add(std::string_view text, std::uint64_t id) {
  if (id >= static_cast<std::uint64_t>(kMaxIds))
    return fail(ErrorCode::LimitExceeded,
                fmt::format("token \"{}\" has id {}; ids must be below {}", text, id, kMaxIds));
  if (m_texts.size() + text.size() > kMaxTextBytes)
    return fail(ErrorCode::LimitExceeded, "the vocabulary has more than 1 GiB of text");
  if (id >= m_entries.size())
    m_entries.resize(id + 1);
  Entry& entry = m_entries[id];
  if (entry.used)
    return fail(ErrorCode::InvalidFormat,
                fmt::format("tokens \"{}\" and \"{}\" have the same id {}", view(entry), text, id));
  if (2 * (m_count + 1) > m_slots.size())
    grow();
  const std::size_t slot = slotOf(text);
  if (m_slots[slot] >= 0)
    return fail(ErrorCode::InvalidFormat,
                fmt::format("token \"{}\" is in the vocabulary twice", text));
  entry = {static_cast<std::uint32_t>(m_texts.size()), static_cast<std::uint32_t>(text.size()),
           true};
  m_texts += text;
  m_slots[slot] = static_cast<std::int32_t>(id);
  ++m_count;
  return {};
}

std::int32_t Vocabulary::find(std::string_view text) const {
  return m_slots.empty() ? -1 : m_slots[slotOf(text)];
}

std::optional<std::string_view> Vocabulary::text(std::int32_t id) const {
  if (id < 0 || id >= idLimit() || !m_entries[static_cast<std::size_t>(id)].used)
    return std::nullopt;
  return view(m_entries[static_cast<std::size_t>(id)]);
}

} // namespace switchyard::tokenizer
