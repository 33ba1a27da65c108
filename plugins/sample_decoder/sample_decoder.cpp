#include "core/plugin/sdk.hpp"

#include <algorithm>
#include <cmath>

namespace {

using namespace switchyard::sdk;

/// Log probability of one token, and the largest one, from logits.
double logProbability(std::span<const float> logits, std::int32_t token) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float logit : logits)
    sum += std::exp(static_cast<double>(logit) - largest);
  return static_cast<double>(logits[static_cast<std::size_t>(token)]) - largest - std::log(sum);
}

std::int32_t argmax(std::span<const float> logits) {
  return static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

/// Looks one token further before it chooses: the likeliest candidates run on forks of the session
/// as one batch, and each has the log probability of its best continuation as its score. Greedily
/// sampled, the one whose continuation is likeliest wins (ties: the lower id).
class LookAhead final : public Decoder {
public:
  explicit LookAhead(const Options& options)
      : m_candidates(static_cast<std::size_t>(options.integer("candidates"))) {}

  std::vector<std::string> figures(std::span<const sy_layer* const>) override {
    return {"score", "rank"};
  }

  void begin(const Session& session, std::span<const std::int32_t>) override {
    m_logits.resize(static_cast<std::size_t>(session.vocabulary()));
    m_scores.resize(m_logits.size());
  }

  Decoded next(const Session& session, std::int32_t last) override {
    session.step({0, {&last, 1}, 0, {}, m_logits});
    const std::vector<std::int32_t> tokens = likeliest();
    std::vector<std::vector<float>> after(tokens.size(), std::vector<float>(m_logits.size()));
    std::vector<BranchStep> steps;
    for (std::size_t i = 0; i < tokens.size(); ++i)
      steps.push_back({session.fork(0), {&tokens[i], 1}, 0, {}, after[i]});
    session.step(steps);
    std::fill(m_scores.begin(), m_scores.end(), -INFINITY);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      session.close(steps[i].branch);
      m_scores[static_cast<std::size_t>(tokens[i])] = static_cast<float>(
          logProbability(m_logits, tokens[i]) + logProbability(after[i], argmax(after[i])));
    }
    const std::int32_t token = session.sample(m_scores);
    const auto rank = std::find(tokens.begin(), tokens.end(), token) - tokens.begin();
    return {token,
            false,
            {{"score", m_scores[static_cast<std::size_t>(token)]},
             {"rank", static_cast<double>(rank)}}};
  }

private:
  std::vector<std::int32_t> likeliest() const {
    std::vector<std::int32_t> order(m_logits.size());
    for (std::size_t i = 0; i < order.size(); ++i)
      order[i] = static_cast<std::int32_t>(i);
    const std::size_t count = std::min(m_candidates, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count),
                      order.end(), [&](std::int32_t a, std::int32_t b) {
                        const float x = m_logits[static_cast<std::size_t>(a)];
                        const float y = m_logits[static_cast<std::size_t>(b)];
                        return x > y || (x == y && a < b);
                      });
    order.resize(count);
    return order;
  }

  std::size_t m_candidates;
  std::vector<float> m_logits, m_scores;
};

} // namespace

SY_PLUGIN("org.switchyard.sample-decoder", "1.0.0", LookAhead);
