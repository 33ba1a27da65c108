#include "app/jobs/generate.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "core/hooks/gathered_pass.h"
#include "core/tokenizer/stream_decoder.h"

namespace switchyard::jobs {

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Processor time of this thread so far.
double cpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
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
  case StopReason::Decoder:
    return "decoder";
  case StopReason::Cancelled:
    return "cancelled";
  }
  return "max-tokens";
}

base::Result<GenerateResult> generate(const GenerateWith& with,
                                      std::span<const base::TokenId> prompt,
                                      const GenerateOptions& options,
                                      const std::function<void(std::string_view)>& onText,
                                      const base::RunControl& control) {
  GenerateResult result;
  const auto start = Clock::now();
  session::Sampler sampler(options.sampler, options.stream);
  const auto promptLength = static_cast<std::int64_t>(prompt.size());
  const auto forced = static_cast<std::int64_t>(options.forced.size());
  model::KvCache past;
  if (with.state) {
    past = std::exchange(*with.state, {});
    // The token before the last forced one is run again: the draw behind it needs its scores.
    past.truncate(
        std::min(past.length(), promptLength - 1 + std::max<std::int64_t>(0, forced - 1)));
  }
  const std::int64_t known =
      std::clamp<std::int64_t>(past.length() - (promptLength - 1), 0, options.maxTokens);
  hooks::GatheredPass gathered(with.observers, with.model->layerFacts().back().layer);
  hooks::Observer* const observers[] = {&gathered};
  const auto host = SY_TRY(session::ModelDecodeHost::create(
      with.model, with.threads,
      {.choose = [&](auto scores, auto text) -> base::Result<base::TokenId> {
         base::TokenId token = SY_TRY(sampler.sample(scores, text));
         if (result.tokens.size() < options.forced.size())
           token = options.forced[result.tokens.size()];
         if (with.watcher)
           with.watcher->onScores(scores, token);
         return token;
       },
       .compile = with.compile,
       .policy = with.policy,
       .seed = options.sampler.seed,
       .observers = with.observers.empty() ? with.observers : observers,
       .reserve = promptLength + options.maxTokens,
       .past = std::move(past),
       .keepsLogits = with.distributions != nullptr,
       .keepsRecords = with.keepsRecords}));
  const bool decodes = options.maxTokens > 0;
  SY_TRY(host->start(prompt, control, !decodes));
  if (decodes) {
    SY_TRY(with.decoder.figures(with.model->layerFacts()));
    SY_TRY(with.decoder.begin(*host, prompt));
  }
  result.promptSeconds = secondsSince(start);

  const auto decodeStart = Clock::now();
  const double cpuStart = cpuSeconds();
  std::unique_ptr<tokenizer::StreamDecoder> texts;
  if (with.tokenizer)
    texts = std::make_unique<tokenizer::StreamDecoder>(*with.tokenizer, true);
  StopFilter filter(options.stop);
  const auto show = [&](const std::string& text) {
    result.text += text;
    if (onText && !text.empty())
      onText(text);
  };
  const auto& config = with.model->config();
  for (std::int64_t made = 0; made < known; ++made) {
    const base::TokenId token = options.forced[static_cast<std::size_t>(made)];
    sampler.skip();
    host->emit(token);
    result.tokens.push_back(token);
    result.records.emplace_back();
    if (texts)
      show(filter.add(texts->add(token)));
  }
  for (std::int64_t made = known; made < options.maxTokens; ++made) {
    if (control.stop.stop_requested()) {
      result.reason = StopReason::Cancelled;
      break;
    }
    if (static_cast<std::int64_t>(host->text().size()) >= config.maxPositions) {
      result.reason = StopReason::ContextFull;
      break;
    }
    host->takeLogits(); // what follows belongs to this token
    auto next = with.decoder.next(*host, host->text().back());
    if (!next && next.error().code == base::ErrorCode::Cancelled) {
      result.reason = StopReason::Cancelled;
      break;
    }
    if (!next)
      return tl::unexpected<base::Error>(std::move(next).error());
    if (next->stop) {
      result.reason = StopReason::Decoder;
      break;
    }
    if (host->samples() == 0 &&
        options.sampler != session::SamplerOptions{.seed = options.sampler.seed})
      return base::fail(base::ErrorCode::InvalidArgument,
                        fmt::format("decoder {} chooses tokens without a sampler; leave out "
                                    "temperature, top-k, top-p, min-p and repetition penalty",
                                    with.decoder.id()));
    if (made < static_cast<std::int64_t>(options.forced.size()) &&
        next->token != options.forced[static_cast<std::size_t>(made)])
      return base::fail(base::ErrorCode::InvalidArgument,
                        fmt::format("decoder {} chooses tokens by itself; a text cannot go on "
                                    "differently with it",
                                    with.decoder.id()));
    host->emit(next->token);
    result.tokens.push_back(next->token);
    result.records.push_back(std::move(next->record));
    if (with.distributions) {
      const auto logits = host->takeLogits();
      SY_TRY(with.distributions(logits.text, logits.other));
    }
    if (with.watcher && !with.watcher->onToken(next->token, result.records.back())) {
      result.reason = StopReason::Cancelled;
      break;
    }
    if (options.stopAtEos &&
        std::ranges::find(config.eosTokens, next->token.value) != config.eosTokens.end()) {
      result.reason = StopReason::Eos;
      break;
    }
    if (texts) {
      show(filter.add(texts->add(next->token)));
      if (filter.found()) {
        result.reason = StopReason::StopText;
        break;
      }
    }
  }
  SY_TRY(host->finish());
  if (with.state)
    *with.state = host->takeCache();
  if (texts && !filter.found()) {
    show(filter.add(texts->finish()));
    show(filter.flush());
  }
  result.decodeSeconds = secondsSince(decodeStart);
  result.decodeCpuSeconds = cpuSeconds() - cpuStart;
  return result;
}

} // namespace switchyard::jobs
