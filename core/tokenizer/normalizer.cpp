#include "core/tokenizer/normalizer.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <utf8proc.h>

#include "core/tokenizer/fields.h"
#include "core/tokenizer/normalization_form.h"
#include "core/tokenizer/pattern.h"
#include "core/tokenizer/unicode_class.h"
#include "core/tokenizer/utf8.h"

namespace switchyard::tokenizer {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kMaxSteps = 64;

tl::unexpected<base::Error> tooMuchText() {
  return fail(ErrorCode::LimitExceeded,
              "the tokenizer's normalizer makes far too much of this text");
}

class Form : public Normalizer {
public:
  explicit Form(void (*convert)(std::string&)) : m_convert(convert) {}
  Result<void> apply(NormalizedText& text, EncodeBudget&) const override {
    m_convert(text.text);
    return {};
  }

private:
  void (*m_convert)(std::string&);
};

class Lowercase : public Normalizer {
public:
  Result<void> apply(NormalizedText& text, EncodeBudget&) const override {
    std::string lower;
    lower.reserve(text.text.size());
    for (std::size_t at = 0; at < text.text.size();) {
      const CodePoint c = codePointAt(text.text, at);
      at += c.bytes;
      if (c.value < 0x80)
        lower.push_back(
            static_cast<char>(c.value >= 'A' && c.value <= 'Z' ? c.value + 32 : c.value));
      else if (c.value == 0x130) // the only character whose lower case is two
        lower += "i\u0307";
      else
        appendCodePoint(
            lower, static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c.value))));
    }
    text.text = std::move(lower);
    return {};
  }
};

class Strip : public Normalizer {
public:
  Strip(bool left, bool right) : m_left(left), m_right(right) {}
  Result<void> apply(NormalizedText& text, EncodeBudget&) const override {
    std::string& s = text.text;
    std::size_t end = s.size();
    while (m_right && end > 0 && isWhiteSpace(codePointBefore(s, end).value))
      end -= codePointBefore(s, end).bytes;
    std::size_t begin = 0;
    while (m_left && begin < end && isWhiteSpace(codePointAt(s, begin).value))
      begin += codePointAt(s, begin).bytes;
    text.atInputStart = text.atInputStart && begin == 0;
    s = s.substr(begin, end - begin);
    return {};
  }

private:
  bool m_left;
  bool m_right;
};

class Prepend : public Normalizer {
public:
  explicit Prepend(std::string prefix) : m_prefix(std::move(prefix)) {}
  Result<void> apply(NormalizedText& text, EncodeBudget&) const override {
    if (!text.text.empty())
      text.text.insert(0, m_prefix);
    return {};
  }

private:
  std::string m_prefix;
};

class Replace : public Normalizer {
public:
  Replace(Pattern pattern, std::string content)
      : m_pattern(std::move(pattern)), m_content(std::move(content)) {}
  Result<void> apply(NormalizedText& text, EncodeBudget& budget) const override {
    std::vector<Stretch> stretches;
    SY_TRY(m_pattern.find(text.text, budget.regex, stretches));
    std::string replaced;
    for (const Stretch& stretch : stretches) {
      if (!stretch.match)
        replaced.append(text.text, stretch.begin, stretch.end - stretch.begin);
      else
        replaced += m_content;
      if (replaced.size() > text.text.size() + budget.grownBytes)
        return tooMuchText();
    }
    if (m_content.empty() && !stretches.empty() && stretches.front().match)
      text.atInputStart = false;
    text.text = std::move(replaced);
    return {};
  }

private:
  Pattern m_pattern;
  std::string m_content;
};

Result<void> collect(const nlohmann::json& json, const std::string& path, Normalizers& out) {
  const std::string type = SY_TRY(typeOf(json, path));
  if (out.size() >= kMaxSteps)
    return fail(ErrorCode::LimitExceeded, fmt::format("{}: more than {} steps", path, kMaxSteps));
  if (type == "Sequence") {
    const Fields fields = SY_TRY(Fields::of(json, path, {"type", "normalizers"}));
    const nlohmann::json& steps = *SY_TRY(fields.array("normalizers"));
    for (std::size_t i = 0; i < steps.size(); ++i)
      SY_TRY(collect(steps[i], fmt::format("{}.normalizers[{}]", path, i), out));
  } else if (type == "NFC" || type == "NFKC") {
    SY_TRY(Fields::of(json, path, {"type"}));
    out.push_back(std::make_unique<Form>(type == "NFC" ? toNfc : toNfkc));
  } else if (type == "Lowercase") {
    SY_TRY(Fields::of(json, path, {"type"}));
    out.push_back(std::make_unique<Lowercase>());
  } else if (type == "Strip") {
    const Fields fields = SY_TRY(Fields::of(json, path, {"type", "strip_left", "strip_right"}));
    const bool left = SY_TRY(fields.boolean("strip_left", true));
    const bool right = SY_TRY(fields.boolean("strip_right", true));
    out.push_back(std::make_unique<Strip>(left, right));
  } else if (type == "Prepend") {
    const Fields fields = SY_TRY(Fields::of(json, path, {"type", "prepend"}));
    out.push_back(std::make_unique<Prepend>(SY_TRY(fields.text("prepend"))));
  } else if (type == "Replace") {
    const Fields fields = SY_TRY(Fields::of(json, path, {"type", "pattern", "content"}));
    const nlohmann::json* pattern = fields.find("pattern");
    std::string content = SY_TRY(fields.text("content"));
    out.push_back(std::make_unique<Replace>(
        SY_TRY(Pattern::parse(pattern ? *pattern : nlohmann::json(), fields.path("pattern"))),
        std::move(content)));
  } else {
    return fail(ErrorCode::Unsupported,
                fmt::format("{}: normalizer \"{}\" is not supported", path, type));
  }
  return {};
}

} // namespace

Result<Normalizers> parseNormalizers(const nlohmann::json& json) {
  Normalizers steps;
  if (!json.is_null())
    SY_TRY(collect(json, "normalizer", steps));
  return steps;
}

Result<void> normalize(const Normalizers& steps, NormalizedText& text, EncodeBudget& budget) {
  for (const auto& step : steps) {
    const std::size_t before = text.text.size();
    SY_TRY(step->apply(text, budget));
    const std::size_t grown = text.text.size() > before ? text.text.size() - before : 0;
    if (grown >= budget.grownBytes)
      return tooMuchText();
    budget.grownBytes -= grown;
  }
  return {};
}

} // namespace switchyard::tokenizer
