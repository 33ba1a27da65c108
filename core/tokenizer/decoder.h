#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/base/error.h"

namespace switchyard::tokenizer {

/// Takes the tokens of one decoding run, in order. Behind a step that fuses its tokens into one,
/// token() gets the next part of the only token instead.
class TokenSink {
public:
  virtual ~TokenSink() = default;
  virtual void token(std::string_view text) = 0; ///< well-formed UTF-8
  virtual void finish() = 0;
};

/// The "decoder" of a tokenizer file: how token texts become text. Every step streams, so that the
/// text of a growing sequence is the text of the whole one, cut. Immutable and thread-safe.
class Decoder {
public:
  /// ByteLevel, Replace, ByteFallback, Fuse, Strip, Metaspace, Sequence; null joins tokens with
  /// spaces. Errors: Unsupported for other types and options, InvalidFormat, LimitExceeded.
  static base::Result<Decoder> parse(const nlohmann::json& json);

  /// Starts a run whose text is appended to `out`, which must outlive it, like this decoder.
  class Run {
  public:
    Run(const Decoder& decoder, std::string& out);
    void token(std::string_view text) { m_first->token(text); }
    void finish() { m_first->finish(); }

  private:
    std::vector<std::unique_ptr<TokenSink>> m_sinks;
    TokenSink* m_first;
  };

  bool byteLevel() const { return m_byteLevel; }
  /// Characters that are written as a space.
  const std::u32string& spaceReplacements() const { return m_spaceReplacements; }

private:
  using MakeSink = std::function<std::unique_ptr<TokenSink>(TokenSink& next)>;
  base::Result<void> collect(const nlohmann::json& json, const std::string& path);
  void add(MakeSink make, bool needsWholeTokens, bool fuses);

  std::vector<MakeSink> m_steps;
  bool m_fused = false; // while parsing: what the steps so far give is one token, in parts
  bool m_byteLevel = false;
  std::u32string m_spaceReplacements;
};

} // namespace switchyard::tokenizer
