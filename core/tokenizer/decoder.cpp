#include "core/tokenizer/decoder.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/tokenizer/decoder_steps.h"
#include "core/tokenizer/fields.h"
#include "core/tokenizer/metaspace.h"
#include "core/tokenizer/utf8.h"

namespace switchyard::tokenizer {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {
constexpr std::size_t kMaxSteps = 64;
constexpr std::size_t kMaxContent = 1024;
constexpr std::size_t kMaxStrip = 1024;
} // namespace

Decoder::Run::Run(const Decoder& decoder, std::string& out) {
  m_sinks.push_back(appendTo(out));
  for (auto step = decoder.m_steps.rbegin(); step != decoder.m_steps.rend(); ++step)
    m_sinks.push_back((*step)(*m_sinks.back()));
  m_first = m_sinks.back().get();
}

void Decoder::add(MakeSink make, bool needsWholeTokens, bool fuses) {
  if (m_fused && needsWholeTokens) {
    m_steps.push_back(gather);
    m_fused = false;
  }
  m_steps.push_back(std::move(make));
  m_fused = m_fused || fuses;
}

Result<void> Decoder::collect(const nlohmann::json& json, const std::string& path) {
  const std::string type = SY_TRY(typeOf(json, path));
  if (m_steps.size() >= kMaxSteps)
    return fail(ErrorCode::LimitExceeded, fmt::format("{}: more than {} steps", path, kMaxSteps));
  if (type == "Sequence") {
    const Fields fields = SY_TRY(Fields::of(json, path, {"type", "decoders"}));
    const nlohmann::json& steps = *SY_TRY(fields.array("decoders"));
    for (std::size_t i = 0; i < steps.size(); ++i)
      SY_TRY(collect(steps[i], fmt::format("{}.decoders[{}]", path, i)));
  } else if (type == "ByteLevel") {
    SY_TRY(Fields::of(json, path, {"type", "add_prefix_space", "trim_offsets", "use_regex"}));
    add(tokenizer::byteLevel, true, true);
    m_byteLevel = true;
  } else if (type == "ByteFallback") {
    SY_TRY(Fields::of(json, path, {"type"}));
    add(byteFallback, true, false);
  } else if (type == "Fuse") {
    SY_TRY(Fields::of(json, path, {"type"}));
    m_fused = true;
  } else if (type == "Replace") {
    const Fields fields = SY_TRY(Fields::of(json, path, {"type", "pattern", "content"}));
    const nlohmann::json* pattern = fields.find("pattern");
    if (pattern && pattern->is_object() && pattern->contains("Regex"))
      return fields.error(ErrorCode::Unsupported,
                          "a regular expression in a decoder is not supported");
    const Fields inner = SY_TRY(fields.object("pattern", {"String"}));
    const std::string text = SY_TRY(inner.text("String"));
    const std::string content = SY_TRY(fields.text("content"));
    if (text.empty())
      return inner.error(ErrorCode::InvalidFormat, "the pattern is empty");
    if (content.size() > kMaxContent)
      return fields.error(ErrorCode::LimitExceeded,
                          fmt::format("\"content\" has more than {} bytes", kMaxContent));
    if (content == " " && codePointAt(text, 0).bytes == text.size())
      m_spaceReplacements.push_back(codePointAt(text, 0).value);
    add([text, content](TokenSink& next) { return replace(next, text, content); }, true, false);
  } else if (type == "Strip") {
    const Fields fields = SY_TRY(Fields::of(json, path, {"type", "content", "start", "stop"}));
    const char32_t content = SY_TRY(fields.character("content"));
    const std::size_t start = SY_TRY(fields.count("start", kMaxStrip));
    const std::size_t stop = SY_TRY(fields.count("stop", kMaxStrip));
    if (m_fused && stop == 0)
      add([=](TokenSink& next) { return stripFusedStart(next, content, start); }, false, false);
    else
      add([=](TokenSink& next) { return strip(next, content, start, stop); }, true, false);
  } else if (type == "Metaspace") {
    const Metaspace options = SY_TRY(parseMetaspace(json, path));
    m_spaceReplacements.push_back(options.replacement);
    add([=](TokenSink& next) { return metaspace(next, options); }, true, false);
  } else {
    return fail(ErrorCode::Unsupported,
                fmt::format("{}: decoder \"{}\" is not supported", path, type));
  }
  return {};
}

Result<Decoder> Decoder::parse(const nlohmann::json& json) {
  Decoder decoder;
  if (json.is_null())
    decoder.add(joinWithSpaces, true, false);
  else
    SY_TRY(decoder.collect(json, "decoder"));
  return decoder;
}

} // namespace switchyard::tokenizer
