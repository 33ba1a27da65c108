#pragma once

#include <mutex>
#include <vector>

#include "core/base/ids.h"

namespace switchyard::studio {

/// The tokens that a generation chose itself, in their order, without loss: what is kept of a text
/// must not depend on whether its routing was shown in time. Any thread; each call takes a lock for
/// as long as it takes to copy the tokens.
class ChosenTokens {
public:
  void add(base::TokenId token) {
    const std::lock_guard lock(m_mutex);
    m_tokens.push_back(token);
  }
  /// Those from the `first`-th on.
  std::vector<base::TokenId> from(std::size_t first) const {
    const std::lock_guard lock(m_mutex);
    if (first >= m_tokens.size())
      return {};
    return {m_tokens.begin() + static_cast<std::ptrdiff_t>(first), m_tokens.end()};
  }

private:
  mutable std::mutex m_mutex;
  std::vector<base::TokenId> m_tokens;
};

} // namespace switchyard::studio
