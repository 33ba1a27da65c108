#include "core/tokenizer/post_processor.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/tokenizer/fields.h"
#include "core/tokenizer/vocabulary.h"

namespace switchyard::tokenizer {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kMaxTokens = 1024;

Result<std::vector<base::TokenId>> specialToken(const nlohmann::json* tokens,
                                                const std::string& name, const std::string& path) {
  if (!tokens || !tokens->is_object() || !tokens->contains(name))
    return fail(ErrorCode::InvalidFormat,
                fmt::format("{}: \"{}\" is not in special_tokens", path, name));
  const Fields token = SY_TRY(
      Fields::of((*tokens)[name], path + ".special_tokens." + name, {"id", "ids", "tokens"}));
  const nlohmann::json& ids = *SY_TRY(token.array("ids"));
  std::vector<base::TokenId> out;
  for (const nlohmann::json& id : ids) {
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= Vocabulary::kMaxIds)
      return token.error(ErrorCode::InvalidFormat, "\"ids\" has something that is not an id");
    out.push_back(base::TokenId(id.get<std::int32_t>()));
  }
  return out;
}

/// Puts a TemplateProcessing around what `out` has already.
Result<void> wrap(const nlohmann::json& json, const std::string& path, Template& out) {
  const Fields fields =
      SY_TRY(Fields::of(json, path, {"type", "single", "pair", "special_tokens"}));
  Template mine;
  bool textSeen = false;
  for (const nlohmann::json& item : *SY_TRY(fields.array("single"))) {
    const bool special = item.is_object() && item.contains("SpecialToken");
    const char* kind = special ? "SpecialToken" : "Sequence";
    const Fields outer = SY_TRY(Fields::of(item, fields.path("single"), {kind}));
    const Fields part = SY_TRY(outer.object(kind, {"id", "type_id"}));
    const std::string id = SY_TRY(part.text("id"));
    if (!special) {
      if (id != "A" || textSeen)
        return part.error(ErrorCode::Unsupported, "the text must be there once, as \"A\"");
      textSeen = true;
      continue;
    }
    const auto ids = SY_TRY(specialToken(fields.find("special_tokens"), id, path));
    auto& side = textSeen ? mine.behind : mine.before;
    side.insert(side.end(), ids.begin(), ids.end());
  }
  if (!textSeen)
    return fields.error(ErrorCode::Unsupported, "\"single\" does not have the text (\"A\")");
  out.before.insert(out.before.begin(), mine.before.begin(), mine.before.end());
  out.behind.insert(out.behind.end(), mine.behind.begin(), mine.behind.end());
  if (out.before.size() + out.behind.size() > kMaxTokens)
    return fields.error(ErrorCode::LimitExceeded,
                        fmt::format("a template of more than {} tokens", kMaxTokens));
  return {};
}

Result<void> collect(const nlohmann::json& json, const std::string& path, Template& out) {
  const std::string type = SY_TRY(typeOf(json, path));
  if (type == "Sequence") {
    const Fields fields = SY_TRY(Fields::of(json, path, {"type", "processors"}));
    const nlohmann::json& steps = *SY_TRY(fields.array("processors"));
    for (std::size_t i = 0; i < steps.size(); ++i)
      SY_TRY(collect(steps[i], fmt::format("{}.processors[{}]", path, i), out));
    return {};
  }
  if (type == "TemplateProcessing")
    return wrap(json, path, out);
  if (type == "ByteLevel") {
    SY_TRY(Fields::of(json, path, {"type", "add_prefix_space", "trim_offsets", "use_regex"}));
    return {};
  }
  return fail(ErrorCode::Unsupported,
              fmt::format("{}: post-processor \"{}\" is not supported", path, type));
}

} // namespace

Result<Template> parseTemplate(const nlohmann::json& json) {
  Template out;
  if (!json.is_null())
    SY_TRY(collect(json, "post_processor", out));
  return out;
}

} // namespace switchyard::tokenizer
