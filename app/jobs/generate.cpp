#include "app/jobs/generate.h"

#include <algorithm>
#include <chrono>
#include <memory>

#include "core/tokenizer/stream_decoder.h"

namespace switchyard::jobs {

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Holds text back as long as it could turn out to be the beginning of a stop text.
class StopFilter {
public:
  explicit StopFilter(const std::vector<std::string>& stops) : m_stops(stops) {}

  /// Appends text; returns what may be shown now. found() tells if a stop text was completed.
  std::string add(std::string_view text) {
    m_pending += text;
    for (const std::string& stop : m_stops) {
      const std::size_t at = m_pending.find(stop);
      if (!stop.empty() && at != std::string::npos) {
        m_found = true;
        m_pending.resize(at);
      }
    }
    if (m_found)
      return flush();
    std::size_t hold = 0;
    for (const std::string& stop : m_stops)
      for (std::size_t length = std::min(stop.size(), m_pending.size()); length > hold; --length)
        if (m_pending.ends_with(std::string_view(stop).substr(0, length)))
          hold = length;
    std::string shown = m_pending.substr(0, m_pending.size() - hold);
    m_pending.erase(0, shown.size());
    return shown;
  }
  std::string flush() { return std::exchange(m_pending, {}); }
  bool found() const { return m_found; }

private:
  const std::vector<std::string>& m_stops;
  std::string m_pending;
  bool m_found = false;
};

} // namespace

std::string_view name(StopReason reason) {
  switch (reason) {
  case StopReason::MaxTokens:
    return "max-tokens";
  case StopReason::Eos:
    return "eos";
  case StopReason::StopText:
    return "stop-text";
  case StopReason::ContextFull:
    return "context-full";
  case StopReason::Cancelled:
    return "cancelled";
  }
  return "max-tokens";
}

base::Result<GenerateResult> generate(session::Session& session,
                                      const tokenizer::Tokenizer* tokenizer,
                                      std::span<const base::TokenId> prompt,
                                      const GenerateOptions& options,
                                      std::span<hooks::Observer* const> observers,
                                      const std::function<void(std::string_view)>& onText,
                                      const base::RunControl& control) {
  GenerateResult result;
  const auto start = Clock::now();
  std::span<const float> logits = SY_TRY(session.extend(prompt, observers, control));
  result.promptSeconds = secondsSince(start);

  const auto decodeStart = Clock::now();
  session::Sampler sampler(options.sampler, options.stream);
  std::vector<base::TokenId> seen(prompt.begin(), prompt.end());
  seen.reserve(prompt.size() + static_cast<std::size_t>(options.maxTokens));
  std::unique_ptr<tokenizer::StreamDecoder> decoder;
  if (tokenizer)
    decoder = std::make_unique<tokenizer::StreamDecoder>(*tokenizer, true);
  StopFilter filter(options.stop);
  const auto show = [&](const std::string& text) {
    result.text += text;
    if (onText && !text.empty())
      onText(text);
  };
  const auto& config = session.model().config();
  for (std::int64_t made = 0; made < options.maxTokens; ++made) {
    if (control.stop.stop_requested()) {
      result.reason = StopReason::Cancelled;
      break;
    }
    if (session.length() >= config.maxPositions) {
      result.reason = StopReason::ContextFull;
      break;
    }
    const base::TokenId next = SY_TRY(sampler.sample(logits, seen));
    seen.push_back(next);
    result.tokens.push_back(next);
    // Without the stop token: the token that was drawn is always run and recorded.
    logits = SY_TRY(session.extend({&next, 1}, observers));
    if (options.stopAtEos && std::ranges::find(config.eosTokens, next.value) !=
                                 config.eosTokens.end()) {
      result.reason = StopReason::Eos;
      break;
    }
    if (decoder) {
      show(filter.add(decoder->add(next)));
      if (filter.found()) {
        result.reason = StopReason::StopText;
        break;
      }
    }
  }
  if (decoder && !filter.found()) {
    show(filter.add(decoder->finish()));
    show(filter.flush());
  }
  result.decodeSeconds = secondsSince(decodeStart);
  return result;
}

} // namespace switchyard::jobs
