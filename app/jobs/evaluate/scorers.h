#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/base/error.h"
#include "core/tokenizer/regex.h"

namespace switchyard::jobs::evaluate {

enum class ScorerKind : std::uint8_t {
  Exact,          ///< the answer's text is one of the accepted ones
  Numeric,        ///< the last number in it is one of them
  Regex,          ///< a pattern matches somewhere in it
  Contains,       ///< one of the accepted texts occurs in it
  MultipleChoice, ///< the right choice has the greatest log-likelihood after the prompt
  Perplexity,     ///< loss of a given text; nothing is generated
};
std::string_view name(ScorerKind kind);

/// What a score is: items of one task file share it.
enum class Measure : std::uint8_t {
  Accuracy, ///< 1 right, 0 wrong; more is better
  Loss,     ///< nats per token; less is better
};
Measure measureOf(ScorerKind kind);
/// Whether the model writes an answer; else it only rates text that is given.
bool generates(ScorerKind kind);

/// How an item is scored, with the options of its kind.
struct Scorer {
  ScorerKind kind = ScorerKind::Exact;
  /// Exact, Numeric, Regex, Contains: only what follows the last occurrence of this text in the
  /// answer counts; where it does not occur, the whole answer. Empty: the whole answer.
  std::string after{};
  bool ignoreCase = false; ///< Exact, Contains: ASCII letters
  double tolerance = 0;    ///< Numeric: largest difference that counts as equal
  std::string pattern{};   ///< Regex, in the syntax of tokenizer files (PCRE2, UTF-8)
  /// MultipleChoice: whether log-likelihoods are divided by the tokens of their choice. Both
  /// verdicts are kept; this one is the score.
  bool lengthNormalised = false;
  std::shared_ptr<const tokenizer::Regex> regex{}; ///< of pattern
};

/// A scorer as a word ("exact:after=A:") or as a JSON value: such a word, or an object with "type"
/// and the options after, ignore-case, tolerance, pattern, by ("sum" or "length").
/// Errors: InvalidArgument naming the scorer or option.
base::Result<Scorer> parseScorer(std::string_view word);
base::Result<Scorer> parseScorer(const nlohmann::json& value);
/// As a word, options at their defaults left out.
std::string describe(const Scorer& scorer);

/// Whether `text`, the answer without its thinking, is right. accepted: texts that are, at least
/// one (Regex reads none). White space at both ends does not count. For the kinds that generate.
/// Errors: LimitExceeded when a pattern explodes on this text.
base::Result<bool> isRight(const Scorer& scorer, std::string_view text,
                           std::span<const std::string> accepted);

/// The part of an answer that a scorer looks at: after `after`, white space at both ends removed.
std::string_view judgedPart(const Scorer& scorer, std::string_view text);

/// The last number of a text: digits with an optional sign (not right after a letter, digit or
/// closing bracket: there it is a minus), commas between groups of three, fraction and exponent.
std::optional<double> lastNumber(std::string_view text);

} // namespace switchyard::jobs::evaluate
