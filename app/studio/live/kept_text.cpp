#include "app/studio/live/kept_text.h"

#include <nlohmann/json.hpp>

#include "app/jobs/text.h"
#include "app/studio/live/sampler_json.h"
#include "core/base/file.h"
#include "core/base/json.h"

namespace switchyard::studio {

namespace {

using nlohmann::json;

constexpr int kVersion = 1;
constexpr std::uint64_t kMaxBytes = 64u << 20;

/// Takes the first line off the front of `text`; nothing if no line is whole.
std::optional<std::string_view> takeLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos)
    return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

base::Result<LiveRequest> parseHead(const json& head, const base::Where& where) {
  LiveRequest request;
  bool whole = false;
  try {
    if (head.at("switchyard_text").get<int>() != kVersion)
      return base::fail(base::ErrorCode::Unsupported,
                        "another version of Switchyard Studio kept this text", where);
    request.folder = head.at("model").get<std::string>();
    request.prompt = head.at("prompt").get<std::string>();
    request.generate.maxTokens = head.at("max_tokens").get<std::int64_t>();
    request.generate.stopAtEos = head.at("stop_at_eos").get<bool>();
    request.generate.stop = head.at("stop").get<std::vector<std::string>>();
    whole = readSampler(head, request.generate.sampler);
    request.decoder.name = head.at("decoder").get<std::string>();
    request.decoder.options = head.at("decoder_options").get<plugin::OptionArguments>();
    if (const std::string recipe = head.at("recipe").get<std::string>(); !recipe.empty())
      request.recipe =
          std::make_shared<const routing::Recipe>(SY_TRY(routing::parseRecipe(recipe, where)));
  } catch (const json::exception&) {
    whole = false;
  }
  if (!whole)
    return base::fail(base::ErrorCode::InvalidFormat, "this is no kept text", where);
  return request;
}

} // namespace

std::string keptHead(const LiveRequest& request) {
  json head = toJson(request.generate.sampler);
  head.update({{"switchyard_text", kVersion},
               {"model", request.folder.string()},
               {"prompt", request.prompt},
               {"max_tokens", request.generate.maxTokens},
               {"stop_at_eos", request.generate.stopAtEos},
               {"stop", request.generate.stop},
               {"decoder", request.decoder.name},
               {"decoder_options", request.decoder.options},
               {"recipe", request.recipe ? routing::toJson(*request.recipe) : std::string()}});
  return head.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string keptLine(std::span<const base::TokenId> tokens) {
  json ids = json::array();
  for (const base::TokenId token : tokens)
    ids.push_back(token.value);
  return ids.dump() + "\n";
}

base::Result<LiveRequest> readKeptText(const QString& path) {
  const base::Where where{.file = path.toStdString(), .tensor = {}, .layer = {}, .token = {}};
  const std::string content = SY_TRY(base::readTextFile(path.toStdString(), kMaxBytes));
  std::string_view text = content;
  const auto first = takeLine(text);
  if (!first)
    return base::fail(base::ErrorCode::InvalidFormat, "this is no kept text", where);
  const base::JsonLimits limits{kMaxBytes, 8};
  LiveRequest request = SY_TRY(parseHead(SY_TRY(base::parseJson(*first, limits, where)), where));
  while (const auto line = takeLine(text)) {
    const json ids = SY_TRY(base::parseJson(*line, limits, where));
    if (!ids.is_array())
      return base::fail(base::ErrorCode::InvalidFormat, "a line of this kept text holds no tokens",
                        where);
    for (const json& id : ids) {
      if (!id.is_number_integer())
        return base::fail(base::ErrorCode::InvalidFormat, "a token of this kept text is no number",
                          where);
      request.generate.forced.emplace_back(id.get<std::int32_t>());
    }
  }
  return request;
}

base::Result<QString> wordsOf(const LiveRequest& request) {
  const tokenizer::Tokenizer tokenizer = SY_TRY(jobs::loadTokenizer(request.folder));
  return QString::fromStdString(tokenizer.decode(request.generate.forced, true));
}

} // namespace switchyard::studio
