#include "app/studio/document/selection.h"

#include <algorithm>

namespace switchyard::studio {

namespace {

template <typename Key>
void selectInto(std::vector<Key>& set, std::optional<Key>& primary, const Key& key,
                SelectMode mode) {
  const auto place = std::ranges::lower_bound(set, key);
  const bool member = place != set.end() && *place == key;
  if (mode == SelectMode::Replace) {
    set = {key};
    primary = key;
  } else if (member && mode == SelectMode::Toggle) {
    set.erase(place);
    if (primary == key)
      primary = set.empty() ? std::nullopt : std::optional(set.back());
  } else {
    if (!member)
      set.insert(place, key);
    primary = key;
  }
}

template <typename Key>
void replaceSet(std::vector<Key>& set, std::optional<Key>& primary, std::vector<Key> keys) {
  std::ranges::sort(keys);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  set = std::move(keys);
  if (!primary || !std::ranges::binary_search(set, *primary))
    primary = set.empty() ? std::nullopt : std::optional(set.front());
}

} // namespace

QString toText(const ExpertKey& expert) {
  return QString("L%1 E%2").arg(expert.layer).arg(expert.expert);
}

QString toText(const TokenKey& token) {
  if (token.sequence == 0)
    return Selection::tr("token %1").arg(token.position);
  return Selection::tr("sequence %1, token %2").arg(token.sequence).arg(token.position);
}

bool Selection::contains(const TokenKey& token) const {
  return std::ranges::binary_search(m_tokens, token);
}

bool Selection::contains(const ExpertKey& expert) const {
  return std::ranges::binary_search(m_experts, expert);
}

void Selection::select(const TokenKey& token, SelectMode mode) {
  const auto set = m_tokens;
  const auto primary = m_primaryToken;
  selectInto(m_tokens, m_primaryToken, token, mode);
  const QString lost = std::exchange(m_lostToken, {});
  if (set != m_tokens || primary != m_primaryToken || !lost.isEmpty())
    Q_EMIT tokensChanged();
}

void Selection::select(const ExpertKey& expert, SelectMode mode) {
  const auto set = m_experts;
  const auto primary = m_primaryExpert;
  selectInto(m_experts, m_primaryExpert, expert, mode);
  if (set != m_experts || primary != m_primaryExpert)
    Q_EMIT expertsChanged();
}

void Selection::selectTokens(std::vector<TokenKey> tokens) {
  const auto set = m_tokens;
  const auto primary = m_primaryToken;
  replaceSet(m_tokens, m_primaryToken, std::move(tokens));
  const QString lost = std::exchange(m_lostToken, {});
  if (set != m_tokens || primary != m_primaryToken || !lost.isEmpty())
    Q_EMIT tokensChanged();
}

void Selection::carryTokens(std::vector<TokenKey> tokens, std::optional<TokenKey> primary,
                            const QString& lost) {
  m_primaryToken = primary;
  replaceSet(m_tokens, m_primaryToken, std::move(tokens));
  m_lostToken = lost;
  Q_EMIT tokensChanged();
}

void Selection::selectExperts(std::vector<ExpertKey> experts) {
  const auto set = m_experts;
  const auto primary = m_primaryExpert;
  replaceSet(m_experts, m_primaryExpert, std::move(experts));
  if (set != m_experts || primary != m_primaryExpert)
    Q_EMIT expertsChanged();
}

void Selection::setPin(const Mark& mark) {
  if (m_pin == mark)
    return;
  m_pin = mark;
  Q_EMIT pinChanged();
}

void Selection::swapWithPin() {
  if (const auto* expert = std::get_if<ExpertKey>(&m_pin)) {
    const ExpertKey pinned = *expert;
    setPin(m_primaryExpert ? Mark(*m_primaryExpert) : Mark());
    select(pinned);
  } else if (const auto* token = std::get_if<TokenKey>(&m_pin)) {
    const TokenKey pinned = *token;
    setPin(m_primaryToken ? Mark(*m_primaryToken) : Mark());
    select(pinned);
  }
}

void Selection::setHover(const Mark& mark) {
  if (m_hover == mark)
    return;
  m_hover = mark;
  Q_EMIT hoverChanged();
}

void Selection::setFilter(const TokenFilter& filter) {
  if (m_filter == filter)
    return;
  m_filter = filter;
  Q_EMIT filterChanged();
}

bool Selection::escape() {
  if (m_hover.index() != 0) {
    setHover({});
    return true;
  }
  if (!m_tokens.empty() || !m_experts.empty() || !m_lostToken.isEmpty()) {
    selectTokens({});
    selectExperts({});
    return true;
  }
  if (!m_filter.isEmpty()) {
    setFilter({});
    return true;
  }
  return false;
}

void Selection::clear() {
  setHover({});
  selectTokens({});
  selectExperts({});
  setPin({});
  setFilter({});
}

} // namespace switchyard::studio
