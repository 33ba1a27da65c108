#include <optional>

#include "core/plugin/sdk.hpp"
#include "plugins/rerouting/rerouter.h"

namespace {

using namespace switchyard;
using sdk::Failure;

plugins::ReroutingOptions optionsOf(const sdk::Options& options) {
  plugins::ReroutingOptions o;
  o.optimizer = options.string("optimizer") == "sgd" ? plugins::OffsetOptimizer::Sgd
                                                     : plugins::OffsetOptimizer::Adam;
  o.steps = static_cast<int>(options.integer("steps"));
  o.rate = options.number("rate");
  o.beta1 = options.number("beta1");
  o.beta2 = options.number("beta2");
  o.layers = options.string("layers") == "soft" ? plugins::LayerSelection::Soft
                                                : plugins::LayerSelection::Hard;
  o.fraction = options.number("fraction");
  o.direction = options.string("direction") == "most-confident"
                    ? plugins::LayerDirection::MostConfident
                    : plugins::LayerDirection::LeastConfident;
  if (options.has("clamp"))
    o.clamp = options.number("clamp");
  return o;
}

/// Continuous rerouting: offsets on the router logits, fitted to the text so far by gradient steps
/// on its own loss, at the prompt's end and again every `interval` tokens. Only tokens that were
/// already there when they are fitted have a say, and each text begins with zeros.
class Rerouting final : public sdk::Decoder {
public:
  explicit Rerouting(const sdk::Options& options)
      : m_options(optionsOf(options)), m_interval(options.integer("interval")),
        m_recompute(options.string("cache") == "recompute") {}

  std::vector<std::string> figures(std::span<const sy_layer* const> layers) override {
    std::vector<std::string> names = {"context_tokens", "loss_before", "loss_after",
                                      "flips_per_token", "moved_layers"};
    for (const sy_layer* layer : layers)
      m_normNames.push_back("offset_norm_layer_" + std::to_string(layer->layer));
    names.insert(names.end(), m_normNames.begin(), m_normNames.end());
    return names;
  }

  void begin(const sdk::Session& session, std::span<const std::int32_t> prompt) override {
    if (!session.hasGradients())
      throw Failure(SY_UNSUPPORTED,
                    "rerouting needs gradients of the model's own routing; leave the recipe out");
    m_text.assign(prompt.begin(), prompt.end());
    m_promptLength = prompt.size();
    m_logits.resize(static_cast<std::size_t>(session.vocabulary()));
    m_rerouter.emplace(m_options, static_cast<std::size_t>(session.moeLayers()),
                       static_cast<std::size_t>(session.experts()),
                       static_cast<std::size_t>(session.k()));
  }

  sdk::Decoded next(const sdk::Session& session, std::int32_t last) override {
    if (m_started)
      m_text.push_back(last);
    m_started = true;
    sdk::Decoded decoded;
    std::span<const std::int32_t> run(&last, 1);
    if (isDue()) {
      record(adapt(session), decoded);
      if (m_recompute) { // what was run with other offsets is run again
        session.rewind(0, 0);
        run = m_text;
      }
    }
    session.step({0, run, 0, m_rerouter->offsets(), m_logits});
    decoded.token = session.sample(m_logits);
    return decoded;
  }

private:
  bool isDue() const {
    const std::size_t made = m_text.size() - m_promptLength;
    if (m_text.size() < 2) // a single token has no loss
      return false;
    return made == 0 || (m_interval > 0 && made % static_cast<std::size_t>(m_interval) == 0);
  }

  plugins::ReroutingReport adapt(const sdk::Session& session) {
    return m_rerouter->adapt(
        m_text.size() - 1, [&](std::span<const float> offsets, std::span<float> gradient,
                               std::span<double> surprise, std::span<std::int32_t> ids) {
          host().checkCancelled();
          return session.routerGradient(m_text, 0, offsets, gradient, {surprise, ids});
        });
  }

  void record(const plugins::ReroutingReport& report, sdk::Decoded& decoded) const {
    double moved = 0;
    for (const plugins::ReroutedLayer& layer : report.layers)
      moved += layer.factor > 0 ? 1 : 0;
    decoded.record = {{"context_tokens", static_cast<double>(m_text.size())},
                      {"loss_before", report.lossBefore()},
                      {"loss_after", report.lossAfter()},
                      {"flips_per_token", report.flipsPerToken},
                      {"moved_layers", moved}};
    for (std::size_t l = 0; l < m_normNames.size(); ++l)
      decoded.record.emplace_back(m_normNames[l], report.layers[l].norm);
  }

  plugins::ReroutingOptions m_options;
  std::int64_t m_interval;
  bool m_recompute;
  std::vector<std::string> m_normNames;

  std::optional<plugins::Rerouter> m_rerouter;
  bool m_started = false;
  std::vector<std::int32_t> m_text; ///< prompt, then what was emitted
  std::size_t m_promptLength = 0;
  std::vector<float> m_logits;
};

} // namespace

SY_PLUGIN("org.switchyard.rerouting", "1.0.0", Rerouting);
