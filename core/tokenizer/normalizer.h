#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/base/error.h"
#include "core/tokenizer/regex.h"

namespace switchyard::tokenizer {

/// What one encode() may spend, so that a hostile tokenizer file cannot turn a short text into an
/// endless one.
struct EncodeBudget {
  explicit EncodeBudget(std::size_t textBytes)
      : regex(textBytes), grownBytes((std::size_t{1} << 20) + 64 * textBytes) {}
  RegexBudget regex;
  std::size_t grownBytes; ///< bytes that normalizers may still write
};

/// A text on its way through the normalizers.
struct NormalizedText {
  std::string text;
  bool atInputStart = false; ///< its first character comes from the first of the input
};

/// One step. Immutable and thread-safe.
class Normalizer {
public:
  virtual ~Normalizer() = default;
  /// Errors: LimitExceeded (budget).
  virtual base::Result<void> apply(NormalizedText& text, EncodeBudget& budget) const = 0;
};

using Normalizers = std::vector<std::unique_ptr<const Normalizer>>;

/// The "normalizer" of a tokenizer file as a flat list of steps: NFC, NFKC, Lowercase (character by
/// character), Strip, Prepend, Replace, Sequence; null gives none.
/// Errors: Unsupported for other types and options, InvalidFormat, LimitExceeded.
base::Result<Normalizers> parseNormalizers(const nlohmann::json& json);

/// Applies all steps. Errors: LimitExceeded (budget).
base::Result<void> normalize(const Normalizers& steps, NormalizedText& text, EncodeBudget& budget);

} // namespace switchyard::tokenizer
