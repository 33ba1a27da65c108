#include <optional>

#include "core/plugin/sdk.hpp"
#include "plugins/self_contrast/contrast.h"
#include "plugins/self_contrast/weak_recipe.h"

namespace {

using namespace switchyard;
using sdk::Failure;

/// Self-contrast (SCMoE): a strong pass with the run's routing and a weak one with worse routing,
/// run as two rows of one batch; what the strong pass likes and the weak one does not is preferred.
class SelfContrast final : public sdk::Decoder {
public:
  explicit SelfContrast(const sdk::Options& options)
      : m_alpha(options.number("alpha")), m_beta(options.number("beta")),
        m_recipe(options.has("recipe") ? options.string("recipe") : std::string()),
        m_top(static_cast<std::size_t>(options.integer("top"))) {
    const std::string weak = options.string("weak");
    if ((weak == "recipe") != !m_recipe.empty())
      throw Failure("option 'recipe' is for weak=recipe, and that needs it");
    m_mode = weak == "top"      ? plugins::WeakMode::Top
             : weak == "random" ? plugins::WeakMode::Random
                                : plugins::WeakMode::Rank;
    m_r = options.has("r") ? options.integer("r") : m_mode == plugins::WeakMode::Rank ? 2 : 1;
    if (const std::string renorm = options.string("renorm"); renorm != "model")
      m_renorm = renorm == "yes";
    for (std::size_t i = 1; i <= m_top; ++i)
      for (const char* pass : {"strong", "weak"})
        for (const char* what : {"_token_", "_logprob_"})
          m_topNames.push_back(pass + (what + std::to_string(i)));
  }

  std::vector<std::string> figures(std::span<const sy_layer* const> layers) override {
    if (!layers.empty() && layers.front()->gate != nullptr)
      m_gateRenormalises = layers.front()->gate->renorm != SY_RENORM_NONE ||
                           layers.front()->gate->score == SY_SCORE_SOFTMAX_SELECTED;
    std::vector<std::string> names = {"kl",         "entropy_strong", "entropy_weak",
                                      "candidates", "changed",        "score"};
    names.insert(names.end(), m_topNames.begin(), m_topNames.end());
    return names;
  }

  void begin(const sdk::Session& session, std::span<const std::int32_t> prompt) override {
    if (m_recipe.empty() && m_mode == plugins::WeakMode::Top && m_r >= session.k())
      throw Failure(SY_UNSUPPORTED, "the model takes " + std::to_string(session.k()) +
                                        " experts a token, so its top " + std::to_string(m_r) +
                                        " give no weaker pass; use a smaller r, or weak=rank");
    m_weakRouting = session.compileRecipe(
        m_recipe.empty() ? plugins::weakRecipe(m_mode, m_r, m_renorm, m_gateRenormalises)
                         : m_recipe);
    m_weak = session.open();
    const auto vocabulary = static_cast<std::size_t>(session.vocabulary());
    m_strongLogits.resize(vocabulary);
    m_weakLogits.resize(vocabulary);
    m_scores.resize(vocabulary);
    if (prompt.size() > 1)
      session.step({m_weak, prompt.first(prompt.size() - 1), m_weakRouting, {}, {}});
  }

  sdk::Decoded next(const sdk::Session& session, std::int32_t last) override {
    // A cut of no logit at all keeps every token: nothing is saved.
    if (!session.keepsRecords() && session.hasTokenLogits() && m_alpha > 0)
      return {nextToken(session, last)};
    const sdk::BranchStep steps[] = {{0, {&last, 1}, 0, {}, m_strongLogits},
                                     {m_weak, {&last, 1}, m_weakRouting, {}, m_weakLogits}};
    session.step(steps);
    plugins::largest(m_strongLogits, std::max<std::size_t>(1, m_top), m_bestStrong);
    plugins::largest(m_weakLogits, std::max<std::size_t>(1, m_top), m_bestWeak);
    const plugins::Contrast both =
        plugins::contrast(m_strongLogits, m_weakLogits, m_alpha, m_beta,
                          m_strongLogits[static_cast<std::size_t>(m_bestStrong.front())],
                          m_weakLogits[static_cast<std::size_t>(m_bestWeak.front())], m_scores);
    sdk::Decoded decoded{session.sample(m_scores)};
    decoded.record.reserve(6 + m_topNames.size());
    const auto add = [&](const char* name, double value) {
      decoded.record.emplace_back(name, value);
    };
    add("kl", both.kl);
    add("entropy_strong", both.entropyStrong);
    add("entropy_weak", both.entropyWeak);
    add("candidates", both.candidates);
    add("changed", decoded.token == m_bestStrong.front() ? 0.0 : 1.0);
    add("score", m_scores[static_cast<std::size_t>(decoded.token)]);
    for (std::size_t i = 0; i < std::min(m_top, m_bestStrong.size()); ++i) {
      addTop(i, 0, m_bestStrong[i], m_strongLogits, both.logTotalStrong, decoded);
      addTop(i, 2, m_bestWeak[i], m_weakLogits, both.logTotalWeak, decoded);
    }
    return decoded;
  }

private:
  /// The same choice without what is recorded: the weak pass's LM head is run for plausible tokens.
  std::int32_t nextToken(const sdk::Session& session, std::int32_t last) {
    const sdk::BranchStep steps[] = {{0, {&last, 1}, 0, {}, m_strongLogits},
                                     {m_weak, {&last, 1}, m_weakRouting, {}, {}}};
    session.step(steps);
    plugins::largest(m_strongLogits, 1, m_bestStrong);
    plugins::plausible(m_strongLogits, m_alpha,
                       m_strongLogits[static_cast<std::size_t>(m_bestStrong.front())], m_plausible);
    m_plausibleWeak.resize(m_plausible.size());
    session.tokenLogits(m_weak, m_plausible, m_plausibleWeak);
    plugins::contrastPlausible(m_strongLogits, m_plausible, m_plausibleWeak, m_beta, m_scores);
    return session.sample(m_scores);
  }

  /// Token and log probability of the i-th best candidate; `first`: 0 strong, 2 weak.
  void addTop(std::size_t i, std::size_t first, std::int32_t token, std::span<const float> logits,
              double logTotal, sdk::Decoded& decoded) const {
    const std::size_t name = 4 * i + first;
    decoded.record.emplace_back(m_topNames[name], token);
    decoded.record.emplace_back(m_topNames[name + 1],
                                logits[static_cast<std::size_t>(token)] - logTotal);
  }

  double m_alpha, m_beta;
  std::string m_recipe; ///< of the weak pass, where the user gave one
  std::size_t m_top;
  plugins::WeakMode m_mode = plugins::WeakMode::Rank;
  std::int64_t m_r = 2;
  std::optional<bool> m_renorm; ///< unset: as the checkpoint does
  bool m_gateRenormalises = true;
  std::vector<std::string> m_topNames; ///< strong token, its log p, weak token, its log p; per rank

  int m_weak = 0; ///< branch
  int m_weakRouting = 0;
  std::vector<float> m_strongLogits, m_weakLogits, m_scores;
  std::vector<std::int32_t> m_bestStrong, m_bestWeak;
  std::vector<std::int32_t> m_plausible;
  std::vector<float> m_plausibleWeak; ///< weak logits of these
};

} // namespace

SY_PLUGIN("org.switchyard.self-contrast", "1.0.0", SelfContrast);
