#include "app/jobs/evaluate/scorers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "app/jobs/evaluate/named_options.h"

namespace switchyard::jobs::evaluate {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

constexpr std::array<std::string_view, 6> kNames = {"exact",    "numeric",         "regex",
                                                    "contains", "multiple-choice", "perplexity"};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string folded(std::string_view text, bool ignoreCase) {
  std::string out(text);
  if (ignoreCase)
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return out;
}

Result<double> parseTolerance(const std::string& value) {
  double tolerance = 0;
  const char* end = value.data() + value.size();
  const auto [rest, error] = std::from_chars(value.data(), end, tolerance);
  if (error != std::errc() || rest != end || !(tolerance >= 0) || !std::isfinite(tolerance))
    return fail(ErrorCode::InvalidArgument,
                fmt::format("tolerance \"{}\" of a scorer is no number >= 0", value));
  return tolerance;
}

Result<void> setOption(Scorer& scorer, const std::string& option, const std::string& value) {
  const ScorerKind kind = scorer.kind;
  if (option == "after" && generates(kind)) {
    scorer.after = value;
  } else if (option == "ignore-case" &&
             (kind == ScorerKind::Exact || kind == ScorerKind::Contains) &&
             (value == "true" || value == "false")) {
    scorer.ignoreCase = value == "true";
  } else if (option == "tolerance" && kind == ScorerKind::Numeric) {
    scorer.tolerance = SY_TRY(parseTolerance(value));
  } else if (option == "pattern" && kind == ScorerKind::Regex) {
    scorer.pattern = value;
  } else if (option == "by" && kind == ScorerKind::MultipleChoice &&
             (value == "sum" || value == "length")) {
    scorer.lengthNormalised = value == "length";
  } else {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("scorer {} has no option {}={}", name(kind), option, value));
  }
  return {};
}

Result<Scorer> makeScorer(const NamedOptions& named) {
  const auto found = std::ranges::find(kNames, named.name);
  if (found == kNames.end())
    return fail(ErrorCode::InvalidArgument, fmt::format("there is no scorer \"{}\"; there are {}",
                                                        named.name, fmt::join(kNames, ", ")));
  Scorer scorer;
  scorer.kind = static_cast<ScorerKind>(found - kNames.begin());
  for (const auto& [option, value] : named.options)
    SY_TRY(setOption(scorer, option, value));
  if (scorer.kind == ScorerKind::Regex) {
    if (scorer.pattern.empty())
      return fail(ErrorCode::InvalidArgument, "scorer regex needs a pattern");
    auto regex = tokenizer::Regex::compile(scorer.pattern);
    if (!regex)
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("pattern \"{}\": {}", scorer.pattern, regex.error().message));
    scorer.regex = std::make_shared<const tokenizer::Regex>(std::move(*regex));
  }
  return scorer;
}

} // namespace

std::string_view name(ScorerKind kind) {
  return kNames[static_cast<std::size_t>(kind)];
}

Measure measureOf(ScorerKind kind) {
  return kind == ScorerKind::Perplexity ? Measure::Loss : Measure::Accuracy;
}

bool generates(ScorerKind kind) {
  return kind != ScorerKind::MultipleChoice && kind != ScorerKind::Perplexity;
}

Result<Scorer> parseScorer(std::string_view word) {
  return makeScorer(SY_TRY(parseNamedOptions(word)));
}

Result<Scorer> parseScorer(const nlohmann::json& value) {
  if (value.is_string())
    return parseScorer(std::string_view(value.get_ref<const std::string&>()));
  const auto type = value.is_object() ? value.find("type") : value.end();
  if (!value.is_object() || type == value.end() || !type->is_string())
    return fail(ErrorCode::InvalidArgument,
                "a scorer is a name like \"numeric\", or an object with \"type\"");
  NamedOptions named;
  named.name = type->get<std::string>();
  for (const auto& item : value.items())
    if (item.key() != "type")
      named.options.emplace_back(item.key(), item.value().is_string()
                                                 ? item.value().get<std::string>()
                                                 : item.value().dump());
  return makeScorer(named);
}

std::string describe(const Scorer& scorer) {
  NamedOptions named{std::string(name(scorer.kind)), {}};
  if (!scorer.after.empty())
    named.options.emplace_back("after", scorer.after);
  if (scorer.ignoreCase)
    named.options.emplace_back("ignore-case", "true");
  if (scorer.tolerance > 0)
    named.options.emplace_back("tolerance", fmt::format("{}", scorer.tolerance));
  if (!scorer.pattern.empty())
    named.options.emplace_back("pattern", scorer.pattern);
  if (scorer.lengthNormalised)
    named.options.emplace_back("by", "length");
  return describe(named);
}

std::string_view judgedPart(const Scorer& scorer, std::string_view text) {
  if (!scorer.after.empty())
    if (const std::size_t at = text.rfind(scorer.after); at != std::string_view::npos)
      text = text.substr(at + scorer.after.size());
  return trimmed(text);
}

Result<bool> isRight(const Scorer& scorer, std::string_view text,
                     std::span<const std::string> accepted) {
  const std::string_view part = judgedPart(scorer, text);
  if (scorer.kind == ScorerKind::Regex) {
    tokenizer::RegexBudget budget(part.size());
    const auto match = SY_TRY(scorer.regex->find(part, 0, budget));
    return match.has_value();
  }
  if (scorer.kind == ScorerKind::Numeric) {
    const std::optional<double> number = lastNumber(part);
    return number && std::ranges::any_of(accepted, [&](const std::string& answer) {
             const std::optional<double> wanted = lastNumber(answer);
             return wanted && std::abs(*wanted - *number) <= scorer.tolerance;
           });
  }
  const std::string given = folded(part, scorer.ignoreCase);
  return std::ranges::any_of(accepted, [&](const std::string& answer) {
    const std::string wanted = folded(trimmed(answer), scorer.ignoreCase);
    return scorer.kind == ScorerKind::Exact ? given == wanted
                                            : given.find(wanted) != std::string::npos;
  });
}

} // namespace switchyard::jobs::evaluate
