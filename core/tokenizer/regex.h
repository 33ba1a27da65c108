#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace switchyard::tokenizer {

/// Match steps that one encode() may spend in regular expressions, beyond a few per match: enough
/// for any pattern that is linear in the text, a fuse for those that are not.
class RegexBudget {
public:
  explicit RegexBudget(std::size_t textBytes)
      : m_left(kFixed + kPerByte * static_cast<std::uint64_t>(textBytes)) {}
  /// False once the budget is used up.
  bool spend(std::uint64_t steps) {
    m_left -= steps < m_left ? steps : m_left;
    return m_left > 0;
  }

private:
  static constexpr std::uint64_t kFixed = 20'000'000;
  static constexpr std::uint64_t kPerByte = 64;
  std::uint64_t m_left;
};

/// A compiled pattern of a tokenizer file (PCRE2, UTF, UCP, JIT where the machine has it).
/// Immutable: any number of threads may match at the same time.
class Regex {
public:
  /// pattern: Oniguruma's Ruby syntax, see toPcreSyntax(). Errors: its errors; InvalidFormat for
  /// what the engine refuses, with its words.
  static base::Result<Regex> compile(std::string_view pattern);
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();

  struct Match {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  /// The leftmost match that starts at `from` or later. text must be well-formed UTF-8 and `from`
  /// a character boundary. Error LimitExceeded when the budget runs out.
  base::Result<std::optional<Match>> find(std::string_view text, std::size_t from,
                                          RegexBudget& budget) const;

private:
  struct Impl;
  explicit Regex(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> m_impl;
};

} // namespace switchyard::tokenizer
