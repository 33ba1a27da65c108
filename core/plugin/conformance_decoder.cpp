#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/base/rng.h"
#include "core/plugin/adapters.h"
#include "core/plugin/conformance_suites.h"

namespace switchyard::plugin {

namespace {

constexpr int kVocabulary = 64;
constexpr std::size_t kMaxBranches = 64;

/// A made-up model: logits are pseudo-random in all tokens of a branch.
class MadeUpHost final : public session::DecodeHost {
public:
  explicit MadeUpHost(bool keepsRecords) : m_keepsRecords(keepsRecords) {}
  int vocabulary() const override { return kVocabulary; }
  int moeLayers() const override { return 2; }
  int experts() const override { return 8; }
  int k() const override { return 2; }
  base::Result<session::RecipeId> compileRecipe(std::string_view) override { return 1; }

  base::Result<session::BranchId> open() override { return add({}); }
  base::Result<session::BranchId> fork(session::BranchId from) override {
    SY_TRY(length(from));
    const session::BranchId copy = SY_TRY(add(m_branches[from]));
    m_recipes[copy] = m_recipes[from];
    return copy;
  }
  base::Result<void> close(session::BranchId branch) override {
    if (branch == 0 || m_branches.erase(branch) == 0)
      return base::fail(base::ErrorCode::NotFound, fmt::format("no branch {} to close", branch));
    return {};
  }
  base::Result<std::int64_t> length(session::BranchId branch) const override {
    const auto found = m_branches.find(branch);
    if (found == m_branches.end())
      return base::fail(base::ErrorCode::NotFound, fmt::format("there is no branch {}", branch));
    return static_cast<std::int64_t>(found->second.size());
  }
  base::Result<void> step(std::span<const session::BranchStep> steps) override {
    for (const session::BranchStep& step : steps)
      SY_TRY(length(step.branch));
    for (const session::BranchStep& step : steps) {
      for (const base::TokenId token : step.tokens)
        m_branches[step.branch].push_back(token.value);
      m_recipes[step.branch] = step.recipe;
      fill(step.branch, step.logits);
    }
    return {};
  }
  base::Result<void> tokenLogits(session::BranchId branch, std::span<const base::TokenId> tokens,
                                 std::span<float> out) override {
    if (SY_TRY(length(branch)) == 0)
      return base::fail(base::ErrorCode::InvalidArgument, "the branch has run no token");
    std::array<float, kVocabulary> logits;
    fill(branch, logits);
    for (std::size_t i = 0; i < tokens.size(); ++i)
      out[i] = logits[static_cast<std::size_t>(tokens[i].value)];
    return {};
  }
  bool keepsRecords() const override { return m_keepsRecords; }
  base::Result<void> rewind(session::BranchId branch, std::int64_t length) override {
    if (length < 0 || length > SY_TRY(this->length(branch)))
      return base::fail(base::ErrorCode::InvalidArgument,
                        fmt::format("branch {} cannot be rewound to {}", branch, length));
    m_branches[branch].resize(static_cast<std::size_t>(length));
    return {};
  }
  base::Result<base::TokenId> sample(std::span<const float> scores) override {
    const auto best = std::ranges::max_element(scores);
    if (std::ranges::any_of(scores, [](float score) { return std::isnan(score); }) ||
        !std::isfinite(*best))
      return base::fail(base::ErrorCode::NonFinite, "the decoder's scores are not numbers");
    return base::TokenId(static_cast<std::int32_t>(best - scores.begin()));
  }
  bool hasGradients() const override { return true; }
  base::Result<double> routerGradient(const session::GradientCall& call) override {
    base::Rng rng(call.tokens.size());
    for (float& value : call.gradient)
      value = static_cast<float>(0.01 * rng.nextNormal());
    for (double& value : call.routing.surprise)
      value = 1.0 + rng.nextDouble();
    for (std::size_t i = 0; i < call.routing.ids.size(); ++i)
      call.routing.ids[i] = static_cast<std::int32_t>(i) % experts();
    return 2.5;
  }

  std::size_t branches() const { return m_branches.size(); }
  void start(std::span<const base::TokenId> tokens) {
    m_branches = {{0, {}}};
    for (const base::TokenId token : tokens)
      m_branches[0].push_back(token.value);
  }

private:
  base::Result<session::BranchId> add(std::vector<std::int32_t> tokens) {
    if (m_branches.size() >= kMaxBranches)
      return base::fail(base::ErrorCode::LimitExceeded, "too many branches are open");
    m_branches[++m_last] = std::move(tokens);
    return m_last;
  }

  /// Next-token logits after what the branch has run.
  void fill(session::BranchId branch, std::span<float> logits) {
    std::uint64_t seed = static_cast<std::uint64_t>(m_recipes[branch]);
    for (const std::int32_t token : m_branches[branch])
      seed = seed * 6364136223846793005u + static_cast<std::uint64_t>(token) + 1;
    base::Rng rng(seed);
    for (float& logit : logits)
      logit = static_cast<float>(3.0 * rng.nextNormal());
  }

  bool m_keepsRecords;
  std::map<session::BranchId, std::vector<std::int32_t>> m_branches;
  std::map<session::BranchId, session::RecipeId> m_recipes; ///< of the last step
  session::BranchId m_last = 0;
};

using Records = std::vector<std::vector<std::pair<std::string, double>>>;

struct Decoded {
  std::vector<std::int32_t> tokens;
  Records records; ///< of each token
  std::size_t branches = 0;
};

base::Result<Decoded> decode(const std::shared_ptr<const LoadedPlugin>& plugin,
                             const OptionValues& options, const HostContext& context,
                             std::size_t promptLength, int count, bool keepsRecords = true) {
  auto decoder = SY_TRY(makeDecoder(plugin, options, context));
  std::vector<base::TokenId> prompt;
  for (std::size_t i = 0; i < promptLength; ++i)
    prompt.emplace_back(static_cast<std::int32_t>(7 * i % kVocabulary));
  MadeUpHost host(keepsRecords);
  host.start(std::span(prompt).first(prompt.size() - 1));
  const routing::GateConfig gate{.experts = host.experts(), .k = host.k()};
  std::vector<routing::LayerFacts> layers;
  for (int l = 0; l < host.moeLayers(); ++l)
    layers.push_back({base::LayerId(l), l, host.moeLayers(), host.experts(), host.k(), &gate, {}});
  SY_TRY(decoder->figures(layers)); // from here on a figure that was not declared is an error
  SY_TRY(decoder->begin(host, prompt));
  Decoded out;
  base::TokenId last = prompt.back();
  for (int i = 0; i < count; ++i) {
    const session::DecodedToken token = SY_TRY(decoder->next(host, last));
    if (token.stop)
      break;
    last = token.token;
    out.tokens.push_back(last.value);
    out.records.push_back(token.record);
  }
  out.branches = host.branches();
  return out;
}

} // namespace

void checkDecoder(const std::shared_ptr<const LoadedPlugin>& plugin, const OptionValues& options,
                  const HostContext& context, const RunCheck& run) {
  constexpr int kCount = 2 * static_cast<int>(kMaxBranches);
  const auto reference = decode(plugin, options, context, 9, kCount);
  run("decoder: decodes, and closes the branches it opens",
      [&]() -> Outcome { return reference ? passed() : failed(reference.error().describe()); });
  if (!reference)
    return;
  run("decoder: determinism", [&]() -> Outcome {
    const auto again = decode(plugin, options, context, 9, kCount);
    if (!again)
      return failed(again.error().describe());
    if (again->tokens != reference->tokens)
      return failed("the same prompt gave two different texts");
    return again->records == reference->records
               ? passed()
               : failed("the same prompt gave two different records");
  });
  run("decoder: the same text where nobody keeps its records", [&]() -> Outcome {
    const auto without = decode(plugin, options, context, 9, kCount, false);
    if (!without)
      return failed(without.error().describe());
    return without->tokens == reference->tokens ? passed()
                                                : failed("the text depends on who keeps records");
  });
  run("decoder: a prompt of one token", [&]() -> Outcome {
    const auto one = decode(plugin, options, context, 1, 4);
    return one ? passed() : failed(one.error().describe());
  });
}

} // namespace switchyard::plugin
