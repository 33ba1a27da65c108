#include "core/tokenizer/pre_tokenizer.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/tokenizer/byte_alphabet.h"
#include "core/tokenizer/fields.h"
#include "core/tokenizer/metaspace.h"
#include "core/tokenizer/split.h"
#include "core/tokenizer/unicode_class.h"
#include "core/tokenizer/utf8.h"

namespace switchyard::tokenizer {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kMaxSteps = 64;
constexpr std::string_view kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

class SplitStep : public PreTokenizer {
public:
  SplitStep(Pattern pattern, SplitBehavior behavior, bool invert)
      : m_pattern(std::move(pattern)), m_behavior(behavior), m_invert(invert) {}
  Result<void> apply(PieceList& list, EncodeBudget& budget) const override {
    return splitPieces(list, m_behavior,
                       [&](std::string_view text, std::vector<Stretch>& out) -> Result<void> {
                         SY_TRY(m_pattern.find(text, budget.regex, out));
                         if (m_invert)
                           for (Stretch& stretch : out)
                             stretch.match = !stretch.match;
                         return {};
                       });
  }

private:
  Pattern m_pattern;
  SplitBehavior m_behavior;
  bool m_invert;
};

/// Splits at characters of a class; each such character is a match.
class ClassStep : public PreTokenizer {
public:
  ClassStep(bool (*matches)(char32_t), SplitBehavior behavior)
      : m_matches(matches), m_behavior(behavior) {}
  Result<void> apply(PieceList& list, EncodeBudget&) const override {
    return splitPieces(list, m_behavior, [&](std::string_view text, std::vector<Stretch>& out) {
      std::uint32_t shown = 0;
      const auto size = static_cast<std::uint32_t>(text.size());
      for (std::uint32_t at = 0; at < size;) {
        const CodePoint c = codePointAt(text, at);
        const std::uint32_t next = at + static_cast<std::uint32_t>(c.bytes);
        if (m_matches(c.value)) {
          if (shown < at)
            out.push_back({shown, at, false});
          out.push_back({at, next, true});
          shown = next;
        }
        at = next;
      }
      if (shown < size)
        out.push_back({shown, size, false});
      return Result<void>();
    });
  }

private:
  bool (*m_matches)(char32_t);
  SplitBehavior m_behavior;
};

/// Runs of word characters and runs of others; white space is removed.
class WhitespaceStep : public PreTokenizer {
public:
  Result<void> apply(PieceList& list, EncodeBudget&) const override {
    const auto kindOf = [](char32_t c) { return isWordCharacter(c) ? 2 : isWhiteSpace(c) ? 0 : 1; };
    return splitPieces(list, SplitBehavior::Removed,
                       [&](std::string_view text, std::vector<Stretch>& out) {
                         int previous = -1;
                         for (std::uint32_t at = 0; at < text.size();) {
                           const CodePoint c = codePointAt(text, at);
                           const std::uint32_t next = at + static_cast<std::uint32_t>(c.bytes);
                           const int kind = kindOf(c.value);
                           if (kind == previous)
                             out.back().end = next;
                           else
                             out.push_back({at, next, kind == 0});
                           previous = kind;
                           at = next;
                         }
                         return Result<void>();
                       });
  }
};

/// Rewrites every piece: rewrite(view, isFirst, out) appends what takes its place.
template <typename Rewrite> void rewritePieces(PieceList& list, Rewrite&& rewrite) {
  std::string text;
  text.reserve(list.text.size() + list.pieces.size());
  for (std::size_t i = 0; i < list.pieces.size(); ++i) {
    const auto begin = static_cast<std::uint32_t>(text.size());
    rewrite(list.view(list.pieces[i]), i == 0, text);
    list.pieces[i] = {begin, static_cast<std::uint32_t>(text.size())};
  }
  list.text = std::move(text);
}

class PrefixSpaceStep : public PreTokenizer {
public:
  Result<void> apply(PieceList& list, EncodeBudget&) const override {
    rewritePieces(list, [](std::string_view piece, bool, std::string& out) {
      if (!piece.starts_with(' '))
        out += ' ';
      out += piece;
    });
    return {};
  }
};

class ByteAlphabetStep : public PreTokenizer {
public:
  Result<void> apply(PieceList& list, EncodeBudget&) const override {
    rewritePieces(list, [](std::string_view piece, bool, std::string& out) {
      appendByteCharacters(out, piece);
    });
    return {};
  }
};

class MetaspaceStep : public PreTokenizer {
public:
  explicit MetaspaceStep(Metaspace options) : m_options(options) {
    appendCodePoint(m_mark, options.replacement);
  }
  Result<void> apply(PieceList& list, EncodeBudget&) const override {
    rewritePieces(list, [&](std::string_view piece, bool isFirst, std::string& out) {
      const bool wanted =
          m_options.scheme == PrependScheme::Always ||
          (m_options.scheme == PrependScheme::First && isFirst && list.atInputStart);
      if (wanted && !piece.starts_with(' ') && !piece.starts_with(m_mark))
        out += m_mark;
      for (const char c : piece)
        if (c == ' ')
          out += m_mark;
        else
          out += c;
    });
    if (!m_options.split)
      return {};
    return splitPieces(
        list, SplitBehavior::MergedWithNext,
        [&](std::string_view text, std::vector<Stretch>& out) { return splitAtMarks(text, out); });
  }

private:
  Result<void> splitAtMarks(std::string_view text, std::vector<Stretch>& out) const {
    std::size_t shown = 0;
    const auto put = [&](std::size_t end, bool match) {
      if (shown < end)
        out.push_back({static_cast<std::uint32_t>(shown), static_cast<std::uint32_t>(end), match});
      shown = end;
    };
    for (std::size_t at = text.find(m_mark); at != std::string_view::npos;
         at = text.find(m_mark, shown)) {
      put(at, false);
      put(at + m_mark.size(), true);
    }
    put(text.size(), false);
    return {};
  }

  Metaspace m_options;
  std::string m_mark;
};

class Parser {
public:
  Result<void> collect(const nlohmann::json& json, const std::string& path) {
    const std::string type = SY_TRY(typeOf(json, path));
    if (out.steps.size() >= kMaxSteps)
      return fail(ErrorCode::LimitExceeded, fmt::format("{}: more than {} steps", path, kMaxSteps));
    if (type == "Sequence")
      return sequence(json, path);
    // Whatever follows a ByteLevel sees the alphabet, so its mapping cannot be put off.
    if (out.byteAlphabetLast) {
      out.steps.push_back(std::make_unique<ByteAlphabetStep>());
      out.byteAlphabetLast = false;
    }
    if (type == "Split")
      return split(json, path);
    if (type == "ByteLevel")
      return byteLevel(json, path);
    if (type == "Metaspace") {
      const Metaspace options = SY_TRY(parseMetaspace(json, path));
      out.spaceReplacements.push_back(options.replacement);
      out.steps.push_back(std::make_unique<MetaspaceStep>(options));
    } else if (type == "Digits") {
      const Fields fields = SY_TRY(Fields::of(json, path, {"type", "individual_digits"}));
      const bool individual = SY_TRY(fields.boolean("individual_digits", false));
      out.steps.push_back(std::make_unique<ClassStep>(
          isNumeric, individual ? SplitBehavior::Isolated : SplitBehavior::Contiguous));
    } else if (type == "Punctuation") {
      const Fields fields = SY_TRY(Fields::of(json, path, {"type", "behavior"}));
      constexpr SplitBehavior kDefault = SplitBehavior::Isolated;
      out.steps.push_back(std::make_unique<ClassStep>(
          isPunctuation, SY_TRY(parseBehavior(fields, "behavior", &kDefault))));
    } else if (type == "Whitespace") {
      SY_TRY(Fields::of(json, path, {"type"}));
      out.steps.push_back(std::make_unique<WhitespaceStep>());
    } else {
      return fail(ErrorCode::Unsupported,
                  fmt::format("{}: pre-tokenizer \"{}\" is not supported", path, type));
    }
    return {};
  }

  PreTokenizers out;

private:
  Result<void> sequence(const nlohmann::json& json, const std::string& path) {
    const Fields fields = SY_TRY(Fields::of(json, path, {"type", "pretokenizers"}));
    const nlohmann::json& steps = *SY_TRY(fields.array("pretokenizers"));
    for (std::size_t i = 0; i < steps.size(); ++i)
      SY_TRY(collect(steps[i], fmt::format("{}.pretokenizers[{}]", path, i)));
    return {};
  }

  Result<void> split(const nlohmann::json& json, const std::string& path) {
    const Fields fields = SY_TRY(Fields::of(json, path, {"type", "pattern", "behavior", "invert"}));
    const nlohmann::json* pattern = fields.find("pattern");
    const SplitBehavior behavior = SY_TRY(parseBehavior(fields, "behavior"));
    const bool invert = SY_TRY(fields.boolean("invert", false));
    out.steps.push_back(std::make_unique<SplitStep>(
        SY_TRY(Pattern::parse(pattern ? *pattern : nlohmann::json(), fields.path("pattern"))),
        behavior, invert));
    return {};
  }

  Result<void> byteLevel(const nlohmann::json& json, const std::string& path) {
    const Fields fields =
        SY_TRY(Fields::of(json, path, {"type", "add_prefix_space", "trim_offsets", "use_regex"}));
    SY_TRY(fields.boolean("trim_offsets", true)); // offsets are not given out
    if (SY_TRY(fields.boolean("add_prefix_space", true)))
      out.steps.push_back(std::make_unique<PrefixSpaceStep>());
    if (SY_TRY(fields.boolean("use_regex", true)))
      out.steps.push_back(std::make_unique<SplitStep>(
          SY_TRY(Pattern::parse({{"Regex", kGpt2Pattern}}, path)), SplitBehavior::Isolated, false));
    out.byteAlphabetLast = true;
    out.byteLevel = true;
    return {};
  }
};

} // namespace

Result<PreTokenizers> parsePreTokenizers(const nlohmann::json& json) {
  Parser parser;
  if (!json.is_null())
    SY_TRY(parser.collect(json, "pre_tokenizer"));
  return std::move(parser.out);
}

} // namespace switchyard::tokenizer
